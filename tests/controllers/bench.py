"""A driver on a fake controller, with fresh commands at the usual rate."""

from __future__ import annotations

from abc import ABC, abstractmethod

from patrol_drivers.motors import Cycle, MotorDriver, WheelSpeeds
from tests.controllers.fake import FakeClock, FakeController

PERIOD_S = 0.02


class Bench(ABC):
    """Driver, controller and clock. The line's faults are set on `line`."""

    usual_radps = 1.0
    usual_radps2 = 5.0

    def __init__(self, driver: MotorDriver, fake: FakeController, clock: FakeClock) -> None:
        self.driver = driver
        self.clock = clock
        self.line = fake.line

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether the driver holds the port."""

    @property
    @abstractmethod
    def moves(self) -> bool:
        """Whether a wheel is told to turn."""

    def run(
        self,
        speed_radps: float | None = None,
        cycles: int = 1,
        acceleration_radps2: float | None = None,
    ) -> list[Cycle]:
        """Both wheels alike."""
        speed = self.usual_radps if speed_radps is None else speed_radps
        ramp = self.usual_radps2 if acceleration_radps2 is None else acceleration_radps2
        done = []
        for _ in range(cycles):
            began_s = self.clock()
            done.append(self.driver.cycle(WheelSpeeds(began_s, speed, speed, ramp)))
            self.rest(began_s)
        return done

    def rest(self, began_s: float) -> None:
        """After a cycle that began then: the pause of a period, however long the cycle took."""
        self.clock.advance(PERIOD_S)
