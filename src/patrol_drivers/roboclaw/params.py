"""Configuration of one RoboClaw with two wheels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.errors import ConfigError
from patrol_core.params import param
from patrol_drivers.motors import DriveLimits
from patrol_drivers.roboclaw.values import (
    ADDRESSES,
    BAUD_RATES,
    MAX_SPEED_QPPS,
    PACKET_TIMEOUT_S,
    WATCHDOG_STEP_S,
)


@dataclass(frozen=True, slots=True)
class RoboClawParams:
    """Wheel speeds and accelerations are of the wheel, after the gear."""

    port: str = param("/dev/ttyACM0", "Serial port; better a name under /dev/serial/by-id")
    baud: int = param(115200, "Speed of the port, as set in the controller", 2400, 460800)
    address: int = param(128, "Packet serial address, as set there", ADDRESSES[0], ADDRESSES[-1])

    ticks_per_rev: float = param(
        4096.0, "Encoder counts per turn of a wheel (4 per line, times gear)", 1.0, 1e7
    )
    motors_swapped: bool = param(False, "M1 is the right wheel, not the left one")
    left_reversed: bool = param(False, "Counts of the left wheel fall when it rolls forward")
    right_reversed: bool = param(False, "Counts of the right wheel fall when it rolls forward")

    max_speed_radps: float = param(12.0, "Top speed of a wheel [rad/s]", 0.1, 200.0)
    max_acceleration_radps2: float = param(10.0, "Top acceleration [rad/s2]", 0.1, 1000.0)
    stop_deceleration_radps2: float = param(15.0, "Deceleration of a stop [rad/s2]", 0.1, 1000.0)

    watchdog_s: float = param(
        0.1, "Silence after which the controller stops the motors; steps of 0.1 s", 0.1, 1.0
    )
    watchdog_declared: bool = param(
        False, "A person set and tried the serial timeout; for firmware that cannot be asked"
    )
    reply_timeout_s: float = param(0.02, "How long to wait for an answer", PACKET_TIMEOUT_S, 0.1)
    retry_s: float = param(0.2, "Pause between attempts to start again", 0.05, 5.0)
    jump_factor: float = param(
        3.0, "Multiple of the top speed at which a count must have been reset", 1.5, 100.0
    )

    def check(self) -> None:
        """Raises ConfigError for what bounds cannot say."""
        if self.baud not in BAUD_RATES:
            raise ConfigError(
                f"baud is {self.baud}",
                expected=f"one of {', '.join(map(str, BAUD_RATES))}",
                remedy="set what Motion Studio shows",
            )
        steps = self.watchdog_s / WATCHDOG_STEP_S
        if not math.isclose(steps, round(steps), abs_tol=1e-6):
            raise ConfigError(
                f"watchdog_s is {self.watchdog_s}",
                expected=f"a multiple of {WATCHDOG_STEP_S} s",
                remedy="choose the next lower one",
            )
        if self.counts_per_rad * self.max_speed_radps > MAX_SPEED_QPPS:
            raise ConfigError(
                f"max_speed_radps is {self.max_speed_radps}",
                expected=f"at most {MAX_SPEED_QPPS} counts a second",
                remedy="check ticks_per_rev",
            )

    @property
    def counts_per_rad(self) -> float:
        return self.ticks_per_rev / (2.0 * math.pi)

    @property
    def watchdog_steps(self) -> int:
        """The watchdog in the unit of the controller."""
        return round(self.watchdog_s / WATCHDOG_STEP_S)

    @property
    def limits(self) -> DriveLimits:
        return DriveLimits(
            self.max_speed_radps, self.max_acceleration_radps2, self.stop_deceleration_radps2
        )
