"""Points above the ground that depth shows and the map does not explain."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.background import Background
from patrol_perception.depth_obstacles import COLUMNS
from patrol_perception.ground import points_above_ground
from patrol_perception.walkers.still import StillBackground

_REACH_M = 6.0
_CLEAR_M = 0.15


def unexplained_points(
    depth: DepthImage,
    info: CameraInfo,
    mount: FloatArray,
    base: Pose2,
    background: Background | StillBackground,
) -> FloatArray:
    """Points (N, 3): x and y in map, height above the ground in view. `mount`: the camera in
    base_link, 4x4; `base`: base_link in map."""
    points, _ = points_above_ground(depth, info, mount, COLUMNS)
    points = points[np.hypot(points[:, 0], points[:, 1]) < _REACH_M]
    points[:, :2] = base.transform_points(points[:, :2])
    clear = background.mapped_distance_m(points[:, :2]) > _CLEAR_M
    return np.asarray(points[clear])
