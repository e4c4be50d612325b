"""The driver of two VESCs on fake controllers, with fresh commands at the usual rate."""

from __future__ import annotations

from patrol_drivers.vesc.driver import VescDriver
from patrol_drivers.vesc.params import VescParams
from tests.controllers import bench as controllers
from tests.controllers.fake import FakeClock
from tests.controllers.vesc_fake import FakeVescs

PARAMS = VescParams(min_erpm=60.0)


class Bench(controllers.Bench):
    """Driver, controllers and clock. The controllers' faults are set on `fake` and `line`."""

    usual_radps = 2.0
    usual_radps2 = 10.0

    def __init__(self, params: VescParams = PARAMS) -> None:
        self.params = params
        clock = FakeClock()
        self.fake = FakeVescs(clock)
        self.first, self.second = self.fake.units
        super().__init__(VescDriver(self.params, self.fake, clock), self.fake, clock)

    @property
    def is_open(self) -> bool:
        return self.fake.is_open

    @property
    def moves(self) -> bool:
        return self.first.erpm != 0 or self.second.erpm != 0
