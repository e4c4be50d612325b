"""One motor channel: duty, speed and buffered moves (manual, "Advanced Motor Control").

The manual gives the loop's constants, but not its law. Here the duty is
(setpoint + P error + I integral of the error + D change of the error a tick) / QPPS,
which needs nothing but QPPS ("the speed of the encoder when the motor is at 100% power") when the
motor has no load. A move that ends with an empty buffer leaves its speed in force: the maker's
examples stop with a further move of speed 0 and distance 0.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MAX_DUTY = 32767
MAX_BUFFERED = 64
"""Commands that wait for a channel at most (command 47)."""
BUFFER_DONE = 0x80


@dataclass(frozen=True, slots=True)
class VelocityPid:
    """Constants as in command 28: 65536 is 1.0; `qpps` is counts a second at full duty."""

    p: int = 0x00010000
    i: int = 0x00008000
    d: int = 0x00004000
    qpps: int = 44000


@dataclass(frozen=True, slots=True)
class Move:
    """A speed [counts/s] to go to and keep; `accel` [counts/s^2], None or 0: as fast as it can.

    `distance` [counts] is what it is in force for; None: until something else is sent.
    """

    speed: int
    accel: int | None = None
    distance: int | None = None


class Channel:
    """Turns commands into a duty, once a control tick."""

    def __init__(self) -> None:
        self.pid = VelocityPid()
        self._waiting: deque[Move] = deque()
        self._move: Move | None = None
        self._gone = 0
        self._is_moving_far = False
        self._duty_goal = 0.0
        self._duty_rate = 0.0
        self._setpoint = 0.0
        self._integral = 0.0
        self._last_error = 0.0
        self.duty = 0.0
        """What is on the bridge, -1 to 1."""

    def stop(self) -> None:
        """Brake and forget what was commanded."""
        self.drive_duty(0)
        self.duty = 0.0

    def drive_duty(self, duty: int, rate: int = 0) -> None:
        """Go to `duty` (32767 is full) by `rate` a second; 0: at once."""
        self._waiting.clear()
        self._move, self._is_moving_far = None, False
        self._duty_goal = min(max(duty / MAX_DUTY, -1.0), 1.0)
        self._duty_rate = rate / MAX_DUTY

    def drive_speed(self, move: Move, measured: int, at_once: bool = True) -> bool:
        """Start a move, or let it wait for those before it; False when the buffer is full."""
        if at_once or not self._is_moving_far:
            self._waiting.clear()
            self._begin(move, measured)
            return True
        if len(self._waiting) >= MAX_BUFFERED:
            return False
        self._waiting.append(move)
        return True

    @property
    def buffer_length(self) -> int:
        """Moves that wait; 0: the last one runs; 0x80: all are done (command 47)."""
        return len(self._waiting) if self._is_moving_far else BUFFER_DONE

    @property
    def is_commanded(self) -> bool:
        """Whether it is told to turn, now or by a move that waits."""
        moves = self._waiting if self._move is None else (self._move, *self._waiting)
        return self._duty_goal != 0.0 or any(move.speed != 0 for move in moves)

    def tick(self, measured: int, moved: int, dt_s: float) -> None:
        """One control tick: `measured` [counts/s], `moved` [counts] since the last one."""
        if self._move is None:
            self.duty = self._ramp(self.duty, self._duty_goal, self._duty_rate, dt_s)
            return
        self._gone += moved
        self._next_moves(measured)
        self._setpoint = self._ramp(
            self._setpoint, float(self._move.speed), float(self._move.accel or 0), dt_s
        )
        self.duty = self._loop(self._setpoint - measured, dt_s)

    def _begin(self, move: Move, measured: int) -> None:
        if self._move is None:
            self._setpoint = float(measured)
            self._integral = self._last_error = 0.0
        self._move, self._gone = move, 0
        self._is_moving_far = move.distance is not None

    def _next_moves(self, measured: int) -> None:
        while self._move is not None and self._is_moving_far:
            if abs(self._gone) < (self._move.distance or 0):
                return
            if self._waiting:
                self._begin(self._waiting.popleft(), measured)
            else:
                self._is_moving_far = False

    def _loop(self, error: float, dt_s: float) -> float:
        pid = self.pid
        if pid.qpps == 0:
            return 0.0
        integral = self._integral + error * dt_s
        change = error - self._last_error
        self._last_error = error
        feedback = (pid.p * error + pid.i * integral + pid.d * change) / 65536.0
        duty = (self._setpoint + feedback) / pid.qpps
        if abs(duty) < 1.0:
            self._integral = integral
        return min(max(duty, -1.0), 1.0)

    @staticmethod
    def _ramp(value: float, goal: float, rate: float, dt_s: float) -> float:
        if rate <= 0.0:
            return goal
        step = rate * dt_s
        return min(max(goal, value - step), value + step)
