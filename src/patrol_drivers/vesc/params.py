"""Configuration of two VESCs with one wheel each."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.errors import ConfigError
from patrol_core.params import param
from patrol_drivers.motors import DriveLimits
from patrol_drivers.vesc.values import STEPS_PER_ELECTRICAL_TURN


@dataclass(frozen=True, slots=True)
class VescParams:
    """Wheel speeds and accelerations are of the wheel, after the gear.

    What VESC Tool shows under other names is named in brackets.
    """

    port: str = param("/dev/ttyACM0", "Serial port; better a name under /dev/serial/by-id")
    baud: int = param(115200, "Speed of the port, as set in the first VESC", 57600, 3000000)
    can_id: int = param(1, "Id of the second VESC on the CAN bus of the first [VESC ID]", 0, 254)

    pole_pairs: int = param(15, "Pairs of magnet poles of a motor: half of its poles", 1, 100)
    gear_ratio: float = param(1.0, "Turns of the motor per turn of the wheel", 0.1, 1000.0)
    first_is_right: bool = param(False, "The VESC on the serial port has the right wheel")
    left_reversed: bool = param(False, "The left wheel rolls backwards at positive ERPM")
    right_reversed: bool = param(False, "The right wheel rolls backwards at positive ERPM")

    max_speed_radps: float = param(12.0, "Top speed of a wheel [rad/s]", 0.1, 200.0)
    max_acceleration_radps2: float = param(10.0, "Top acceleration [rad/s2]", 0.1, 1000.0)
    min_erpm: float = param(
        900.0, "Speed below which a VESC does not control [Minimum ERPM]", 0.0, 20000.0
    )
    stop_brake_a: float = param(
        10.0, "Brake current of a stop [A]; 0: speed 0, along the VESC's own ramp", 0.0, 200.0
    )

    watchdog_s: float = param(
        0.15, "Longest silence after which the VESCs may brake by themselves [Timeout]", 0.05, 1.0
    )
    watchdog_brake_a: float = param(
        1.0, "Least current they have to brake with then [Timeout Brake Current]", 0.0, 200.0
    )
    watchdog_declared: bool = param(
        False, "A person set and tried both timeouts; for firmware that the driver cannot read"
    )
    reply_timeout_s: float = param(0.02, "How long to wait for an answer", 0.01, 0.1)
    config_timeout_s: float = param(0.3, "How long to wait for a configuration", 0.1, 1.0)
    retry_s: float = param(0.2, "Pause between attempts to start again", 0.05, 5.0)
    jump_factor: float = param(
        3.0, "Multiple of the top speed at which a count must have been reset", 1.5, 100.0
    )

    def check(self) -> None:
        """Raises ConfigError for what bounds cannot say."""
        fastest = self.max_speed_radps * self.erpm_per_radps
        if fastest <= self.min_erpm:
            raise ConfigError(
                f"min_erpm is {self.min_erpm}, and the top speed is {fastest:.0f} ERPM",
                expected="a top speed above the least one",
                remedy="check pole_pairs and gear_ratio, and lower Minimum ERPM in VESC Tool as "
                "far as the motor's sensors allow",
            )

    @property
    def erpm_per_radps(self) -> float:
        """Electrical turns a minute of a motor at 1 rad/s of its wheel."""
        return 60.0 / (2.0 * math.pi) * self.gear_ratio * self.pole_pairs

    @property
    def steps_per_rad(self) -> float:
        """Of the tachometer, per radian of the wheel."""
        turns = self.gear_ratio * self.pole_pairs / (2.0 * math.pi)
        return STEPS_PER_ELECTRICAL_TURN * turns

    @property
    def limits(self) -> DriveLimits:
        return DriveLimits(self.max_speed_radps, self.max_acceleration_radps2, math.inf)
