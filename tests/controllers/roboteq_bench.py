"""A Roboteq driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from patrol_drivers.roboteq.driver import RoboteqDriver
from patrol_drivers.roboteq.params import RoboteqParams
from tests.controllers import bench as controllers
from tests.controllers.fake import FakeClock
from tests.controllers.roboteq_fake import FakeRoboteq


class Bench(controllers.Bench):
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: RoboteqParams | None = None) -> None:
        self.params = params or RoboteqParams()
        clock = FakeClock()
        self.fake = FakeRoboteq(clock)
        super().__init__(RoboteqDriver(self.params, self.fake, clock), self.fake, clock)

    @property
    def is_open(self) -> bool:
        return self.fake.is_open

    @property
    def moves(self) -> bool:
        return self.fake.rpm != [0, 0]
