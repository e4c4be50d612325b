"""The Sabertooth's driver keeps the contract of all drivers, as far as it can tell anything."""

from __future__ import annotations

import pytest
from tests.controllers.driver_contract import MotorDriverContract, Rig
from tests.controllers.fake import FakeClock
from tests.controllers.sabertooth_fake import FakeSabertooth

from patrol_drivers.motors import Sides
from patrol_drivers.sabertooth.driver import SabertoothDriver
from patrol_drivers.sabertooth.params import SabertoothParams


class SabertoothRig(Rig):
    """M1 and M2 are swapped, and the left motor is turned round, as on many a real robot.

    A step of a command is 0.1 rad/s, so that rounding takes nothing from the contract's speeds.
    """

    def __init__(self) -> None:
        params = SabertoothParams(
            full_speed_radps=12.7,
            motors_swapped=True,
            left_reversed=True,
            watchdog_declared=True,
        )
        self.clock = FakeClock()
        self.fake = FakeSabertooth(self.clock)
        self.driver = SabertoothDriver(params, self.fake, self.clock)
        self.max_speed_radps = params.max_speed_radps
        self.max_acceleration_radps2 = params.max_acceleration_radps2
        self.watchdog_s = params.watchdog_s

    def wheels_radps(self) -> Sides:
        right, left = self.fake.steps
        return Sides(-left * 0.1, right * 0.1)

    def is_guarded(self) -> bool:
        return self.fake.timeout == round(self.watchdog_s * 10.0)

    def plug(self, plugged: bool) -> None:
        self.fake.line.plugged = plugged

    def silence(self, silent: bool) -> None:
        self.fake.line.silent = silent

    def reset(self) -> None:
        self.fake.boot()


class TestSabertooth(MotorDriverContract):
    @pytest.fixture
    def rig(self) -> Rig:
        return SabertoothRig()
