"""An ODrive driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from tests.controllers.fake import FakeClock
from tests.controllers.odrive_fake import FakeODrive

from patrol_drivers.motors import Cycle, WheelSpeeds
from patrol_drivers.odrive.driver import ODriveDriver
from patrol_drivers.odrive.params import ODriveParams

PERIOD_S = 0.02


class Bench:
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: ODriveParams | None = None) -> None:
        self.params = params or ODriveParams()
        self.clock = FakeClock()
        self.fake = FakeODrive(self.clock)
        self.line = self.fake.line
        self.driver = ODriveDriver(self.params, self.fake, self.clock)

    def run(self, speed_radps: float = 1.0, cycles: int = 1) -> list[Cycle]:
        done = []
        for _ in range(cycles):
            command = WheelSpeeds(self.clock(), speed_radps, speed_radps, 5.0)
            done.append(self.driver.cycle(command))
            self.clock.advance(PERIOD_S)
        return done

    @property
    def moves(self) -> bool:
        return any(axis.turns_per_s for axis in self.fake.axes)

    @property
    def armed(self) -> bool:
        return any(axis.armed for axis in self.fake.axes)


def sentences(cycles: list[Cycle]) -> list[str]:
    return [event.sentence for cycle in cycles for event in cycle.events]
