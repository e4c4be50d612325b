"""Configuration of one Roboteq controller with two wheels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.errors import ConfigError
from patrol_core.params import param
from patrol_drivers.motors import DriveLimits
from patrol_drivers.roboteq.values import (
    BAUD_RATES,
    COUNTS_PER_PULSE,
    MAX_SPEED_RPM,
)

MIN_SILENCE_S = 0.04
"""Two cycles: a pause that a driver at 50 Hz makes without being called silent."""


@dataclass(frozen=True, slots=True)
class RoboteqParams:
    """Wheel speeds and accelerations are of the wheel, after the gear."""

    port: str = param("/dev/ttyACM0", "Serial port; better a name under /dev/serial/by-id")
    baud: int = param(115200, "Speed of the port, as set in the controller", 9600, 115200)

    encoder_ppr: int = param(
        500, "Pulses per turn of the encoder on the motor (EPPR; 4 counts each)", 1, 100_000
    )
    gear_ratio: float = param(20.0, "Turns of the motor per turn of the wheel", 0.01, 1000.0)
    motors_swapped: bool = param(False, "Motor 1 is the right wheel, not the left one")
    left_reversed: bool = param(False, "Counts of the left wheel fall when it rolls forward")
    right_reversed: bool = param(False, "Counts of the right wheel fall when it rolls forward")

    max_speed_radps: float = param(12.0, "Top speed of a wheel [rad/s]", 0.1, 200.0)
    max_acceleration_radps2: float = param(10.0, "Top acceleration [rad/s2]", 0.1, 1000.0)
    stop_deceleration_radps2: float = param(15.0, "Deceleration of a stop [rad/s2]", 0.1, 1000.0)

    watchdog_s: float = param(
        0.15, "Time without a command after which the controller stops the motors", 0.1, 1.0
    )
    watchdog_declared: bool = param(
        False,
        "A person set and tried the watchdog: for a controller that does not tell it, or in "
        "which a script runs",
    )
    reply_timeout_s: float = param(0.02, "How long to wait for an answer", 0.005, 0.1)
    retry_s: float = param(0.2, "Pause between attempts to start again", 0.05, 5.0)
    jump_factor: float = param(
        3.0, "Multiple of the top speed at which a reading must be wrong", 1.5, 100.0
    )

    def check(self) -> None:
        """Raises ConfigError for what bounds cannot say."""
        if self.baud not in BAUD_RATES:
            raise ConfigError(
                f"baud is {self.baud}",
                expected=f"one of {', '.join(map(str, BAUD_RATES))}",
                remedy="set what Roborun+ shows as RS232 bit rate",
            )
        if self.max_rpm > MAX_SPEED_RPM:
            raise ConfigError(
                f"max_speed_radps is {self.max_speed_radps}, with a gear of {self.gear_ratio}",
                expected=f"at most {MAX_SPEED_RPM} RPM of the motor",
                remedy="check gear_ratio",
            )

        if self.silent_after_s < MIN_SILENCE_S:
            raise ConfigError(
                f"watchdog_s is {self.watchdog_s} and reply_timeout_s {self.reply_timeout_s}",
                expected=f"{MIN_SILENCE_S} s of watchdog_s left after two timeouts and 10 ms",
                remedy="lower reply_timeout_s, or take a longer watchdog",
            )

    @property
    def silent_after_s(self) -> float:
        """Time without a command after which the watchdog may have tripped before the next one,
        with its second attempt, is there."""
        return self.watchdog_s - 2.0 * self.reply_timeout_s - 0.01

    @property
    def counts_per_rad(self) -> float:
        return COUNTS_PER_PULSE * self.encoder_ppr * self.gear_ratio / (2.0 * math.pi)

    @property
    def rpm_per_radps(self) -> float:
        """RPM of the motor at 1 rad/s of the wheel."""
        return self.gear_ratio * 60.0 / (2.0 * math.pi)

    @property
    def max_rpm(self) -> int:
        """The fastest that a motor is told to be."""
        return math.ceil(self.max_speed_radps * self.rpm_per_radps)

    @property
    def watchdog_ms(self) -> int:
        """The watchdog in the unit of the controller."""
        return round(self.watchdog_s * 1000.0)

    @property
    def limits(self) -> DriveLimits:
        return DriveLimits(
            self.max_speed_radps, self.max_acceleration_radps2, self.stop_deceleration_radps2
        )
