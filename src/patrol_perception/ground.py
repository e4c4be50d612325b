"""The ground in a depth picture."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray

_LOW_M = 0.15
_FIT_M = 0.04
_PIXELS = 100
_MOST_TILT = 0.08


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
