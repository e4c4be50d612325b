"""Configuration of one ODrive with two wheels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.errors import ConfigError
from patrol_core.params import param
from patrol_drivers.motors import DriveLimits
from patrol_drivers.odrive.values import BAUD_RATES, MAX_TURNS


@dataclass(frozen=True, slots=True)
class ODriveParams:
    """Wheel speeds and accelerations are of the wheel, after the gear."""

    port: str = param("/dev/ttyACM0", "Serial port; better a name under /dev/serial/by-id")
    baud: int = param(115200, "Speed of the port, as set in the controller", 115200, 921600)

    motor_turns_per_wheel_turn: float = param(
        1.0, "Gear between the motor with its encoder and the wheel; 1 for a hub motor", 0.01, 1e3
    )
    motors_swapped: bool = param(False, "Axis 0 is the right wheel, not the left one")
    left_reversed: bool = param(
        False, "The left motor turns backwards when its wheel rolls forward"
    )
    right_reversed: bool = param(
        False, "The right motor turns backwards when its wheel rolls forward"
    )

    max_speed_radps: float = param(
        12.0,
        "Top speed of a wheel [rad/s]; the controller's `vel_limit` must allow it",
        0.1,
        200.0,
    )
    max_acceleration_radps2: float = param(10.0, "Top acceleration [rad/s2]", 0.1, 1000.0)
    stop_deceleration_radps2: float = param(15.0, "Deceleration of a stop [rad/s2]", 0.1, 1000.0)

    watchdog_s: float = param(
        0.15, "Silence after which an axis disarms its motor, which then rolls freely", 0.1, 1.0
    )
    reply_timeout_s: float = param(0.02, "How long to wait for answers", 0.01, 0.1)
    retry_s: float = param(0.2, "Pause between attempts to start again", 0.05, 5.0)
    jump_factor: float = param(
        3.0, "Multiple of the top speed at which a position must have been reset", 1.5, 100.0
    )

    def check(self) -> None:
        """Raises ConfigError for what bounds cannot say."""
        if self.baud not in BAUD_RATES:
            raise ConfigError(
                f"baud is {self.baud}",
                expected=f"one of {', '.join(map(str, BAUD_RATES))}",
                remedy="set what `config.uart_a_baudrate` is in the controller",
            )
        fastest = max(
            self.max_speed_radps, self.max_acceleration_radps2, self.stop_deceleration_radps2
        )
        if self.turns_per_rad * fastest > MAX_TURNS:
            raise ConfigError(
                f"speeds or accelerations reach {self.turns_per_rad * fastest:.0f} turns",
                expected=f"at most {MAX_TURNS:.0f} turns of the motor",
                remedy="check motor_turns_per_wheel_turn",
            )

    @property
    def turns_per_rad(self) -> float:
        """Turns of the motor to a radian of the wheel."""
        return self.motor_turns_per_wheel_turn / (2.0 * math.pi)

    @property
    def limits(self) -> DriveLimits:
        return DriveLimits(
            self.max_speed_radps, self.max_acceleration_radps2, self.stop_deceleration_radps2
        )
