"""Site models and observations as files.

A model is one JSON document, `site_model-0007.json`; a new version is a new file beside the old
ones, which stay. Observations are JSON lines, an hour a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patrol_core.errors import ConfigError, Place
from patrol_core.types.perception import FindingKind
from patrol_core.whole_file import write_whole
from patrol_perception.site_model import model
from patrol_perception.site_model.model import SiteModel
from patrol_perception.site_model.observations import HOURS, Observations, Sighting

OBSERVATIONS = "site_observations.jsonl"
"""In a run's folder."""
_FORMAT = 1
_NAME = re.compile(r"site_model-(\d{4,})\.json")


def newest_model(folder: Path, version: int = 0) -> SiteModel:
    """The newest model in a folder, or that of a version; the empty one where there is none.

    Raises ConfigError when a file is no model, or the version is not there.
    """
    path = newest_file(folder, version)
    return SiteModel() if path is None else load_model(path)


def newest_file(folder: Path, version: int = 0) -> Path | None:
    """The file of that model; None where there is none. Raises ConfigError for a lost version."""
    found = {}
    for path in folder.glob("site_model-*.json"):
        match = _NAME.fullmatch(path.name)
        if match is not None:
            found[int(match[1])] = path
    if version and version not in found:
        raise ConfigError(
            f"there is no site model of version {version}", place=Place(folder),
            expected=f"one of {', '.join(map(str, sorted(found))) or 'none'}",
            remedy="name one of them, or 0 for the newest",
        )  # fmt: skip
    return found[version or max(found)] if found else None


def load_model(path: Path) -> SiteModel:
    """Read a model. Raises ConfigError with file, line where known, and what was expected."""
    document = _parsed(_text(path), path, 1)
    try:
        if document["format"] != _FORMAT:
            raise _wrong(path, None, f"format {document['format']!r}", f"format {_FORMAT}")
        return SiteModel(
            int(document["version"]),
            frozenset(map(str, document["learnt"])),
            tuple(
                model.Place(_sighting(place["thing"]), _hours(place["seen"]))
                for place in document["places"]
            ),
            {(int(x), int(y)): _hours(hours) for x, y, hours in document["looks"]},
        )
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise _wrong(path, None, f"no site model: {error!r}", "what save_model writes") from error


def save_model(model_: SiteModel, folder: Path) -> Path:
    """Write a model beside its older versions; the file. Raises ConfigError if it is there."""
    path = folder / f"site_model-{model_.version:04d}.json"
    document = {
        "format": _FORMAT,
        "version": model_.version,
        "learnt": sorted(model_.learnt),
        "places": [{"thing": _plain(p.thing), "seen": _short(p.seen)} for p in model_.places],
        "looks": [[x, y, _short(hours)] for (x, y), hours in sorted(model_.looks.items())],
    }
    lines = ",\n".join(f"{json.dumps(k)}: {_listed(v)}" for k, v in document.items())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise _wrong(
                path, None, "this version is there already", "a new version", "learn anew"
            )
        write_whole(path, f"{{\n{lines}\n}}\n".encode())
    except OSError as error:
        raise _wrong(
            path, None, f"cannot write: {error.strerror}", "a folder that can be written to"
        ) from error
    return path


def read_observations(path: Path) -> list[Observations]:
    """The hours of a run. A last line that was cut off is left out.

    Raises ConfigError with file and line.
    """
    found = []
    for number, line in enumerate(_text(path).split("\n")[:-1], 1):
        document = _parsed(line, path, number)
        try:
            hour = int(document["hour"])
            if not 0 <= hour < HOURS:
                raise ValueError(f"hour {hour}")
            things = tuple(_sighting(thing) for thing in document["sightings"])
            watched = frozenset((int(x), int(y)) for x, y in document["watched"])
            found.append(Observations(str(document["name"]), hour, things, watched))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            expected = "an hour as perception writes it"
            raise _wrong(path, number, f"no observations: {error!r}", expected) from error
    return found


def append_observations(path: Path, hour: Observations) -> None:
    """Add an hour to a run's file."""
    document = {
        "name": hour.name,
        "hour": hour.hour,
        "sightings": [_plain(thing) for thing in hour.sightings],
        "watched": sorted(hour.watched),
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(document) + "\n")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, None, f"cannot read it: {error}", "a text file") from error


def _parsed(text: str, path: Path, line: int) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        at = line + error.lineno - 1 if isinstance(error, json.JSONDecodeError) else line
        raise _wrong(path, at, "not valid JSON", "a JSON document") from error


def _wrong(
    path: Path, line: int | None, problem: str, expected: str, remedy: str = ""
) -> ConfigError:
    remedy = remedy or "take an older version, or learn it anew from the runs"
    return ConfigError(problem, place=Place(path, line), expected=expected, remedy=remedy)


def _plain(thing: Sighting) -> dict[str, Any]:
    return {
        "kind": thing.kind.value,
        "x_m": round(thing.x_m, 3),
        "y_m": round(thing.y_m, 3),
        "length_m": round(thing.length_m, 3),
        "width_m": round(thing.width_m, 3),
    }


def _sighting(fields: Mapping[str, Any]) -> Sighting:
    numbers = [float(fields[name]) for name in ("x_m", "y_m", "length_m", "width_m")]
    if not all(abs(number) < 1e6 for number in numbers):
        raise ValueError(f"numbers {numbers}")
    return Sighting(FindingKind(fields["kind"]), *numbers)


def _short(hours: tuple[int, ...]) -> dict[str, int]:
    """Hours with a count."""
    return {str(hour): count for hour, count in enumerate(hours) if count}


def _hours(short: Mapping[str, Any]) -> tuple[int, ...]:
    hours = [0] * HOURS
    for hour, count in short.items():
        if not 0 <= int(hour) < HOURS or int(count) < 0:
            raise ValueError(f"hour {hour}: {count}")
        hours[int(hour)] = int(count)
    return tuple(hours)


def _listed(value: Any) -> str:
    """JSON with an entry a line, so that two versions can be compared."""
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    return "[\n" + ",\n".join(f" {json.dumps(entry)}" for entry in value) + "\n]"
