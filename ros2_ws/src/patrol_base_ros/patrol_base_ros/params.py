"""Parameters of the base's node; those of the controller stand in the robot file."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class BaseNodeParams:
    """What the node itself is told."""

    port: str = param("", "Port of the motor controller, in place of the robot file's")
    cmd_vel_type: str = param(
        "TwistStamped", "Type of the commands taken", choices=("TwistStamped", "Twist")
    )
