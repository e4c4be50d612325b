"""The RoboClaw's driver keeps the contract of all drivers."""

from __future__ import annotations

import math

import pytest
from tests.controllers.driver_contract import MotorDriverContract, Rig
from tests.controllers.fake import FakeClock
from tests.controllers.roboclaw_fake import FakeRoboClaw

from patrol_drivers.motors import Sides
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams


class RoboClawRig(Rig):
    """M1 and M2 are swapped, and the left wheel counts backwards, as on many a real robot."""

    def __init__(self) -> None:
        params = RoboClawParams(motors_swapped=True, left_reversed=True)
        self.clock = FakeClock()
        self.fake = FakeRoboClaw(self.clock)
        self.driver = RoboClawDriver(params, self.fake, self.clock)
        self.max_speed_radps = params.max_speed_radps
        self.max_acceleration_radps2 = params.max_acceleration_radps2
        self.watchdog_s = params.watchdog_s
        self._scale = 2.0 * math.pi / params.ticks_per_rev

    def wheels_radps(self) -> Sides:
        right, left = self.fake.speeds
        return Sides(-left * self._scale, right * self._scale)

    def is_guarded(self) -> bool:
        return self.fake.watchdog == round(self.watchdog_s * 10.0)

    def plug(self, plugged: bool) -> None:
        self.fake.line.plugged = plugged

    def silence(self, silent: bool) -> None:
        self.fake.line.silent = silent

    def reset(self) -> None:
        self.fake.boot()


class TestRoboClaw(MotorDriverContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return RoboClawRig()
