"""The motor controller's firmware: expiry of commands, limits, ramps."""

from __future__ import annotations

import math

from patrol_core.drive_command import DriveCommand
from patrol_core.robot import Drive
from patrol_sim.params import BaseParams


class BaseController:
    """Turns commands into the velocity that the wheels are told to make."""

    def __init__(self, drive: Drive, params: BaseParams) -> None:
        self._drive = drive
        self.command = DriveCommand(drive, params.expiry_s, params.max_stamp_age_s)
        self._followed_s = 0.0
        self.linear_mps = 0.0
        self.angular_radps = 0.0
        self.motion_stamp_s = 0.0
        self.zero_since_s = 0.0

    @property
    def moving(self) -> bool:
        """Whether the wheels are told to turn."""
        return self.linear_mps != 0.0 or self.angular_radps != 0.0

    def wanted(self, now_s: float) -> tuple[float, float]:
        """The velocity to ramp towards."""
        command = self.command.wanted(now_s, now_s)
        if command is None:
            return 0.0, 0.0
        self._followed_s = command.stamp_s
        return command.linear_mps, command.angular_radps

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
            self.motion_stamp_s, self.zero_since_s = self._followed_s, math.inf
        elif self.zero_since_s == math.inf:
            self.zero_since_s = now_s


def _ramp(value: float, target: float, speed_up: float, slow_down: float) -> float:
    """One step towards `target`; never passes through zero within a step."""
    if value * target < 0.0:
        target = 0.0
    step = speed_up if abs(target) > abs(value) else slow_down
    return min(max(target, value - step), value + step)
