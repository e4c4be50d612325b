"""A path that is being driven: how far along it the robot is, and how fast it may go where."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.params import MotionParams
from patrol_nav.planning.path import arc_lengths_m

BACK_POINTS = 10
AHEAD_M = 6.0
CREEP_MPS = 0.12


class Reference:
    """Poses (N, 3) about `spacing_m` apart, N at least 2, ending at the goal."""

    def __init__(self, poses: FloatArray) -> None:
        self.poses = poses
        self.along_m = arc_lengths_m(poses)
        self.index = 0
        self._curvature = _curvature(poses, self.along_m)

    @property
    def remaining_m(self) -> float:
        return float(self.along_m[-1] - self.along_m[self.index])

    @property
    def goal(self) -> Pose2:
        x, y, yaw = self.poses[-1]
        return Pose2(float(x), float(y), float(yaw))

    def pose(self, index: int) -> Pose2:
        x, y, yaw = self.poses[index]
        return Pose2(float(x), float(y), float(yaw))

    def index_ahead(self, distance_m: float) -> int:
        """Index of the pose `distance_m` beyond the current one, or the last."""
        wanted = self.along_m[self.index] + distance_m
        return int(min(np.searchsorted(self.along_m, wanted), len(self.poses) - 1))

    def update(self, pose: Pose2) -> float:
        """Move on to the nearest pose within reach; the distance to it [m]."""
        low = max(self.index - BACK_POINTS, 0)
        high = self.index_ahead(2.0) + 1
        offsets = self.poses[low:high, :2] - np.array([pose.x_m, pose.y_m])
        squared = np.einsum("ij,ij->i", offsets, offsets)
        nearest = int(np.argmin(squared))
        self.index = low + nearest
        return math.sqrt(float(squared[nearest]))

    def ahead(self) -> FloatArray:
        """The poses of the next metres (N, 3), N at least 2."""
        first = max(min(self.index, len(self.poses) - 2), 0)
        return self.poses[first : max(self.index_ahead(AHEAD_M), first + 1) + 1]

    def window(
        self,
        speed_mps: float | FloatArray,
        stop_in_m: float,
        costmap: Costmap,
        motion: MotionParams,
    ) -> FloatArray:
        """The next metres (N, 5) for a controller: x, y, yaw, distance, allowed speed.

        Allowed speed heeds `speed_mps` (one for all or one a pose of `ahead`), speed zones, bends,
        the goal, and a stop after `stop_in_m`.
        """
        first = max(min(self.index, len(self.poses) - 2), 0)
        part = slice(first, first + len(self.ahead()))
        along = self.along_m[part] - self.along_m[first]
        allowed = np.minimum(speed_mps, costmap.speed_limit_mps(self.poses[part, :2]))
        bend = np.maximum(self._curvature[part], 1e-6)
        allowed = np.minimum(allowed, np.sqrt(motion.lateral_mps2 / bend))
        allowed = np.minimum(allowed, 0.85 * motion.yaw_rate_radps / bend)
        braking = 2.0 * 0.8 * motion.deceleration_mps2
        to_goal = self.along_m[-1] - self.along_m[part]
        allowed = np.minimum(allowed, np.maximum(np.sqrt(braking * to_goal), CREEP_MPS))
        to_stop = np.maximum(stop_in_m - along, 0.0)
        allowed = np.minimum(allowed, np.sqrt(braking * to_stop))
        # A slower place further on slows down before it: v^2 = u^2 + 2 a s, from behind.
        reach = allowed**2 + braking * along
        reach = np.minimum.accumulate(reach[::-1])[::-1] - braking * along
        allowed = np.sqrt(np.maximum(reach, 0.0))
        return np.column_stack((self.poses[part], along, allowed))


def speeds_by_room(
    poses: FloatArray, field: DistanceField, footprint: Footprint, motion: MotionParams
) -> FloatArray | float:
    """How fast it may go at poses (N, 3) for the room that the body has there."""
    if motion.room_s <= 0.0:
        return math.inf
    room_m = field.clearances(footprint, poses)
    return np.asarray(np.maximum(room_m / motion.room_s, motion.tight_mps))


def _curvature(poses: FloatArray, along_m: FloatArray) -> FloatArray:
    """Absolute curvature [1/m] over about half a metre; the last pose's heading does not count."""
    count = len(poses)
    if count < 4:
        return np.zeros(count)
    yaw = np.unwrap(poses[:, 2])
    yaw[-1] = yaw[-2]
    span = 3
    low = np.maximum(np.arange(count) - span, 0)
    high = np.minimum(np.arange(count) + span, count - 1)
    way = np.maximum(along_m[high] - along_m[low], 1e-3)
    return np.asarray(np.abs(yaw[high] - yaw[low]) / way)
