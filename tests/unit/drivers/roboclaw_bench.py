"""A RoboClaw driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from tests.controllers.fake import FakeClock
from tests.controllers.roboclaw_fake import FakeRoboClaw

from patrol_drivers.motors import Cycle, WheelSpeeds
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams

PERIOD_S = 0.02


class Bench:
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: RoboClawParams | None = None) -> None:
        self.params = params or RoboClawParams()
        self.clock = FakeClock()
        self.fake = FakeRoboClaw(self.clock)
        self.line = self.fake.line
        self.driver = RoboClawDriver(self.params, self.fake, self.clock)

    def run(self, speed_radps: float = 1.0, cycles: int = 1) -> list[Cycle]:
        done = []
        for _ in range(cycles):
            command = WheelSpeeds(self.clock(), speed_radps, speed_radps, 5.0)
            done.append(self.driver.cycle(command))
            self.clock.advance(PERIOD_S)
        return done

    @property
    def moves(self) -> bool:
        return self.fake.speeds != [0, 0]
