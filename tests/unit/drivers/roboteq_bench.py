"""A Roboteq driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from tests.controllers.fake import FakeClock
from tests.controllers.roboteq_fake import FakeRoboteq

from patrol_drivers.motors import Cycle, MotorReadings, WheelSpeeds
from patrol_drivers.roboteq.driver import RoboteqDriver
from patrol_drivers.roboteq.params import RoboteqParams

PERIOD_S = 0.02


class Bench:
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: RoboteqParams | None = None) -> None:
        self.params = params or RoboteqParams()
        self.clock = FakeClock()
        self.fake = FakeRoboteq(self.clock)
        self.line = self.fake.line
        self.driver = RoboteqDriver(self.params, self.fake, self.clock)

    def run(self, speed_radps: float = 1.0, cycles: int = 1) -> list[Cycle]:
        done = []
        for _ in range(cycles):
            command = WheelSpeeds(self.clock(), speed_radps, speed_radps, 5.0)
            done.append(self.driver.cycle(command))
            self.clock.advance(PERIOD_S)
        return done

    @property
    def moves(self) -> bool:
        return self.fake.rpm != [0, 0]


def read(cycle: Cycle) -> MotorReadings:
    assert cycle.readings is not None
    return cycle.readings
