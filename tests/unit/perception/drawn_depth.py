"""Depth pictures of level ground and boxes, as the shipped robot would take them."""

from __future__ import annotations

import math

import numpy as np
from tests.unit.perception.rover import ROBOT

from patrol_core.geometry import Pose2, Transform3
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.view import camera_mount

Box = tuple[float, float, float, float, float, float]
"""Low and high x, y, z [m]."""
WIDTH, HEIGHT = 64, 48
FOCAL = WIDTH / 2.0 / math.tan(ROBOT.camera.horizontal_fov_rad / 2.0)
INFO = CameraInfo(0.0, "camera_optical_frame", WIDTH, HEIGHT, FOCAL, FOCAL, 32.0, 24.0)


def draw(
    base: Pose2,
    *boxes: Box,
    nod_rad: float = 0.0,
    edge_x_m: float = math.inf,
    floor_m: float = 0.0,
) -> DepthImage:
    """Level ground and boxes, from a robot at `base` that nods forward, with 1 cm of noise.

    Beyond `edge_x_m` the ground lies at `floor_m`.
    """
    nod = Transform3.from_rpy((0.0, 0.0, 0.0), (0.0, nod_rad, 0.0)).matrix()
    camera = Transform3.from_pose2(base).matrix() @ nod @ camera_mount(ROBOT.camera)
    v, u = np.indices((HEIGHT, WIDTH))
    rays = np.stack(((u - 32.0) / FOCAL, (v - 24.0) / FOCAL, np.ones_like(u)), axis=-1)
    rays, eye = rays @ camera[:3, :3].T, camera[:3, 3]
    with np.errstate(divide="ignore"):
        depth = np.where(rays[..., 2] < 0.0, -eye[2] / rays[..., 2], np.inf)
        below = np.where(rays[..., 2] < 0.0, (floor_m - eye[2]) / rays[..., 2], np.inf)
        depth = np.where(eye[0] + depth * rays[..., 0] > edge_x_m, below, depth)
        for box in boxes:
            first, second = (np.asarray(box[:3]) - eye) / rays, (np.asarray(box[3:]) - eye) / rays
            enters = np.minimum(first, second).max(axis=-1)
            leaves = np.maximum(first, second).min(axis=-1)
            met = (enters < leaves) & (enters > 0.0)
            depth = np.where(met, np.minimum(depth, enters), depth)
    depth[depth > 10.0] = np.nan
    noise = np.random.default_rng(1).normal(0.0, 0.01, depth.shape)
    return DepthImage(0.0, "camera_optical_frame", (depth + noise).astype(np.float32))
