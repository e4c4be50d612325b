"""An incident as a signed package: its recording, record and photos, and what they are.

A ZIP file. `manifest.json` has the SHA-256 of every other file; `manifest.sig` is the Ed25519
signature (RFC 8032, 64 bytes) of the manifest's bytes after `CONTEXT`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from patrol_core.errors import Place
from patrol_records.entries import StoredIncident
from patrol_records.errors import StoreError, file_errors
from patrol_records.flight import shelf
from patrol_records.flight.reader import Recording
from patrol_records.flight.redacting import LeftOut, Names, Redaction
from patrol_records.queries_inbox import acts_of
from patrol_records.reader import RecordReader

FORMAT = "ronda incident package 1"
CONTEXT = b"ronda incident package 1\n"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
RECORD, RECORDING = "incident.json", "recording.mcap"
_TOLD_BY_PEOPLE = "told by a visitor; the words are not exported"
_PHOTO = re.compile(r"[A-Za-z0-9._-]{1,200}")


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be packed. `made_s`: Unix time now."""

    incident: StoredIncident
    run: str
    made_s: float
    with_places: bool = True


def pack(
    reader: RecordReader, request: Request, key: Ed25519PrivateKey, target: Path
) -> dict[str, Any]:
    """Write a package; its manifest. Without a recording of the incident it has none, and says so.

    Raises StoreError where something cannot be read or written; then there is no file.
    """
    names, left_out = Names(), []
    acts = acts_of(reader, request.incident.group_id)
    for who in (*(a.who for a in acts), *(v.who for v in request.incident.verdicts)):
        names.add(who)
    about: dict[str, Any] = {"from_s": None, "to_s": None}
    with TemporaryDirectory(dir=target.parent) as folder, file_errors(target, "write"):
        contents: dict[str, Path] = {}
        flight = reader.path / shelf.FLIGHT
        kept = shelf.of_incident(flight, request.incident.incident_id)
        if kept is None:
            left_out.append(LeftOut(RECORDING, "there is no recording of this incident", 1))
        else:
            source = shelf.recording_file(flight, kept.recording_id)
            with Recording(source) as recording:
                about = _about(kept, recording.head)
                for name, role in _people(recording.head).items():
                    names.add(name, role)
            contents[RECORDING] = Path(folder) / RECORDING
            redaction = Redaction(names, with_places=request.with_places)
            left_out += redaction.copy(source, contents[RECORDING])
        record = _record(request, acts, names)
        contents[RECORD] = Path(folder) / RECORD
        contents[RECORD].write_text(json.dumps(record, indent=1, allow_nan=False))
        for photo in filter(None, (request.incident.photo, request.incident.before)):
            file = reader.photos / photo
            if _PHOTO.fullmatch(photo) and file.is_file():
                contents[f"photos/{photo}"] = file
            else:
                left_out.append(LeftOut(photo, "retention has removed it", 1))
        manifest = _manifest(request, about, contents, [*left_out, *_always(request)], key)
        _write(target, contents, manifest, key)
    return manifest


def _about(kept: shelf.Kept, head: Mapping[str, str]) -> dict[str, Any]:
    taken = ("robot", "site", "site_version", "configuration", "software", "authority")
    return {"from_s": kept.from_s, "to_s": kept.to_s, "mended": kept.mended, "lost": kept.lost} | {
        name: head.get(name, "") for name in taken
    }


def _people(head: Mapping[str, str]) -> dict[str, str]:
    try:
        people = json.loads(head.get("people", "{}"))
    except ValueError:
        return {}
    return people if isinstance(people, dict) else {}


def _record(request: Request, acts: Any, names: Names) -> dict[str, Any]:
    """The incident's record: as `./ronda incidents show` tells it, without names."""
    incident = request.incident
    reason = _TOLD_BY_PEOPLE if incident.kind.from_people else names.hidden(incident.reason)
    record: dict[str, Any] = {
        "incident_id": incident.incident_id, "kind": incident.kind.value,
        "opened_s": incident.opened_s, "first_seen_s": incident.first_seen_s,
        "x_m": _number(incident.x_m), "y_m": _number(incident.y_m),
        "length_m": _number(incident.length_m), "width_m": _number(incident.width_m),
        "confidence": _number(incident.confidence), "reason": reason,
        "evidence": [{k: _number(v) if isinstance(v, float) else v for k, v in asdict(m).items()}
                     for m in incident.evidence],
        "configuration": incident.config_hash,
        "circumstances": asdict(incident.circumstances),
        "verdicts": [{"stamp_s": v.stamp_s, "who": names.hidden(v.who), "what": v.verdict.value,
                      "why": names.hidden(v.why)} for v in incident.verdicts],
        "acts": [{"stamp_s": a.stamp_s, "who": names.hidden(a.who), "what": a.act.value,
                  "why": names.hidden(a.why)} for a in acts],
    }  # fmt: skip
    if not request.with_places:
        record["x_m"] = record["y_m"] = None
        record["reason"] = record["reason"] and "left out, as it may tell places"
        record["circumstances"]["checkpoint_id"] = record["circumstances"]["route_id"] = ""
    return record


def _always(request: Request) -> list[LeftOut]:
    """What no package has, whatever is in the recording."""
    why = "it is never recorded"
    told = [
        LeftOut("pictures that are not blurred, depth and heat", why, 0),
        LeftOut("conversations with visitors", why, 0),
        LeftOut("what lies in privacy zones", why, 0),
    ]
    if request.incident.kind.from_people:
        told.append(LeftOut("the visitor's words", "visitors' words are not exported", 1))
    return told


def _manifest(
    request: Request, about: Mapping[str, Any], contents: Mapping[str, Path],
    left_out: list[LeftOut], key: Ed25519PrivateKey,
) -> dict[str, Any]:  # fmt: skip
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        "format": FORMAT,
        "run": request.run,
        "incident": request.incident.incident_id,
        "made_s": request.made_s,
        "coordinates": request.with_places,
        **about,
        "files": {name: _digest(file) for name, file in sorted(contents.items())},
        "left_out": [asdict(one) for one in left_out],
        "public_key": base64.b64encode(raw).decode(),
    }


def _digest(file: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(2**20):
            digest.update(piece)
    return {"sha256": digest.hexdigest(), "bytes": file.stat().st_size}


def _write(
    target: Path, contents: Mapping[str, Path], manifest: dict[str, Any], key: Ed25519PrivateKey
) -> None:
    text = json.dumps(manifest, indent=1, allow_nan=False).encode()
    partial = target.with_name(target.name + ".partial")
    try:
        with zipfile.ZipFile(partial, "x", zipfile.ZIP_STORED) as package:
            package.writestr(MANIFEST, text)
            package.writestr(SIGNATURE, key.sign(CONTEXT + text))
            for name, file in sorted(contents.items()):
                package.write(file, name)
        partial.replace(target)
    except FileExistsError as error:
        raise StoreError(
            "a package is being written there", place=Place(partial), remedy="remove it if not"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
