"""The last metres of the way that the robot came, and how to drive them backwards."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_nav.control.controller import ControlOutput

APART_M, APART_RAD = 0.05, 0.1
"""Between the poses that are remembered."""
LOST_M = 0.5
"""Who is found so far from the last of them did not drive there."""
RETRACE_RADPS = 1.0
REACHED_M, ASTRAY_RAD = 0.15, 0.5
"""A pose so near is reached; so far off its heading the robot turns on the spot first."""
SHOWN = 9
"""So many of the poses to come are given."""


class WayCome:
    """`length_m` of it, in `map`."""

    def __init__(self, length_m: float) -> None:
        self._most = max(round(length_m / APART_M), 1)
        self._poses: list[Pose2] = []

    def note(self, pose: Pose2) -> None:
        """The robot has driven here."""
        last = self._poses[-1] if self._poses else None
        if last is not None and pose.distance_to(last) > LOST_M:
            self._poses, last = [], None
        if last is None or pose.distance_to(last) >= APART_M or _turn(last, pose) >= APART_RAD:
            self._poses = [*self._poses[1 - self._most :], pose]

    def back(self, pose: Pose2, speed_mps: float) -> ControlOutput | None:
        """Towards the last of it that lies behind, which is forgotten when it is reached.

        None where it ends. The trajectory is the poses to come, nearest first.
        """
        poses = self._poses
        while poses and (
            pose.distance_to(poses[-1]) < REACHED_M or poses[-1].relative_to(pose).x_m > 0.0
        ):
            poses.pop()
        if not poses:
            return None
        way: FloatArray = np.array([[p.x_m, p.y_m, p.yaw_rad] for p in poses[: -SHOWN - 1 : -1]])
        target = poses[-1].relative_to(pose)
        if abs(target.yaw_rad) > ASTRAY_RAD:
            return ControlOutput(0.0, math.copysign(RETRACE_RADPS, target.yaw_rad), way)
        curvature = 2.0 * target.y_m / (target.x_m**2 + target.y_m**2)
        angular = max(-RETRACE_RADPS, min(-speed_mps * curvature, RETRACE_RADPS))
        return ControlOutput(-speed_mps, angular, way)


def _turn(before: Pose2, after: Pose2) -> float:
    return abs(wrap_angle(after.yaw_rad - before.yaw_rad))
