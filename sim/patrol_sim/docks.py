"""Whether a robot is at a dock."""

from __future__ import annotations

import math
from collections.abc import Iterable

from patrol_core.geometry import Pose2
from patrol_sim.params import BatteryParams

_NEAR_M = 1.5


def is_docked(pose: Pose2, docks: Iterable[Pose2], battery: BatteryParams) -> bool:
    """Whether the charging contacts of a robot at `pose` meet those of a dock."""
    offs = (pose.relative_to(dock) for dock in docks)
    return any(
        math.hypot(off.x_m, off.y_m) <= battery.dock_tolerance_m
        and abs(off.yaw_rad) <= battery.dock_tolerance_rad
        for off in offs
    )


def is_near_dock(pose: Pose2, docks: Iterable[Pose2]) -> bool:
    """Whether it is so near to a dock that coming close to things is what it is there for."""
    return any(pose.distance_to(dock) < _NEAR_M for dock in docks)
