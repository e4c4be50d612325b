"""The ground in a depth picture."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.view import View

_LOW_M = 0.15
_FIT_M = 0.04
_PIXELS = 100
_MOST_TILT = 0.08


def points_above_ground(
    depth: DepthImage, info: CameraInfo, mount: FloatArray, columns: int
) -> tuple[FloatArray, int]:
    """Valid points (N, 3) of a depth picture: x and y in base_link, height above the ground.

    Of the picture so many columns are looked at, and as many rows as the second value says.
    `mount`: camera_optical_frame in base_link.
    """
    points = View(depth.stamp_s, info, mount, Pose2(0.0, 0.0)).points_of_depth(
        depth.depth_m, max(1, depth.depth_m.shape[1] // columns)
    )
    rows = points.shape[0]
    points = points.reshape(-1, 3)
    points = points[np.isfinite(points[:, 2])]
    points[:, 2] -= ground_m(points)
    return points, rows


def ground_m(points_m: FloatArray) -> FloatArray:
    """Height of the ground below points (N, 3) in base_link: a plane laid through what is low.

    It takes out the nod of a robot that brakes; where little ground is in view, or the plane
    would be steeper than `_MOST_TILT`, the ground is taken as level.
    """
    level = np.zeros(len(points_m))
    low = np.abs(points_m[:, 2]) < _LOW_M
    plane = None
    for _ in range(2):
        if np.count_nonzero(low) < _PIXELS:
            return level
        around = np.column_stack((points_m[low, :2], np.ones(np.count_nonzero(low))))
        plane, *_ = np.linalg.lstsq(around, points_m[low, 2], rcond=None)
        height = points_m[:, :2] @ plane[:2] + plane[2]
        low = np.abs(points_m[:, 2] - height) < _FIT_M
    if plane is None or float(np.max(np.abs(plane[:2]))) > _MOST_TILT:
        return level
    return np.asarray(height)
