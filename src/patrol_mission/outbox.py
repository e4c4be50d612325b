"""Events of patrols that are said again until they are stored, over a restart of either side.

What is added is in a file, synced, before it is said. Records store an event once, however often
it is said (`patrol_events`), and tell so (`stored_events`): at least once on the way, once in the
records.
"""

from __future__ import annotations

import logging
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from patrol_core.component import Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.kept_lines import KeptLines
from patrol_core.topics import PATROL_EVENTS, STORED_EVENTS
from patrol_core.types.mission import PatrolEvent
from patrol_core.unstored import REPEAT_S

AT_ONCE = 10
"""Events said at one step: a reader's queue holds more."""
_NUMBERS = 2**32 - 1
_log = logging.getLogger(__name__)


def tell(event: PatrolEvent, outputs: Outputs, outbox: EventOutbox | None) -> None:
    """Say an event until it is stored; without an outbox, once."""
    if outbox is None:
        outputs.put(PATROL_EVENTS, event)
    else:
        outbox.add(event)


class EventOutbox:
    """Numbers events and keeps them until they are stored: one for a whole process.

    Its owner reads STORED_EVENTS, writes PATROL_EVENTS, and calls `step` last at each tick; other
    components of the process only `add`.

    A file that cannot be written (`problem`) does not stop a patrol: what is unstored is then in
    memory alone, and the file is tried again at every step.
    """

    def __init__(self, path: Path) -> None:
        self._lines = KeptLines(path)
        self._next = 1
        self._unstored: dict[int, PatrolEvent] = {}
        self._said_s: dict[int, float] = {}
        self._unwritten: list[PatrolEvent] = []
        self.problem = ""

    def setup(self) -> None:
        """Take up what an earlier process left; a file that cannot be read is left where it is,
        and told."""
        try:
            documents = self._lines.read()
        except OSError as error:
            _log.warning("events that were not stored are lost: %s", error)
            return
        for document in documents:
            try:
                event = _event_of(document)
            except (ValueError, TypeError, KeyError, OverflowError):
                continue
            self._next = max(self._next, event.number + 1)
            if event.kind:
                self._unstored[event.number] = event
        if self._lines.path.exists():
            self._write(anew=True)

    @property
    def unstored(self) -> int:
        """How many events are not known to be stored."""
        return len(self._unstored)

    def add(self, event: PatrolEvent) -> None:
        """To be kept, and said from this step on. Raises ValueError for an event without kind."""
        if not event.kind:
            raise ValueError("an event says what happened")
        numbered = replace(event, number=self._next)
        self._next += 1
        self._unstored[numbered.number] = numbered
        self._unwritten.append(numbered)

    def step(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Forget what is stored, write down what is new, say what has not been said of late."""
        for stored in inputs.events(STORED_EVENTS):
            kept = self._unstored.get(stored.number)
            if kept is not None and kept.patrol_id == stored.patrol_id:
                del self._unstored[stored.number]
                self._said_s.pop(stored.number, None)
        self._write()
        due = [n for n in self._unstored if self._is_due(n, now_s)]
        for number in due[:AT_ONCE]:
            self._said_s[number] = now_s
            outputs.put(PATROL_EVENTS, self._unstored[number])

    def _is_due(self, number: int, now_s: float) -> bool:
        """A clock that was set back does not silence anything."""
        said_s = self._said_s.get(number)
        return said_s is None or not 0.0 <= now_s - said_s < REPEAT_S

    def _write(self, *, anew: bool = False) -> None:
        try:
            if self._unwritten:
                self._lines.append(map(asdict, self._unwritten))
                self._unwritten = []
            if anew or (self._lines.is_long and not self._unstored):
                last = PatrolEvent(0.0, "", "", "", "", Pose2(0.0, 0.0), self._next - 1)
                self._lines.begin_anew(map(asdict, (last, *self._unstored.values())))
            self.problem = ""
        except OSError as error:
            self.problem = f"cannot write {self._lines.path.name}: {error.strerror}"


def _event_of(document: Any) -> PatrolEvent:
    """Raises one of the errors that `setup` expects where a line is no event."""
    pose = Pose2(*(float(document["pose"][name]) for name in ("x_m", "y_m", "yaw_rad")))
    words = {name: str(document[name]) for name in ("patrol_id", "kind", "subject", "message")}
    number, stamp_s = int(document["number"]), float(document["stamp_s"])
    if not (0 <= number < _NUMBERS and math.isfinite(stamp_s)):
        raise ValueError("no number of an event, or no time")
    return PatrolEvent(stamp_s, **words, pose=pose, number=number)
