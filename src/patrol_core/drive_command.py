"""The newest command for the motors, for as long as it may be followed."""

from __future__ import annotations

from patrol_core.robot import Drive
from patrol_core.types.motion import VelocityCommand


class DriveCommand:
    """Keeps one command. What is absent, old, disputed or not finite is a stop.

    `publishers`: how many speak to the motors; more than one is nobody.
    """

    def __init__(self, drive: Drive, expiry_s: float, max_stamp_age_s: float) -> None:
        self._drive = drive
        self._expiry_s = expiry_s
        self._max_stamp_age_s = max_stamp_age_s
        self._command: VelocityCommand | None = None
        self._arrived_s = 0.0
        self.publishers = 1

    def receive(self, command: VelocityCommand, arrived_s: float) -> None:
        """Keep a command. `arrived_s` is on a clock that never jumps."""
        self._command = command if command.is_finite() else None
        self._arrived_s = arrived_s

    def wanted(self, now_s: float, steady_s: float) -> VelocityCommand | None:
        """What to do at `now_s` (on the clock of stamps) and `steady_s` (on that of arrivals),
        within what the drive can do; None: stop."""
        command, drive = self._command, self._drive
        if (
            command is None
            or self.publishers > 1
            or steady_s - self._arrived_s > self._expiry_s + 1e-9
            or now_s - command.stamp_s > self._max_stamp_age_s + 1e-9
        ):
            return None
        yaw_rate = drive.max_yaw_rate_radps
        return VelocityCommand(
            command.stamp_s,
            min(max(command.linear_mps, -drive.max_reverse_mps), drive.max_speed_mps),
            min(max(command.angular_radps, -yaw_rate), yaw_rate),
        )
