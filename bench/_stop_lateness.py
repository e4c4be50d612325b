"""How late the machine itself was: who has a part in a trial, and waited for a processor."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

NANO = 1e-9


class Waits:
    """Counts from its making on. Of processes that are gone, or on a system that does not tell
    (`/proc/PID/task/TID/schedstat`, proc(5)), nothing is known, and nothing is counted."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = tuple(pids)
        self._before = self._waited_s()

    def worst_s(self) -> float:
        """How long the thread that waited longest has waited since."""
        now = self._waited_s()
        return max((waited - self._before.get(at, 0.0) for at, waited in now.items()), default=0.0)

    def _waited_s(self) -> dict[Path, float]:
        """Of every thread: how long it was ready to run and did not, in all."""
        found = {}
        for pid in self._pids:
            for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                try:
                    found[file] = NANO * int(file.read_text().split()[1])
                except (OSError, IndexError):
                    continue  # it has ended
        return found
