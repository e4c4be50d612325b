"""Keyboard, operator and robot, joined: one thread, until everything is given back."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from patrol_core.errors import RondaError
from patrol_core.topics import (
    CMD_VEL_TELEOP,
    ESTOP,
    GATE_RESET,
    GATE_STATUS,
    ODOM,
    TELEOP_LEASE,
    Topic,
)
from ronda_cli.teleop.view import status_line

if TYPE_CHECKING:
    from ronda_cli.live.watcher import RobotWatcher
    from ronda_cli.teleop.keyboard import Keyboard
    from ronda_cli.teleop.keys import Key
    from ronda_cli.teleop.operator import Operator, Said

SPIN_S = 0.02
SHOW_EVERY_S = 0.1
FLUSH_S = 0.2
"""For so long the graph is given time to take the last words."""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Lesson(Protocol):
    """What is taught while driving; it has keys, and the terminal, of its own."""

    def press(self, key: Key, now_s: float) -> bool:
        """A key that teaches; whether the lesson is done."""

    def show(self, operator: Operator, now_s: float) -> None:
        """Show how things are."""


class TeleopRun:
    """`run` blocks until the operator leaves, the terminal is gone, or a signal comes."""

    def __init__(
        self,
        watcher: RobotWatcher,
        operator: Operator,
        keyboard: Keyboard,
        lesson: Lesson | None = None,
    ) -> None:
        self._lesson = lesson
        self._watcher = watcher
        self._operator = operator
        self._keyboard = keyboard
        rows: tuple[Topic[Any], ...] = (TELEOP_LEASE, CMD_VEL_TELEOP, ESTOP, GATE_RESET)
        self._puts = [watcher.publisher(row) for row in rows]
        watcher.on(ODOM, lambda o: operator.hear_odometry(o.stamp_s, time.monotonic()))
        watcher.on(GATE_STATUS, lambda status: operator.hear_gate(status, time.monotonic()))
        self._signal = 0
        self._shown_s = 0.0

    def run(self) -> int:
        """The number of the signal that ended it; 0: none. Raises RondaError when the terminal is
        gone; all is given back in any case."""
        handlers = {number: signal.signal(number, self._on_signal) for number in ENDING}
        try:
            with self._keyboard:
                while not self._operator.done:
                    self._turn()
                self._watcher.spin(FLUSH_S)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        if self._keyboard.is_gone and not self._signal:
            raise RondaError("the terminal is gone: the robot was given back")
        return self._signal

    def _turn(self) -> None:
        self._watcher.spin(SPIN_S)
        now_s = time.monotonic()
        for key in self._keyboard.pressed():
            if self._lesson is None or not key.teaches:
                self._operator.press(key, now_s)
            elif self._lesson.press(key, now_s):
                self._operator.leave(now_s)
        if self._keyboard.is_gone or self._signal:
            self._operator.leave(now_s)
        self._say(self._operator.step(now_s))
        if now_s - self._shown_s > SHOW_EVERY_S:
            self._shown_s = now_s
            if self._lesson is None:
                self._keyboard.show(status_line(self._operator, now_s, self._keyboard.width))
            else:
                self._lesson.show(self._operator, now_s)

    def _say(self, said: Said) -> None:
        values = (said.lease, said.command, said.estop, said.reset)
        for put, value in zip(self._puts, values, strict=True):
            if value is not None:
                put(value)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._signal = number
