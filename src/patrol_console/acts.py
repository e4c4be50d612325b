"""Operators' acts on their way into the tamper-evident log: kept on the disk until logged."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from patrol_console.station import Robot
from patrol_core.kept_lines import KeptLines
from patrol_core.topics import LOGGED_ACTS, OPERATOR_ACTS
from patrol_core.types.audit import LoggedAct, OperatorAct
from patrol_core.unstored import REPEAT_S

AT_ONCE = 20
_ACT = TypeAdapter(OperatorAct)
_log = logging.getLogger(__name__)


class ActOutbox:
    """Says each act to the records of its robot until they have logged it.

    An act is in the file, synced, before it is said: a thread of its own writes, so that no one
    waits for the disk. A file that cannot be written is said; the act is then in memory alone.
    """

    def __init__(self, path: Path, robot: Robot, new_id: Callable[[], str]) -> None:
        self._lines, self._robot, self._new_id = KeptLines(path), robot, new_id
        self._waiting: queue.SimpleQueue[OperatorAct | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unlogged = {act.act_id: act for act in self._kept()}
        self._said_s: dict[str, float] = {}
        self._end = robot.listen(LOGGED_ACTS, self._logged)
        self._thread = threading.Thread(target=self._write, name="acts", daemon=True)
        self._thread.start()

    def __call__(self, who: str, role: str, kind: str, subject: str, details: str = "") -> None:
        """Add an act. Never blocks; may be called in any thread."""
        stamp_s = self._robot.now_s() + self._robot.epoch_s
        self._waiting.put(OperatorAct(stamp_s, self._new_id(), who, role, kind, subject, details))

    def say(self, now_s: float) -> None:
        """Say what is not logged yet, each every `REPEAT_S`; to be called about twice a second."""
        with self._lock:
            unlogged = list(self._unlogged.values())
        due = [a for a in unlogged if now_s - self._said_s.get(a.act_id, -REPEAT_S) >= REPEAT_S]
        for act in due[:AT_ONCE]:
            self._said_s[act.act_id] = now_s
            self._robot.say(OPERATOR_ACTS, act)

    def close(self) -> None:
        """Write what waits."""
        self._end()
        self._waiting.put(None)
        self._thread.join(5.0)

    def _logged(self, logged: LoggedAct) -> None:
        with self._lock:
            self._unlogged.pop(logged.act_id, None)
        self._said_s.pop(logged.act_id, None)

    def _write(self) -> None:
        while (act := self._waiting.get()) is not None:
            try:
                with self._lock:
                    is_over = self._lines.is_long and not self._unlogged
                if is_over:
                    self._lines.begin_anew([])
                self._lines.append([asdict(act)])
            except OSError as error:
                _log.error("operators' acts cannot be kept in %s: %s", self._lines.path, error)
            with self._lock:
                self._unlogged[act.act_id] = act

    def _kept(self) -> list[OperatorAct]:
        """What an earlier process may not have got logged; said again, records log each once."""
        try:
            values = self._lines.read()
        except OSError as error:
            _log.error("operators' acts in %s cannot be read: %s", self._lines.path, error)
            return []
        return [act for value in values if (act := _act(value)) is not None]


def _act(value: Any) -> OperatorAct | None:
    """None for what is no act."""
    try:
        return _ACT.validate_python(value)
    except ValidationError:
        return None
