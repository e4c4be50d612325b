"""The driver of two VESCs on fake controllers, with fresh commands at the usual rate."""

from __future__ import annotations

from tests.controllers.fake import FakeClock
from tests.controllers.vesc_fake import FakeVescs

from patrol_drivers.motors import Cycle, MotorReadings, WheelSpeeds
from patrol_drivers.vesc.driver import VescDriver
from patrol_drivers.vesc.params import VescParams

PERIOD_S = 0.02
PARAMS = VescParams(min_erpm=60.0)


class Bench:
    """Driver, controllers and clock. The controllers' faults are set on `fake` and `line`."""

    def __init__(self, params: VescParams = PARAMS) -> None:
        self.params = params
        self.clock = FakeClock()
        self.fake = FakeVescs(self.clock)
        self.first, self.second = self.fake.units
        self.line = self.fake.line
        self.driver = VescDriver(self.params, self.fake, self.clock)

    def run(
        self, speed_radps: float = 2.0, cycles: int = 1, acceleration_radps2: float = 10.0
    ) -> list[Cycle]:
        done = []
        for _ in range(cycles):
            command = WheelSpeeds(self.clock(), speed_radps, speed_radps, acceleration_radps2)
            done.append(self.driver.cycle(command))
            self.clock.advance(PERIOD_S)
        return done

    @property
    def moves(self) -> bool:
        return self.first.erpm != 0 or self.second.erpm != 0


def read(cycle: Cycle) -> MotorReadings:
    assert cycle.readings is not None
    return cycle.readings
