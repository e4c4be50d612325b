"""The driver of two VESCs keeps the contract of all drivers."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import MotorDriverContract, Rig
from tests.controllers.fake import FakeClock
from tests.controllers.vesc_fake import FakeVescs

from patrol_drivers.motors import Sides
from patrol_drivers.vesc.driver import VescDriver
from patrol_drivers.vesc.params import VescParams


class VescRig(Rig):
    """The VESC behind CAN has the left wheel, which counts backwards, as on many a real robot."""

    def __init__(self) -> None:
        params = VescParams(first_is_right=True, left_reversed=True, min_erpm=60.0)
        self.clock = FakeClock()
        self.fake = FakeVescs(self.clock)
        self.driver = VescDriver(params, self.fake, self.clock)
        self.max_speed_radps = params.max_speed_radps
        self.max_acceleration_radps2 = params.max_acceleration_radps2
        self.watchdog_s = params.watchdog_s
        self._scale = 1.0 / params.erpm_per_radps

    def wheels_radps(self) -> Sides:
        right, left = (unit.erpm for unit in self.fake.units)
        return Sides(-left * self._scale, right * self._scale)

    def is_guarded(self) -> bool:
        return all(0 < unit.timeout_ms <= self.watchdog_s * 1000.0 for unit in self.fake.units)

    def plug(self, plugged: bool) -> None:
        self.fake.line.plugged = plugged

    def silence(self, silent: bool) -> None:
        self.fake.line.silent = silent

    def reset(self) -> None:
        self.fake.boot()


class TestVesc(MotorDriverContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return VescRig()
