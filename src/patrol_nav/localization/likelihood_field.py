"""How likely returns are, given the map: a table of log-likelihood over the grid.

Thrun, Burgard, Fox: Probabilistic Robotics, section 6.4. A return at distance d from the nearest
mapped surface has likelihood (1 - u) exp(-d^2 / 2 sigma^2) + u, where u stands for people and for
things that have moved.
"""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.maps import OccupancyGrid
from patrol_nav.localization.kernels import count_through, sum_log_likelihoods
from patrol_nav.localization.params import BeamParams
from patrol_nav.maps.distance_field import distance_to_surface_m

MAX_DISTANCE_M = 2.0
BEHIND_M = 0.5
"""A return counts as behind a surface from so far on."""


class LikelihoodField:
    """The table for one map, and the distances [m] it was made from, shape of the grid."""

    def __init__(self, grid: OccupancyGrid, params: BeamParams) -> None:
        self._grid = grid
        self.distance = distance_to_surface_m(grid, MAX_DISTANCE_M)
        explained = np.exp(-0.5 * (self.distance / params.sigma_m) ** 2)
        share = params.unexplained
        self._table = np.log((1.0 - share) * explained + share).astype(np.float32)
        self._outside = np.float32(math.log(share))

    def log_likelihoods(self, particles: FloatArray, endpoints_m: FloatArray) -> FloatArray:
        """Of a scan with `endpoints_m` (M, 2) in base_link, by particle (N, 3); shape (N,)."""
        out = np.empty(len(particles))
        grid = self._grid
        sum_log_likelihoods(
            particles,
            endpoints_m,
            self._table,
            grid.origin_x_m,
            grid.origin_y_m,
            grid.resolution_m,
            self._outside,
            out,
        )
        return out

    def explained(self, pose: Pose2, endpoints_m: FloatArray, within_m: float) -> float:
        """Share of endpoints (M, 2) seen at `pose` that lie within `within_m` of a surface."""
        near = self.distances_m(pose, endpoints_m) < within_m
        return float(near.mean()) if len(near) else 0.0

    def seen_through(
        self, pose: Pose2, lidar: Pose2, endpoints_m: FloatArray, within_m: float
    ) -> float:
        """Share of endpoints (M, 2) seen at `pose` that lie behind a surface, and near none.

        A thing that is not on the map hides what is behind it; a wrong pose looks through walls.
        `lidar` is its pose in base_link.
        """
        grid, ends = self._grid, np.ascontiguousarray(pose.transform_points(endpoints_m))
        origin = pose.compose(lidar)
        count = count_through(
            self.distance, grid.origin_x_m, grid.origin_y_m, grid.resolution_m,
            origin.x_m, origin.y_m, ends, within_m, BEHIND_M,
        )  # fmt: skip
        return count / max(len(ends), 1)

    def distances_m(self, pose: Pose2, endpoints_m: FloatArray) -> FloatArray:
        """From endpoints (M, 2) seen at `pose` to the nearest surface, at most MAX_DISTANCE_M."""
        cells = self._grid.cells_of(pose.transform_points(endpoints_m))
        rows, columns = self.distance.shape
        inside = (
            (cells[:, 0] >= 0)
            & (cells[:, 0] < rows)
            & (cells[:, 1] >= 0)
            & (cells[:, 1] < columns)
        )
        distances = np.full(len(cells), MAX_DISTANCE_M)
        distances[inside] = self.distance[cells[inside, 0], cells[inside, 1]]
        return distances
