"""A Sabertooth driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from tests.controllers.fake import FakeClock
from tests.controllers.sabertooth_fake import FakeSabertooth

from patrol_drivers.motors import Cycle, WheelSpeeds
from patrol_drivers.sabertooth.driver import SabertoothDriver
from patrol_drivers.sabertooth.params import SabertoothParams

PERIOD_S = 0.02
DECLARED = SabertoothParams(full_speed_radps=12.7, watchdog_declared=True)
"""A step of a command is 0.1 rad/s."""
AUTOBAUD = SabertoothParams(full_speed_radps=12.7, watchdog_declared=True, autobaud=True)


class Bench:
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: SabertoothParams = DECLARED) -> None:
        self.params = params
        self.clock = FakeClock()
        self.fake = FakeSabertooth(self.clock, params.autobaud)
        self.line = self.fake.line
        self.driver = SabertoothDriver(self.params, self.fake, self.clock)

    def run(self, speed_radps: float = 1.0, cycles: int = 1) -> list[Cycle]:
        """Each cycle lasts for the period, however much of it the driver took."""
        done = []
        for _ in range(cycles):
            end_s = self.clock() + PERIOD_S
            command = WheelSpeeds(self.clock(), speed_radps, speed_radps, 5.0)
            done.append(self.driver.cycle(command))
            self.clock.advance(max(0.0, end_s - self.clock()))
        return done

    @property
    def moves(self) -> bool:
        return self.fake.steps != [0, 0]
