"""The motor controller's firmware: expiry of commands, limits, ramps."""

from __future__ import annotations

import math

from patrol_core.robot import Drive
from patrol_core.types.motion import VelocityCommand
from patrol_sim.params import BaseParams


class BaseController:
    """Turns commands into the velocity that the wheels are told to make."""

    def __init__(self, drive: Drive, params: BaseParams) -> None:
        self._drive = drive
        self._params = params
        self._command: VelocityCommand | None = None
        self._arrived_s = 0.0
        self.linear_mps = 0.0
        self.angular_radps = 0.0
        self.publishers = 1
        self.motion_stamp_s = 0.0
        self.zero_since_s = 0.0

    def receive(self, command: VelocityCommand, now_s: float) -> None:
        """Keep a command that arrived at `now_s`; one that is not finite counts as zero."""
        self._command = command if command.is_finite() else None
        self._arrived_s = now_s

    @property
    def moving(self) -> bool:
        """Whether the wheels are told to turn."""
        return self.linear_mps != 0.0 or self.angular_radps != 0.0

    def wanted(self, now_s: float) -> tuple[float, float]:
        """The velocity to ramp towards: zero for an expired, old or disputed command."""
        command, drive = self._command, self._drive
        if (
            command is None
            or self.publishers > 1
            or now_s - self._arrived_s > self._params.expiry_s + 1e-9
            or now_s - command.stamp_s > self._params.max_stamp_age_s + 1e-9
        ):
            return 0.0, 0.0
        linear = min(max(command.linear_mps, -drive.max_reverse_mps), drive.max_speed_mps)
        yaw_rate = drive.max_yaw_rate_radps
        return linear, min(max(command.angular_radps, -yaw_rate), yaw_rate)

    def step(self, now_s: float, dt_s: float) -> tuple[float, float]:
        """The ramped forward and yaw velocity for the next `dt_s`."""
        linear, angular = self.wanted(now_s)
        self._note(linear != 0.0 or angular != 0.0, now_s)
        drive = self._drive
        self.linear_mps = _ramp(
            self.linear_mps,
            linear,
            drive.max_acceleration_mps2 * dt_s,
            drive.max_deceleration_mps2 * dt_s,
        )
        yaw_step = drive.max_yaw_acceleration_radps2 * dt_s
        self.angular_radps = _ramp(self.angular_radps, angular, yaw_step, yaw_step)
        return self.linear_mps, self.angular_radps

    def _note(self, turning: bool, now_s: float) -> None:
        """Remember since when zero is commanded, and what last was not."""
        if turning:
            assert self._command is not None
            self.motion_stamp_s, self.zero_since_s = self._command.stamp_s, math.inf
        elif self.zero_since_s == math.inf:
            self.zero_since_s = now_s


def _ramp(value: float, target: float, speed_up: float, slow_down: float) -> float:
    """One step towards `target`; never passes through zero within a step."""
    if value * target < 0.0:
        target = 0.0
    step = speed_up if abs(target) > abs(value) else slow_down
    return min(max(target, value - step), value + step)
