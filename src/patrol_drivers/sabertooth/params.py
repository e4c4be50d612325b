"""Configuration of one Sabertooth with two wheels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.errors import ConfigError
from patrol_core.params import param
from patrol_drivers.motors import DriveLimits
from patrol_drivers.sabertooth.values import (
    ADDRESSES,
    BAUD_RATES,
    MAX_AUTOBAUD,
    MAX_VALUE,
    TIMEOUT_STEP_S,
)


@dataclass(frozen=True, slots=True)
class SabertoothParams:
    """Wheel speeds and accelerations are of the wheel, after the gear."""

    port: str = param("/dev/ttyUSB0", "Serial port; better a name under /dev/serial/by-id")
    baud: int = param(9600, "Speed of the port, as stored in the controller", 9600, 115200)
    address: int = param(128, "Packet serial address, as switched", ADDRESSES[0], ADDRESSES[-1])
    autobaud: bool = param(
        False, "The controller finds the speed by itself (2x5, 2x10, first 2x25)"
    )

    full_speed_radps: float = param(
        15.0, "What a wheel does at full command, with a full battery [rad/s]", 0.1, 500.0
    )
    motors_swapped: bool = param(False, "M1 is the right wheel, not the left one")
    left_reversed: bool = param(False, "The left wheel rolls backwards on a forward command")
    right_reversed: bool = param(False, "The right wheel rolls backwards on a forward command")

    max_speed_radps: float = param(12.0, "Top speed of a wheel [rad/s]", 0.1, 200.0)
    max_acceleration_radps2: float = param(10.0, "Top acceleration [rad/s2]", 0.1, 1000.0)

    watchdog_s: float = param(
        0.1, "Silence after which the controller stops the motors; steps of 0.1 s", 0.1, 1.0
    )
    watchdog_declared: bool = param(
        False, "A person tried the serial timeout: with the wire to S1 pulled, the wheels stop"
    )
    retry_s: float = param(0.2, "Pause between attempts to open the port again", 0.05, 5.0)

    def check(self) -> None:
        """Raises ConfigError for what bounds cannot say."""
        rates = [baud for baud in BAUD_RATES if baud <= MAX_AUTOBAUD or not self.autobaud]
        if self.baud not in rates:
            raise ConfigError(
                f"baud is {self.baud}",
                expected=f"one of {', '.join(map(str, rates))}",
                remedy="set what is stored in the controller (9600 from the factory)",
            )
        steps = self.watchdog_s / TIMEOUT_STEP_S
        if not math.isclose(steps, round(steps), abs_tol=1e-6):
            raise ConfigError(
                f"watchdog_s is {self.watchdog_s}",
                expected=f"a multiple of {TIMEOUT_STEP_S} s",
                remedy="choose the next lower one",
            )
        if self.max_speed_radps > self.full_speed_radps:
            raise ConfigError(
                f"max_speed_radps is {self.max_speed_radps}",
                expected=f"at most full_speed_radps, {self.full_speed_radps}",
                remedy="lower it, or measure full_speed_radps again",
            )

    @property
    def radps_per_step(self) -> float:
        """How much faster a wheel turns for each step of a command."""
        return self.full_speed_radps / MAX_VALUE

    @property
    def watchdog_steps(self) -> int:
        """The watchdog in the unit of the controller."""
        return round(self.watchdog_s / TIMEOUT_STEP_S)

    @property
    def limits(self) -> DriveLimits:
        return DriveLimits(self.max_speed_radps, self.max_acceleration_radps2, math.inf)
