"""Evidence of standing things, gathered over time in cells of the map.

A return that the map does not explain adds to its cell, a beam that passes through takes away. So
what has gone leaves no trace where it can be seen, and what is merely hidden stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.types.maps import OccupancyGrid
from patrol_perception.kernels import clear_seen_through
from patrol_perception.look import Look

_MAX_SCORE = 80.0
_MAX_MEMORY = 60.0
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """Solid cells that touch or nearly touch: flat numbers (N,), mean returns (N, 2) in `map`, and
    who owned them so far (N,)."""

    cells: npt.NDArray[np.int64]
    points_m: FloatArray
    owners: npt.NDArray[np.int32]


class EvidenceGrid:
    """One score a cell, the mean of its returns, and the spot that owns it."""

    def __init__(self, extent: OccupancyGrid, cell_m: float, min_hits: float) -> None:
        """Covers the map `extent` with cells of `cell_m`; a score of `min_hits` is solid."""
        rows, columns = extent.cells.shape
        self._rows = int(np.ceil(rows * extent.resolution_m / cell_m)) + 1
        self._columns = int(np.ceil(columns * extent.resolution_m / cell_m)) + 1
        self._origin_m = np.array([extent.origin_x_m, extent.origin_y_m])
        self._cell_m = cell_m
        self._min_hits = min_hits
        self.count = count = self._rows * self._columns
        self._score = np.zeros(count, np.float32)
        self._mean_m = np.zeros((count, 2))
        self._weight = np.zeros(count, np.float32)
        self._owner = np.full(count, NOBODY, np.int32)
        self._active: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def cells_at(self, points_m: FloatArray) -> npt.NDArray[np.int64]:
        """Flat cell numbers of points (N, 2); points outside are put into the border cells."""
        cells = np.floor((points_m - self._origin_m) / self._cell_m).astype(np.int64)
        columns = np.minimum(np.maximum(cells[:, 0], 0), self._columns - 1)
        rows = np.minimum(np.maximum(cells[:, 1], 0), self._rows - 1)
        return np.asarray(rows * self._columns + columns)

    def owners_at(self, points_m: FloatArray) -> list[int]:
        """Distinct owners of the cells under points (N, 2), ascending."""
        return sorted(set(self._owner[self.cells_at(points_m)].tolist()) - {NOBODY})

    def add(self, points_m: FloatArray) -> None:
        """One scan's returns (N, 2) from things that may be standing."""
        cells, index, counts = np.unique(
            self.cells_at(points_m), return_inverse=True, return_counts=True
        )
        mean = np.zeros((len(cells), 2))
        np.add.at(mean, index, points_m)
        mean /= counts[:, None]
        self._weight[cells] = np.minimum(self._weight[cells] + 1.0, _MAX_MEMORY)
        share = 1.0 / self._weight[cells, None].astype(np.float64)
        self._mean_m[cells] += (mean - self._mean_m[cells]) * share
        self._score[cells] = np.minimum(self._score[cells] + 1.0, _MAX_SCORE)
        self._active = np.union1d(self._active, cells)

    def clear(self, look: Look, max_range_m: float) -> None:
        """Take away where this scan sees through, and drop cells that have nothing left."""
        if not len(self._active):
            return
        sensor = np.array([look.sensor.x_m, look.sensor.y_m, look.sensor.yaw_rad])
        beam = np.array([look.angle_min_rad, look.angle_increment_rad, max_range_m])
        clear_seen_through(look.ranges_m, self._active, self._mean_m, self._score, sensor, beam)
        self._drop(self._active[self._score[self._active] <= 0.0])

    def wear(self, cells: npt.NDArray[np.int64]) -> None:
        """Take one away from each of these cells, and drop those that have nothing left."""
        worn = np.intersect1d(cells, self._active)
        self._score[worn] -= 1.0
        self._drop(worn[self._score[worn] <= 0.0])

    def scores(self, cells: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The scores of cells (N,)."""
        return self._score[cells]

    def forget(self, owner: int) -> None:
        """Drop all cells of a spot."""
        self._drop(self._active[self._owner[self._active] == owner])

    def _drop(self, cells: npt.NDArray[np.int64]) -> None:
        if not len(cells):
            return
        self._score[cells] = 0.0
        self._weight[cells] = 0.0
        self._mean_m[cells] = 0.0
        self._owner[cells] = NOBODY
        self._active = np.setdiff1d(self._active, cells, assume_unique=True)

    def touched_m(self, x_m: float, y_m: float, radius_m: float) -> FloatArray:
        """Mean returns (N, 2) of all cells with any score in the same square."""
        means = self._mean_m[self._active]
        near = np.max(np.abs(means - (x_m, y_m)), axis=1, initial=0.0) <= radius_m
        return np.asarray(means[near])

    def components(self, x_m: float, y_m: float, radius_m: float) -> list[Component]:
        """Everything solid within a square of half-width `radius_m`, by first cell."""
        means = self._mean_m[self._active]
        near = np.max(np.abs(means - (x_m, y_m)), axis=1, initial=0.0) <= radius_m
        solid = self._score[self._active] >= self._min_hits
        cells: npt.NDArray[np.int64] = self._active[near & solid]
        if not len(cells):
            return []
        rows, columns = np.divmod(cells, self._columns)
        rows, columns = rows - rows.min() + 1, columns - columns.min() + 1
        image = np.zeros((rows.max() + 2, columns.max() + 2), np.uint8)
        image[rows, columns] = 1
        grown = cv2.dilate(image, np.ones((2, 2), np.uint8))
        _, labels = cv2.connectedComponents(grown, connectivity=8)
        label = labels[rows, columns]
        groups = [cells[label == k] for k in np.unique(label)]
        return [Component(group, self._mean_m[group], self._owner[group]) for group in groups]

    def own(self, component: Component, owner: int) -> None:
        """Give a component's cells to a spot."""
        self._owner[component.cells] = owner
