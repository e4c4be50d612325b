"""An ODrive driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from patrol_drivers.motors import Cycle
from patrol_drivers.odrive.driver import ODriveDriver
from patrol_drivers.odrive.params import ODriveParams
from tests.controllers import bench as controllers
from tests.controllers.fake import FakeClock
from tests.controllers.odrive_fake import FakeODrive


class Bench(controllers.Bench):
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: ODriveParams | None = None) -> None:
        self.params = params or ODriveParams()
        clock = FakeClock()
        self.fake = FakeODrive(clock)
        super().__init__(ODriveDriver(self.params, self.fake, clock), self.fake, clock)

    @property
    def is_open(self) -> bool:
        return self.fake.is_open

    @property
    def moves(self) -> bool:
        return any(axis.turns_per_s for axis in self.fake.axes)

    @property
    def armed(self) -> bool:
        return any(axis.armed for axis in self.fake.axes)


def sentences(cycles: list[Cycle]) -> list[str]:
    return [event.sentence for cycle in cycles for event in cycle.events]
