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
from patrol_nav.localization.kernels import sum_log_likelihoods
from patrol_nav.localization.params import BeamParams
from patrol_nav.maps.distance_field import distance_to_surface_m

MAX_DISTANCE_M = 2.0


class LikelihoodField:
    """The table for one map, and the distances it was made from."""

    def __init__(self, grid: OccupancyGrid, params: BeamParams) -> None:
        self._grid = grid
        self._distance = distance_to_surface_m(grid, MAX_DISTANCE_M)
        explained = np.exp(-0.5 * (self._distance / params.sigma_m) ** 2)
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

    def distances_m(self, pose: Pose2, endpoints_m: FloatArray) -> FloatArray:
        """From endpoints (M, 2) seen at `pose` to the nearest surface, at most MAX_DISTANCE_M."""
        cells = self._grid.cells_of(pose.transform_points(endpoints_m))
        rows, columns = self._distance.shape
        inside = (
            (cells[:, 0] >= 0)
            & (cells[:, 0] < rows)
            & (cells[:, 1] >= 0)
            & (cells[:, 1] < columns)
        )
        distances = np.full(len(cells), MAX_DISTANCE_M)
        distances[inside] = self._distance[cells[inside, 0], cells[inside, 1]]
        return distances
