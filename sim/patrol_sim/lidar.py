"""A planar lidar: the noise of one revolution, whoever casts its rays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrol_core import robot
from patrol_core.types.sensors import LaserScan
from patrol_sim.params import LidarParams


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """What the rays of one revolution met.

    `ranges_m` (N,), true where `hit` (N,) or `own` (N,): the robot itself. `points_m` (M, 3) in
    the world frame, one a hit, and `people` (M,): whether that is somebody.
    """

    ranges_m: NDArray[np.float64]
    hit: NDArray[np.bool_]
    own: NDArray[np.bool_]
    points_m: NDArray[np.float64]
    people: NDArray[np.bool_]


def beam_angles(lidar: robot.Lidar) -> NDArray[np.float64]:
    """The beams' directions in lidar_link (N,) [rad], each in the middle of its share."""
    increment = lidar.field_of_view_rad / lidar.beams
    first = -lidar.field_of_view_rad / 2.0 + increment / 2.0
    angles: NDArray[np.float64] = np.array([first + increment * i for i in range(lidar.beams)])
    return angles


class LidarModel:
    """Makes a scan of one revolution at an instant; beams that meet the robot itself read NaN."""

    def __init__(self, lidar: robot.Lidar, params: LidarParams, rng: np.random.Generator) -> None:
        self._lidar = lidar
        self._params = params
        self._rng = rng
        self._increment = lidar.field_of_view_rad / lidar.beams
        self._angle_min = -lidar.field_of_view_rad / 2.0 + self._increment / 2.0

    def measure(self, stamp_s: float, returns: Returns) -> LaserScan:
        """The scan of one revolution."""
        return LaserScan(
            stamp_s,
            "lidar_link",
            self._angle_min,
            self._increment,
            self._lidar.range_min_m,
            self._lidar.range_max_m,
            self._disturb(returns),
        )

    def _disturb(self, returns: Returns) -> NDArray[np.float32]:
        noise = self._params.sigma_m * self._rng.standard_normal(self._lidar.beams)
        lost = self._rng.random(self._lidar.beams) < self._params.dropout_fraction
        ranges = np.where(returns.hit, returns.ranges_m + noise, np.inf)
        if self._params.drops_fraction > 0.0:
            ranges = self._rained_on(ranges)
        ranges[returns.own | lost | (ranges < self._lidar.range_min_m)] = np.nan
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
