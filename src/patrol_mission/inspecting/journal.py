"""What has to be known after a restart: that an inspection was under way."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

from patrol_core.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An inspection that was under way when the process ended."""

    goal_id: str
    subject: str
    views_done: int


class Journal:
    """A small file that is there while an inspection is. A full disk keeps nobody from inspecting:
    then a restart has nothing to tell.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, unfinished: Unfinished) -> None:
        """Waits for the disk."""
        told = {
            "goal_id": unfinished.goal_id, "subject": unfinished.subject,
            "views_done": unfinished.views_done,
        }  # fmt: skip
        with contextlib.suppress(OSError):
            write_whole(self._path, json.dumps(told).encode())

    def clear(self) -> None:
        """Nothing is under way."""
        with contextlib.suppress(OSError):
            self._path.unlink()

    def read(self) -> Unfinished | None:
        """What was under way; a file that is no journal counts as one of something unknown."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        try:
            told = json.loads(data)
            return Unfinished(str(told["goal_id"]), str(told["subject"]), int(told["views_done"]))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return Unfinished("", "something", 0)
