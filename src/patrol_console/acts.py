"""Operators' acts on their way into the tamper-evident log: kept on the disk until logged."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from patrol_console.station import Robot
from patrol_core.topics import LOGGED_ACTS, OPERATOR_ACTS
from patrol_core.types.audit import LoggedAct, OperatorAct

REPEAT_S = 2.0
AT_ONCE = 20
KEPT_BYTES = 65536
_log = logging.getLogger(__name__)


class ActOutbox:
    """Says each act to the records of its robot until they have logged it.

    An act is in the file, synced, before it is said: a thread of its own writes, so that no one
    waits for the disk. A file that cannot be written is said; the act is then in memory alone.
    """

    def __init__(self, path: Path, robot: Robot, new_id: Callable[[], str]) -> None:
        self._path, self._robot, self._new_id = path, robot, new_id
        self._waiting: queue.SimpleQueue[OperatorAct | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unlogged = {act.act_id: act for act in _read(path)}
        self._said_s: dict[str, float] = {}
        self._end = robot.listen(LOGGED_ACTS, self._logged)
        self._thread = threading.Thread(target=self._write, name="acts", daemon=True)
        self._thread.start()

    @property
    def unlogged(self) -> int:
        """How many acts are not known to be logged."""
        return len(self._unlogged)

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
            acts = [act]
            while not self._waiting.empty() and (more := self._waiting.get()) is not None:
                acts.append(more)
            try:
                self._append(acts)
            except OSError as error:
                _log.error("operators' acts cannot be kept in %s: %s", self._path, error)
            with self._lock:
                self._unlogged |= {one.act_id: one for one in acts}

    def _append(self, acts: list[OperatorAct]) -> None:
        mode = "a"
        with self._lock:
            long = self._path.exists() and self._path.stat().st_size > KEPT_BYTES
            if long and not self._unlogged:
                mode = "w"
        with self._path.open(mode, encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(act)) + "\n" for act in acts)
            file.flush()
            os.fsync(file.fileno())


def _read(path: Path) -> list[OperatorAct]:
    """What an earlier process may not have got logged; said again, records log each once."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        _log.error("operators' acts in %s cannot be read: %s", path, error)
        return []
    return [act for line in lines if (act := _act(line)) is not None]


def _act(line: str) -> OperatorAct | None:
    """None for a line that was cut off by a crash."""
    try:
        value: Any = json.loads(line)
        return OperatorAct(**value)
    except (ValueError, TypeError):
        return None
