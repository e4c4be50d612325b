"""Distances to the nearest obstacle on a grid: the costmap in its most useful form."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.types.maps import OccupancyGrid
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.costmap.kernels import BLOCK_CELLS, lookup, path_clearances


@dataclass(frozen=True, slots=True, eq=False)
class DistanceField:
    """float32 (rows, columns): distance [m] from each cell of a grid in `map` to the nearest
    obstacle.

    Distances are cut off at `max_m`. Outside the grid everything counts as an obstacle.
    `ground`: uint8, the same shape: 0, or 1 beside preferred zones, where there are any.
    `revisions`: int32, one for each block of cells; who writes either says so by `changed`.
    """

    resolution_m: float
    origin_x_m: float
    origin_y_m: float
    distances_m: npt.NDArray[np.float32]
    max_m: float
    ground: npt.NDArray[np.uint8] = field(init=False)
    revisions: npt.NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ground", np.zeros(self.distances_m.shape, np.uint8))
        rows, columns = (-(-size // BLOCK_CELLS) for size in self.distances_m.shape)
        object.__setattr__(self, "revisions", np.zeros((rows, columns), np.int32))

    def changed(self, low_row: int, high_row: int, low_column: int, high_column: int) -> None:
        """Note what is new in these rows and columns (the high ones exclusive)."""
        rows = slice(low_row // BLOCK_CELLS, -(-high_row // BLOCK_CELLS))
        self.revisions[rows, low_column // BLOCK_CELLS : -(-high_column // BLOCK_CELLS)] += 1

    def at(self, x_m: float, y_m: float) -> float:
        """Distance at a point [m]."""
        return float(
            lookup(self.distances_m, self.origin_x_m, self.origin_y_m, self.resolution_m, x_m, y_m)
        )

    def clearances(self, footprint: Footprint, poses: FloatArray) -> FloatArray:
        """Room round the footprint at poses (N, 3) [m], shape (N,); negative: overlap."""
        out = np.empty(len(poses))
        path_clearances(
            self.distances_m,
            self.origin_x_m,
            self.origin_y_m,
            self.resolution_m,
            footprint.offsets_m,
            footprint.radius_m,
            np.ascontiguousarray(poses, dtype=np.float64),
            out,
        )
        return out

    def costs(self, footprint: Footprint, stamp_s: float) -> OccupancyGrid:
        """As a costmap for viewers: 100 obstacle, 99 inscribed, then decaying."""
        distances = self.distances_m
        beyond = np.maximum(distances - footprint.inscribed_m, 0.0)
        cost = 98.0 * np.exp(-3.0 * beyond)
        cost[distances < footprint.inscribed_m] = 99.0
        cost[distances <= 0.0] = 100.0
        cost[distances >= self.max_m] = 0.0
        return OccupancyGrid(
            stamp_s, self.resolution_m, self.origin_x_m, self.origin_y_m, cost.astype(np.int8)
        )
