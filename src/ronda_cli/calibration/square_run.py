"""Drives a square on a running robot, by hand as far as the gate is concerned.

Every odometry gives one command, stamped as the odometry: without odometry there is no command,
and the gate stops. The dead-man is held while this program runs in the foreground.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.topics import CMD_VEL_TELEOP, GATE_STATUS, ODOM, TELEOP_LEASE
from patrol_core.types.motion import Odometry, VelocityCommand
from patrol_core.types.status import Authority, GateState, GateStatus, TeleopLease
from patrol_drivers.base.square import SquareDrive

if TYPE_CHECKING:
    from ronda_cli.live.watcher import RobotWatcher

HOLDER = "ronda motors square"
START_WITHIN_S = 8.0
"""Until the gate lets the first movement pass: it announces it with lamp and buzzer."""
_SILENT_S, _RELEASED_S, _SPIN_S = 1.0, 0.3, 0.05


class SquareRun:
    """One square. `say` is told what happens, in words."""

    def __init__(
        self, watcher: RobotWatcher, square: SquareDrive, say: Callable[[str], None]
    ) -> None:
        self._watcher = watcher
        self._square = square
        self._say = say
        self._send = watcher.publisher(CMD_VEL_TELEOP)
        self._lease = watcher.publisher(TELEOP_LEASE)
        self._odometry: Odometry | None = None
        self._heard_s = time.monotonic()
        self._moved = False
        self._stopped = ""
        self._part = ""
        self._held = "it says nothing"

    def run(self) -> Pose2:
        """Drive it; where the odometry says that it ended, in the frame of the start.

        Raises RondaError when the gate holds the robot, the odometry ends, or a signal comes.
        """
        handlers = {n: signal.signal(n, self._on_signal) for n in (signal.SIGINT, signal.SIGTERM)}
        self._watcher.on(GATE_STATUS, self._on_gate)
        self._watcher.on(ODOM, self._on_odometry)
        start_s = time.monotonic()
        try:
            while not self._square.done and not self._stopped:
                self._watcher.spin(_SPIN_S)
                now_s = time.monotonic()
                if now_s - self._heard_s > _SILENT_S + (0.0 if self._odometry else START_WITHIN_S):
                    self._stopped = "no odometry comes: is the robot running?"
                elif not self._moved and now_s - start_s > START_WITHIN_S + _SILENT_S:
                    self._stopped = f"the gate lets nothing pass: {self._held}"
        finally:
            self._release()
            for number, handler in handlers.items():
                signal.signal(number, handler)
        if self._stopped or self._odometry is None:
            raise RondaError(
                f"stopped in {self._square.part}: {self._stopped}",
                remedy="clear the cause, put the robot back onto its mark, and begin again",
            )
        return self._square.pose(self._odometry)

    def _on_odometry(self, odometry: Odometry) -> None:
        self._odometry, self._heard_s = odometry, time.monotonic()
        if self._stopped or self._square.done:
            return
        linear, angular = self._square.step(odometry)
        self._lease(TeleopLease(odometry.stamp_s, HOLDER, dead_man=True))
        self._send(VelocityCommand(odometry.stamp_s, linear, angular))
        if self._square.part != self._part:
            self._part = self._square.part
            self._say(self._part)

    def _on_gate(self, gate: GateStatus) -> None:
        """A gate that holds once the robot has moved has ended the square."""
        if self._stopped or self._square.done:
            return
        if gate.passed_linear_mps or gate.passed_angular_radps:
            self._moved = True
        why = self._held = "; ".join(gate.reasons)
        if gate.authority is Authority.ESTOP or gate.state is GateState.LATCHED:
            self._stopped = f"the gate has latched: {why}"
        elif gate.state is GateState.HOLD and self._moved and "announcing" not in why:
            self._stopped = f"the gate holds: {why}"

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._stopped = signal.Signals(number).name

    def _release(self) -> None:
        """Let the dead-man go, so that the gate stops now; then give the robot back."""
        end_s = time.monotonic() + _RELEASED_S
        while self._odometry is not None and time.monotonic() < end_s:
            stamp_s = self._odometry.stamp_s
            self._lease(TeleopLease(stamp_s, HOLDER, dead_man=False))
            self._send(VelocityCommand(stamp_s, 0.0, 0.0))
            self._watcher.spin(_SPIN_S)
        if self._odometry is not None:
            self._lease(TeleopLease(self._odometry.stamp_s, "", dead_man=False))
