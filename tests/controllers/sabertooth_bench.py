"""A Sabertooth driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from patrol_drivers.sabertooth.driver import SabertoothDriver
from patrol_drivers.sabertooth.params import SabertoothParams
from tests.controllers import bench as controllers
from tests.controllers.fake import FakeClock
from tests.controllers.sabertooth_fake import FakeSabertooth

DECLARED = SabertoothParams(full_speed_radps=12.7, watchdog_declared=True)
"""A step of a command is 0.1 rad/s."""
AUTOBAUD = SabertoothParams(full_speed_radps=12.7, watchdog_declared=True, autobaud=True)


class Bench(controllers.Bench):
    """Driver, controller and clock. The controller's faults are set on `fake` and `line`."""

    def __init__(self, params: SabertoothParams = DECLARED) -> None:
        self.params = params
        clock = FakeClock()
        self.fake = FakeSabertooth(clock, params.autobaud)
        super().__init__(SabertoothDriver(self.params, self.fake, clock), self.fake, clock)

    def rest(self, began_s: float) -> None:
        """What is left of the period."""
        self.clock.advance(max(0.0, began_s + controllers.PERIOD_S - self.clock()))

    @property
    def is_open(self) -> bool:
        return self.fake.is_open

    @property
    def moves(self) -> bool:
        return self.fake.steps != [0, 0]
