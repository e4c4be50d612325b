"""The Roboteq's driver keeps the contract of all drivers."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import MotorDriverContract, Rig
from tests.controllers.fake import FakeClock
from tests.controllers.roboteq_fake import FakeRoboteq

from patrol_drivers.motors import Sides
from patrol_drivers.roboteq.driver import RoboteqDriver
from patrol_drivers.roboteq.params import RoboteqParams


class RoboteqRig(Rig):
    """The motors are swapped, and the left wheel counts backwards, as on many a real robot."""

    def __init__(self) -> None:
        params = RoboteqParams(motors_swapped=True, left_reversed=True)
        self.clock = FakeClock()
        self.fake = FakeRoboteq(self.clock)
        self.driver = RoboteqDriver(params, self.fake, self.clock)
        self.max_speed_radps = params.max_speed_radps
        self.max_acceleration_radps2 = params.max_acceleration_radps2
        self.watchdog_s = params.watchdog_s
        self._scale = params.rpm_per_radps

    def wheels_radps(self) -> Sides:
        right, left = self.fake.rpm
        return Sides(-left / self._scale, right / self._scale)

    def is_guarded(self) -> bool:
        return self.fake.watchdog_ms == round(self.watchdog_s * 1000.0)

    def plug(self, plugged: bool) -> None:
        self.fake.line.plugged = plugged

    def silence(self, silent: bool) -> None:
        self.fake.line.silent = silent

    def reset(self) -> None:
        self.fake.boot()


class TestRoboteq(MotorDriverContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return RoboteqRig()
