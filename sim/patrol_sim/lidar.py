"""A planar lidar by MuJoCo's ray casting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patrol_core import robot
from patrol_core.types.sensors import LaserScan
from patrol_sim.engine import mujoco
from patrol_sim.model_builder import RAY_GROUPS
from patrol_sim.params import LidarParams


class LidarModel:
    """Casts one revolution at an instant; beams that meet the robot itself read NaN.

    `hit_points_m` (M, 3) in the world frame and `hit_geoms` (M,) keep the last revolution's true
    hits for the scorer's clearance.
    """

    def __init__(
        self,
        lidar: robot.Lidar,
        params: LidarParams,
        own_geoms: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> None:
        self._lidar = lidar
        self._params = params
        self._own_geoms = own_geoms
        self._rng = rng
        self._increment = lidar.field_of_view_rad / lidar.beams
        self._angle_min = -lidar.field_of_view_rad / 2.0 + self._increment / 2.0
        angles = self._angle_min + self._increment * np.arange(lidar.beams)
        self._directions = np.column_stack((np.cos(angles), np.sin(angles), np.zeros(lidar.beams)))
        self._geoms = np.zeros(lidar.beams, dtype=np.int32)
        self._ranges = np.zeros(lidar.beams)
        self.hit_points_m = np.zeros((0, 3))
        self.hit_geoms: NDArray[np.int32] = np.zeros(0, dtype=np.int32)

    def measure(
        self, stamp_s: float, model: mujoco.MjModel, data: mujoco.MjData, link: int, own_body: int
    ) -> LaserScan:
        """One scan from the body `link` (the frame lidar_link)."""
        origin = data.xpos[link]
        rays = self._directions @ data.xmat[link].reshape(3, 3).T
        reach = self._lidar.range_max_m
        mujoco.mj_multiRay(
            model, data, origin, rays.ravel(), RAY_GROUPS, True, own_body,
            self._geoms, self._ranges, None, self._lidar.beams, reach,
        )  # fmt: skip
        hit = (self._geoms >= 0) & (self._ranges <= reach)
        own = hit & self._own_geoms[self._geoms]
        hit &= ~own
        self.hit_points_m = origin + rays[hit] * self._ranges[hit, None]
        self.hit_geoms = self._geoms[hit]
        return LaserScan(
            stamp_s,
            "lidar_link",
            self._angle_min,
            self._increment,
            self._lidar.range_min_m,
            reach,
            self._disturb(hit, own),
        )

    def _disturb(self, hit: NDArray[np.bool_], own: NDArray[np.bool_]) -> NDArray[np.float32]:
        noise = self._params.sigma_m * self._rng.standard_normal(self._lidar.beams)
        lost = self._rng.random(self._lidar.beams) < self._params.dropout_fraction
        ranges = np.where(hit, self._ranges + noise, np.inf)
        if self._params.drops_fraction > 0.0:
            ranges = self._rained_on(ranges)
        ranges[own | lost | (ranges < self._lidar.range_min_m)] = np.nan
        return ranges.astype(np.float32)

    def _rained_on(self, ranges: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rain: some beams end at a drop near by, and a return is the rarer the farther it is.

        Both effects, backscatter and extinction, as in Goodin, Carruth, Doude and Hudson 2019,
        "Predicting the influence of rain on LIDAR in ADAS".
        """
        params, beams = self._params, self._lidar.beams
        swallowed = self._rng.exponential(params.rain_reach_m, beams) < ranges
        drops = params.drops_reach_m * self._rng.random(beams)
        dropped = (self._rng.random(beams) < params.drops_fraction) & (drops < ranges)
        return np.where(dropped, drops, np.where(swallowed, np.inf, ranges))
