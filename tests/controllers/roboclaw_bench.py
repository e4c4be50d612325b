"""A RoboClaw driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams
from tests.controllers import bench as controllers
from tests.controllers.fake import FakeClock
from tests.controllers.roboclaw_fake import FakeRoboClaw


class Bench(controllers.Bench):
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: RoboClawParams | None = None) -> None:
        self.params = params or RoboClawParams()
        clock = FakeClock()
        self.fake = FakeRoboClaw(clock)
        super().__init__(RoboClawDriver(self.params, self.fake, clock), self.fake, clock)

    @property
    def is_open(self) -> bool:
        return self.fake.is_open

    @property
    def moves(self) -> bool:
        return self.fake.speeds != [0, 0]
