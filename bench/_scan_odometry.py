"""Where the lidar went, by its scans alone, for recordings that have no odometry.

Each scan is laid onto a scan taken a little earlier (a key), from where the one before would have
gone on at its speed; what moves pulls little (`patrol_perception.kernels.register`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import LaserScan
from patrol_perception.kernels import register

_CELL_M = 0.05
_REACH_M = 12.0
_PRIORS = (np.array([0.3, 0.15]), np.array([0.1, 0.05]))
_KEY_M, _KEY_RAD = 0.3, 0.15
_MAX_GAP_S = 1.0
_MIN_RETURNS = 30
_TELLING_M = 0.01


class _Key:
    """A scan as a field of distances, at its pose."""

    def __init__(self, points_m: FloatArray, pose: Pose2) -> None:
        self.pose = pose
        count = round(2.0 * _REACH_M / _CELL_M)
        free = np.ones((count, count), np.uint8)
        cells = np.floor((points_m + _REACH_M) / _CELL_M).astype(int)
        cells = cells[((cells >= 0) & (cells < count)).all(axis=1)]
        free[cells[:, 1], cells[:, 0]] = 0
        away = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        exact = np.sqrt(np.rint(np.square(away, dtype=np.float64)))
        self._away_m: npt.NDArray[np.float32] = (exact * _CELL_M).astype(np.float32)
        self._frame = np.array([-_REACH_M, -_REACH_M, _CELL_M])

    def lay(self, points_m: FloatArray, guess: Pose2) -> Pose2:
        """The pose of a scan of these points, near `guess`."""
        start = guess.relative_to(self.pose)
        values = np.array([start.x_m, start.y_m, start.yaw_rad])
        for prior in _PRIORS:
            values = register(points_m, self._away_m, self._frame, values, prior)
        return self.pose.compose(Pose2(*values.tolist()))


def poses_of(scans: Sequence[LaserScan]) -> list[Pose2]:
    """The lidar's pose at every scan, in the frame of the first."""
    poses: list[Pose2] = []
    key: _Key | None = None
    step = Pose2(0.0, 0.0)
    for number, scan in enumerate(scans):
        points = scan.points_m()
        last = poses[-1] if poses else Pose2(0.0, 0.0)
        if key is None or len(points) < _MIN_RETURNS:
            poses.append(last)
            if key is None and len(points) >= _MIN_RETURNS:
                key = _Key(points, last)
            continue
        gap = scan.stamp_s - scans[number - 1].stamp_s > _MAX_GAP_S
        guess = last if gap else last.compose(step)
        pose = key.lay(points, guess)
        if pose.distance_to(key.pose) < _TELLING_M and last.distance_to(key.pose) < _TELLING_M:
            pose = last
        step = pose.relative_to(last)
        poses.append(pose)
        moved = pose.relative_to(key.pose)
        if math.hypot(moved.x_m, moved.y_m) > _KEY_M or abs(moved.yaw_rad) > _KEY_RAD:
            key = _Key(points, pose)
    return poses
