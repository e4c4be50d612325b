"""The ODrive's driver keeps the contract of all drivers."""

from __future__ import annotations

import math

import pytest
from tests.controllers.driver_contract import MotorDriverContract, Rig
from tests.controllers.fake import FakeClock
from tests.controllers.odrive_fake import FakeODrive

from patrol_drivers.motors import Sides
from patrol_drivers.odrive.driver import ODriveDriver
from patrol_drivers.odrive.params import ODriveParams


class ODriveRig(Rig):
    """Axes are swapped, the left motor turns backwards, and there is a gear."""

    def __init__(self) -> None:
        params = ODriveParams(
            motors_swapped=True, left_reversed=True, motor_turns_per_wheel_turn=8.0
        )
        self.clock = FakeClock()
        self.fake = FakeODrive(self.clock)
        self.driver = ODriveDriver(params, self.fake, self.clock)
        self.max_speed_radps = params.max_speed_radps
        self.max_acceleration_radps2 = params.max_acceleration_radps2
        self.watchdog_s = params.watchdog_s
        self._scale = 2.0 * math.pi / params.motor_turns_per_wheel_turn

    def wheels_radps(self) -> Sides:
        right, left = (axis.turns_per_s for axis in self.fake.axes)
        return Sides(-left * self._scale + 0.0, right * self._scale)

    def is_guarded(self) -> bool:
        return all(
            axis.numbers["config.enable_watchdog"] == 1
            and axis.numbers["config.watchdog_timeout"] == pytest.approx(self.watchdog_s)
            for axis in self.fake.axes
        )

    def plug(self, plugged: bool) -> None:
        self.fake.line.plugged = plugged

    def silence(self, silent: bool) -> None:
        self.fake.line.silent = silent

    def reset(self) -> None:
        self.fake.boot()


class TestODrive(MotorDriverContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return ODriveRig()
