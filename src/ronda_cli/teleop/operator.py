"""What an operator's keys make of the rows: lease, dead-man, speeds, emergency stop.

The dead-man is the keyboard's repetition: a terminal tells when a key goes down and that it is
still down, but not when it is let go. So one stroke moves nothing; a key that is held moves the
robot from its first repetition on, and for `held_s` after its last.

Everything that is said carries the stamp of the newest odometry that has come, and is said once
for each: the gate then judges a command by the age of what the operator could see, there and back,
whatever the clocks of the two computers say. Without odometry, or without a word of the gate, for
`lost_s` the link is lost: zero is said, the lease is given back, and a key has to be pressed anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.params import param
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import EstopState, GateReset, GateStatus, TeleopLease
from ronda_cli.teleop.keys import Key

SOURCE = "teleop"
"""Name under which the space bar speaks to the gate, and holder of the lease."""

RELEASED_S = 0.3
"""For so long the dead-man is said to be released before the lease is given back."""
RESET_AFTER_S = 0.2
"""From the word that the emergency stop is let go to the reset, which would be refused before."""
ESTOP_EVERY_S = 0.1

WAYS = {
    Key.AHEAD: (1.0, 0.0),
    Key.BACK: (-1.0, 0.0),
    Key.LEFT: (0.0, 1.0),
    Key.RIGHT: (0.0, -1.0),
}
"""Shares of the speed ahead and of the rate of a turn to the left."""


@dataclass(frozen=True, slots=True)
class TeleopParams:
    """How the robot is driven by hand; the gate limits it further."""

    speed_mps: float = param(0.3, "Speed ahead and back [m/s]", 0.05, 1.5)
    yaw_rate_radps: float = param(0.5, "Rate of a turn on the spot [rad/s]", 0.05, 1.5)
    held_s: float = param(0.2, "Time after its last repetition when a key is let go", 0.05, 0.5)
    lost_s: float = param(0.5, "Silence of odometry or gate that is a lost link", 0.1, 2.0)


@dataclass(frozen=True, slots=True)
class Said:
    """What goes out now; None: nothing on that row."""

    lease: TeleopLease | None = None
    command: VelocityCommand | None = None
    estop: EstopState | None = None
    reset: GateReset | None = None


class Operator:
    """Keys and rows in, rows out. Times are of the terminal's own steady clock.

    `has_lease`: from the first key that drives on, until the link is lost or the end.
    `is_stopped`: the space bar was pressed. `done`: everything is given back.
    """

    def __init__(self, params: TeleopParams) -> None:
        self._params = params
        self.gate: GateStatus | None = None
        self.has_lease = False
        self.is_stopped = False
        self.done = False
        self._key: Key | None = None
        self._key_s = -math.inf
        self._is_repeated = False
        self._is_barred = False
        self._stamp_s = 0.0
        self._said_stamp_s = -math.inf
        self._odometry_s = self._gate_s = -math.inf
        self._leave_at_s = math.inf
        self._reset_at_s = math.inf
        self._estop_at_s = math.inf

    # What comes in

    def hear_odometry(self, stamp_s: float, now_s: float) -> None:
        """One that is older than the last means that the robot began anew."""
        if stamp_s < self._stamp_s:
            self._said_stamp_s = -math.inf
        self._stamp_s, self._odometry_s = stamp_s, now_s

    def hear_gate(self, status: GateStatus, now_s: float) -> None:
        self.gate, self._gate_s = status, now_s

    def press(self, key: Key, now_s: float) -> None:
        """A key went down, or is down still."""
        if key.drives:
            self._press_to_drive(key, now_s)
        elif key is Key.STOP:
            self.is_stopped, self._estop_at_s, self._reset_at_s = True, now_s, math.inf
            self._let_go()
        elif key is Key.RESET:
            self.is_stopped, self._estop_at_s = False, now_s
            self._reset_at_s = now_s + RESET_AFTER_S
            self._let_go()
        else:
            self.leave(now_s)

    def _press_to_drive(self, key: Key, now_s: float) -> None:
        is_down = key is self._key and now_s - self._key_s <= self._params.held_s
        self._key, self._key_s = key, now_s
        self._is_barred = self._is_barred and is_down
        self._is_repeated = is_down and not self._is_barred
        if not self._is_barred and not self.is_lost(now_s):
            self.has_lease = True

    def _let_go(self) -> None:
        """The key that is down counts as let go, until it really was."""
        self._is_repeated, self._is_barred = False, True

    def leave(self, now_s: float) -> None:
        """Give the robot back, and end."""
        self._leave_at_s = min(self._leave_at_s, now_s + RELEASED_S)

    # What is so

    def age_s(self, now_s: float) -> float:
        """Since when the robot has said nothing: of odometry and gate the one that is older."""
        return now_s - min(self._odometry_s, self._gate_s)

    def is_lost(self, now_s: float) -> bool:
        return self.age_s(now_s) > self._params.lost_s

    def held(self, now_s: float) -> Key | None:
        """The key that drives now."""
        is_down = self._is_repeated and now_s - self._key_s <= self._params.held_s
        may_drive = self.has_lease and not self.is_stopped and self._leave_at_s == math.inf
        return self._key if is_down and may_drive else None

    # What goes out

    def step(self, now_s: float) -> Said:
        """To be called some tens of times a second."""
        estop, reset = self._estop(now_s), self._reset(now_s)
        self.done = now_s >= self._leave_at_s
        if self.done and self.is_stopped:  # nobody could let go later; the gate stays latched
            estop = EstopState(self._stamp_s, SOURCE, pressed=False)
        if self.has_lease and (self.done or self.is_lost(now_s)):
            self.has_lease = False
            self._let_go()
            lease = TeleopLease(self._stamp_s, "", dead_man=False)
            return Said(lease, self._command(None), estop, reset)
        if not self.has_lease or self._stamp_s <= self._said_stamp_s:
            return Said(estop=estop, reset=reset)
        self._said_stamp_s = self._stamp_s
        key = self.held(now_s)
        lease = TeleopLease(self._stamp_s, SOURCE, dead_man=key is not None)
        return Said(lease, self._command(key), estop, reset)

    def _command(self, key: Key | None) -> VelocityCommand:
        ahead, turn = WAYS.get(key, (0.0, 0.0)) if key else (0.0, 0.0)
        params = self._params
        return VelocityCommand(
            self._stamp_s, ahead * params.speed_mps, turn * params.yaw_rate_radps
        )

    def _estop(self, now_s: float) -> EstopState | None:
        """The word of the space bar: again and again while it holds, and once when it ends."""
        if now_s < self._estop_at_s:
            return None
        self._estop_at_s = now_s + ESTOP_EVERY_S if self.is_stopped else math.inf
        return EstopState(self._stamp_s, SOURCE, self.is_stopped)

    def _reset(self, now_s: float) -> GateReset | None:
        if now_s < self._reset_at_s:
            return None
        self._reset_at_s = math.inf
        return GateReset(self._stamp_s, SOURCE, "the operator at the terminal")
