"""A drive on disk while it is driven: one line an entry, complete after any interruption."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import Pose2
from ronda_cli.teaching.lesson import Act, Entry

_VERSION = 1


class Journal:
    """Appends entries; each is with the system when `add` returns, marks are on the disk.

    Raises ConfigError where the file cannot be written.
    """

    def __init__(self, path: Path, *, site: str) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not path.is_file() or not path.stat().st_size
            self._file = path.open("ab", buffering=0)
            if is_new:
                self._write({"version": _VERSION, "site": site})
            elif not path.read_bytes().endswith(b"\n"):
                self._file.write(b"\n")
        except OSError as error:
            raise _unwritable(path, error) from error

    def add(self, entry: Entry) -> None:
        pose = entry.pose
        numbers = [round(pose.x_m, 3), round(pose.y_m, 3), round(pose.yaw_rad, 4)]
        try:
            self._write({"act": entry.act.value, "pose": numbers})
            if entry.act is not Act.DRIVE:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        self._file.close()

    def _write(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")


def read_journal(path: Path, *, site: str) -> list[Entry]:
    """The entries of a journal; none without a file. A line that was cut off is passed over.

    Raises ConfigError for a journal of another site, or what is none.
    """
    if not path.is_file():
        return []
    lines = path.read_bytes().splitlines()
    head = _parsed(lines[0]) if lines else None
    if lines and (not isinstance(head, dict) or head.get("version") != _VERSION):
        raise ConfigError(
            "this is no journal of a drive", place=Place(path, 1),
            expected=f"a first line with version {_VERSION}", remedy="move the file away",
        )  # fmt: skip
    if isinstance(head, dict) and head.get("site") != site:
        raise ConfigError(
            f"this journal is of the site '{head.get('site')}'", place=Place(path, 1),
            expected=f"the site '{site}'", remedy="move the file away, or teach that site",
        )  # fmt: skip
    entries = (_entry(_parsed(line)) for line in lines[1:])
    return [entry for entry in entries if entry is not None]


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _entry(line: object) -> Entry | None:
    if not isinstance(line, dict):
        return None
    acts = {act.value: act for act in Act}
    name, pose = line.get("act"), line.get("pose")
    if not isinstance(name, str) or name not in acts:
        return None
    if not isinstance(pose, list) or len(pose) != 3:
        return None
    if not all(type(part) in (int, float) and abs(part) < 1e6 for part in pose):
        return None
    x_m, y_m, yaw_rad = map(float, pose)
    if not all(map(math.isfinite, (x_m, y_m, yaw_rad))):
        return None
    return Entry(acts[name], Pose2(x_m, y_m, yaw_rad))


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"cannot write the journal of the drive: {error.strerror}", place=Place(path),
        remedy="free disk space, and check that the folder is writable",
    )  # fmt: skip
