"""Lines of JSON that outlive a crash, for what is said again until somebody has taken it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from patrol_core.whole_file import write_whole

LONG_BYTES = 65536


class KeptLines:
    """A file of JSON values, one a line. What `append` has returned for is on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_long = False
        """Whether it is worth beginning anew."""

    def read(self) -> list[Any]:
        """The values that are there; none where there is no file. Lines that a crash or a bad disk
        has damaged are left out. Raises OSError.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        found = []
        for line in data.splitlines():
            try:
                found.append(json.loads(line))
            except (ValueError, RecursionError):
                continue
        return found

    def append(self, values: Iterable[Any]) -> None:
        """A line begins with an end of line: what a full disk cut short stays a line by itself.

        Raises OSError.
        """
        with self.path.open("ab") as file:
            file.write("\n".join(["", *map(json.dumps, values), ""]).encode())
            file.flush()
            os.fsync(file.fileno())
            self.is_long = file.tell() > LONG_BYTES

    def begin_anew(self, values: Iterable[Any]) -> None:
        """These values alone, or the file as it was. Raises OSError."""
        write_whole(self.path, "".join(f"{json.dumps(value)}\n" for value in values).encode())
        self.is_long = False
