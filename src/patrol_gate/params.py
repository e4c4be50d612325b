"""Every number of the gate."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.errors import ConfigError
from patrol_core.params import param

USUAL_INPUTS = ("imu/data", "bumper")
OPTIONAL_INPUTS = (*USUAL_INPUTS, "depth_obstacles")


@dataclass(frozen=True, slots=True)
class GateParams:
    """Parameters of the gate. Lengths are between the robot's body and the obstacle's surface."""

    command_expiry_s: float = param(0.15, "Age after arrival at which a command ends", 0.02, 0.5)
    command_max_age_s: float = param(0.25, "Age of a command's stamp that is refused", 0.02, 0.5)
    future_tolerance_s: float = param(0.05, "How far ahead a stamp may be", 0.0, 0.5)
    absurd_factor: float = param(
        2.0, "Multiple of the drive's limits from which a command is refused", 1.0, 10.0
    )

    required_inputs: tuple[str, ...] = param(
        USUAL_INPUTS, "Topics without which, beside scan and odom, the robot does not move"
    )
    required_estop_sources: tuple[str, ...] = param(
        ("robot",), "Emergency stops that count as pressed when they are silent"
    )
    estop_silence_s: float = param(0.5, "Silence of a required emergency stop", 0.1, 2.0)
    clock_stall_s: float = param(1.5, "Steady time in which the clock must advance", 0.1, 10.0)
    hold_release_s: float = param(0.5, "How long all must be well before a hold ends", 0.0, 10.0)

    actuation_delay_s: float = param(
        0.06, "Dead time from a command to the motors' answer [measured]", 0.0, 0.5
    )
    reaction_time_s: float = param(
        0.25, "How long the base may follow a command if nothing comes after it", 0.02, 1.0
    )
    braking_fraction: float = param(
        0.8, "Part of the drive's deceleration that is counted on", 0.1, 1.0
    )
    margin_m: float = param(
        0.06, "Distance kept from what the lidar sees, at standstill", 0.0, 1.0
    )
    margin_growth_s: float = param(0.1, "Distance added per speed [m per m/s]", 0.0, 1.0)
    walking_speed_mps: float = param(
        1.6, "Speed at which something that moves may come nearer (ISO 13855: 1.6 m/s)", 0.0, 3.0
    )
    straying_mps: float = param(
        0.4, "How far from walking straight on somebody may stray [m per s]", 0.0, 3.0
    )
    rest_before_touch_s: float = param(
        1.0, "How long to stand before somebody who walks on could touch", 0.0, 5.0
    )
    retrace_m: float = param(
        0.0, "Back up unseen along this much of the ground just covered; 0: never [m]", 0.0, 10.0
    )
    unstoppable_s: float = param(
        0.3, "Time for which full braking may fall short before the stop latches", 0.05, 2.0
    )

    creep_speed_mps: float = param(0.2, "Speed when lost, or leading out of a margin", 0.02, 0.5)
    creep_yaw_rate_radps: float = param(0.5, "Yaw rate when creeping", 0.05, 2.0)
    degraded_speed_mps: float = param(0.7, "Speed while localisation is degraded", 0.05, 3.0)

    geofence_margin_m: float = param(0.1, "Distance kept from outline and keep-outs", 0.0, 2.0)

    dock_speed_mps: float = param(0.1, "Speed at which contact with a dock is allowed", 0.01, 0.1)
    dock_tolerance_m: float = param(0.1, "How far from its outline a dock may be seen", 0.0, 0.3)
    dock_area_m: float = param(0.5, "Distance from the docked pose that is at the dock", 0.05, 2.0)

    tilt_limit_rad: float = param(0.35, "Tilt that latches", 0.05, 1.0)
    tilt_filter_s: float = param(0.5, "Time constant of the tilt filter", 0.0, 5.0)
    stall_s: float = param(
        1.0, "How long wheels may not follow before the stop latches", 0.2, 10.0
    )

    standing_s: float = param(10.0, "Standing so long, the next movement is announced", 0.0, 60.0)
    warning_s: float = param(2.0, "How long light and sound go before a movement", 0.0, 10.0)

    def check(self) -> None:
        """Raises ConfigError for what bounds cannot say."""
        unknown = set(self.required_inputs) - set(OPTIONAL_INPUTS)
        if unknown:
            raise ConfigError(
                f"required_inputs names {', '.join(sorted(unknown))}",
                expected=f"some of {', '.join(OPTIONAL_INPUTS)}",
                remedy="correct the list",
            )
        if self.command_expiry_s > self.command_max_age_s:
            raise ConfigError(
                f"command_expiry_s is {self.command_expiry_s}",
                expected=f"at most command_max_age_s ({self.command_max_age_s})",
                remedy="lower it",
            )
