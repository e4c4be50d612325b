"""The recordings of a run: files in `flight/`, each with a small one beside it.

The small one says what it is; it is made again from the recording where it is missing.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from mcap.records import Message, Metadata
from pydantic import TypeAdapter, ValidationError

from patrol_core.whole_file import write_whole
from patrol_records.flight.head import HEAD, OCCASION, occasion_of
from patrol_records.flight.mending import BROKEN, mend, whole_records
from patrol_records.flight.occasions import Occasion
from patrol_records.flight.writing import PARTIAL

FLIGHT = "flight"
SUFFIX = ".mcap"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """One recording. Times are Unix times [s]. `lost`: messages for which the disk was too slow.
    `mended`: a crash cut it off."""

    recording_id: str
    from_s: float
    to_s: float
    size_bytes: int
    occasions: tuple[Occasion, ...]
    authority: str
    lost: int = 0
    mended: bool = False

    def is_of(self, incident_id: int) -> bool:
        return any(o.kind == "incident" and o.incident_id == incident_id for o in self.occasions)


_KEPT = TypeAdapter(Kept)


def recording_file(folder: Path, recording_id: str) -> Path:
    """Of one recording of a shelf. The id comes from `shelf`, never from outside."""
    return folder / f"{recording_id}{SUFFIX}"


def put(folder: Path, kept: Kept) -> None:
    """Say what a finished recording is. Raises OSError."""
    text = json.dumps(asdict(kept), indent=1)
    write_whole(folder / f"{kept.recording_id}.json", text.encode())


def shelf(folder: Path) -> list[Kept]:
    """All finished recordings, the oldest first. Raises OSError."""
    found = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        kept = _beside(file)
        if kept is not None:
            found.append(kept)
    return sorted(found, key=lambda kept: (kept.from_s, kept.recording_id))


def of_incident(folder: Path, incident_id: int) -> Kept | None:
    """The first recording that was made for an incident. Raises OSError."""
    return next((kept for kept in shelf(folder) if kept.is_of(incident_id)), None)


def settle(folder: Path) -> int:
    """Mend what a crash has left, and say what it is; how many there were. Raises OSError."""
    count = 0
    for leftover in folder.glob(f"*{SUFFIX}.mended"):
        leftover.unlink()
    for broken in sorted(folder.glob(f"*{SUFFIX}{PARTIAL}")):
        whole = broken.with_name(broken.name.removesuffix(PARTIAL))
        if mend(broken, whole):
            count += 1
    for file in folder.glob(f"*{SUFFIX}"):
        if _beside(file) is None:
            kept = described(file)
            if kept is not None:
                put(folder, kept)
    return count


def forget(folder: Path, before_s: float, max_bytes: int) -> int:
    """Remove recordings that ended before a Unix time, and the oldest of too many bytes; how many
    were removed. Raises OSError."""
    there = shelf(folder)
    total = sum(kept.size_bytes for kept in there)
    removed = 0
    for kept in there:
        if kept.to_s >= before_s and total <= max_bytes:
            continue
        total -= kept.size_bytes
        recording_file(folder, kept.recording_id).unlink(missing_ok=True)
        (folder / f"{kept.recording_id}.json").unlink(missing_ok=True)
        removed += 1
    return removed


def described(file: Path) -> Kept | None:
    """What a recording says of itself; None where it is none. Raises OSError."""
    head: dict[str, str] = {}
    occasions: list[Occasion] = []
    first, last = math.inf, -math.inf
    try:
        for record in whole_records(file):
            if isinstance(record, Metadata) and record.name == HEAD:
                head = record.metadata
            elif isinstance(record, Metadata) and record.name == OCCASION:
                occasions.append(occasion_of(record.metadata))
            elif isinstance(record, Message):
                first = min(first, record.log_time)
                last = max(last, record.log_time)
        epoch_s = float(head["epoch_s"])
    except BROKEN:
        return None
    if not math.isfinite(first):
        return None
    return Kept(
        file.name.removesuffix(SUFFIX), first * 1e-9 + epoch_s, last * 1e-9 + epoch_s,
        file.stat().st_size, tuple(occasions), head.get("authority", ""), mended=True,
    )  # fmt: skip


def _beside(file: Path) -> Kept | None:
    note = file.with_name(f"{file.name.removesuffix(SUFFIX)}.json")
    try:
        return _KEPT.validate_json(note.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        _log.warning("%s says nothing of its recording: %s", note.name, error.errors()[0]["msg"])
        return None
