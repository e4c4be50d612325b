"""A coarse depth camera by ray casting: for where nothing is rendered."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from patrol_core import robot
from patrol_sim.engine import mujoco
from patrol_sim.geoms import RAY_GROUPS
from patrol_sim.pinhole import focal_px

WIDTH_PX = 64
REACH_M = 7.0
"""Along the ray. Ray casting costs about a microsecond a ray and little more the farther it goes;
what is farther off than this is left to the lidar."""


def coarse(camera: robot.Camera) -> robot.Camera:
    """The same camera with `WIDTH_PX` columns."""
    height_px = round(WIDTH_PX * camera.height_px / camera.width_px)
    return dataclasses.replace(camera, width_px=WIDTH_PX, height_px=height_px)


def pixel_rays(camera: robot.Camera) -> NDArray[np.float64]:
    """Where each pixel looks, row by row (H * W, 3), in the optical frame; z is 1."""
    rows, columns = np.indices((camera.height_px, camera.width_px)) + 0.5
    focal = focal_px(camera)
    right = (columns - camera.width_px / 2.0) / focal
    down = (rows - camera.height_px / 2.0) / focal
    return np.stack((right, down, np.ones_like(right)), axis=-1).reshape(-1, 3)


class DepthRays:
    """One robot's depth camera. The robot's own parts read NaN, as does what is out of reach."""

    def __init__(self, camera: robot.Camera, own_geoms: NDArray[np.bool_]) -> None:
        """`camera` is coarse already; `own_geoms` (G,) marks the robot's own."""
        self._camera = camera
        self._own_geoms = own_geoms
        # MuJoCo's camera frame: x right, y up, looking along -z.
        rays = pixel_rays(camera) * np.array([1.0, -1.0, -1.0])
        self._length = np.linalg.norm(rays, axis=1)
        self._directions = rays / self._length[:, None]
        self._geoms = np.zeros(len(rays), dtype=np.int32)
        self._ranges = np.zeros(len(rays))

    def cast(
        self, model: mujoco.MjModel, data: mujoco.MjData, camera: int, body: int
    ) -> NDArray[np.float32]:
        """Depth (H, W) [m] from the model's camera number `camera` on the body `body`."""
        rays = self._directions @ data.cam_xmat[camera].reshape(3, 3).T
        mujoco.mj_multiRay(
            model, data, data.cam_xpos[camera], rays.ravel(), RAY_GROUPS, True, body,
            self._geoms, self._ranges, None, len(rays), REACH_M,
        )  # fmt: skip
        hit = (self._geoms >= 0) & (self._ranges <= REACH_M)
        hit &= ~self._own_geoms[self._geoms]
        depth = np.where(hit, self._ranges / self._length, np.nan).astype(np.float32)
        return depth.reshape(self._camera.height_px, self._camera.width_px)
