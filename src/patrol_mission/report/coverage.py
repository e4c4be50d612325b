"""Which ground was in view, how often: lines of sight on the map from where the robot was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.types.maps import FREE, OCCUPIED, UNKNOWN, OccupancyGrid

CELL_M = 0.25
PLACE_M = 1.0
"""Places of the track are told apart by so much: seeing does not change faster."""
HEADINGS = 16
_BEARINGS = 720
_OWN_M = 0.6
"""The robot stands on free ground, whatever the coarse map says there."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far, and how wide, something is seen; `field_of_view_rad` about the robot's heading."""

    range_m: float
    field_of_view_rad: float = math.tau


def coarse(grid: OccupancyGrid, cell_m: float = CELL_M) -> OccupancyGrid:
    """The map in cells of about `cell_m`: occupied where any part is, else free where any is."""
    step = max(1, round(cell_m / grid.resolution_m))
    rows, columns = grid.cells.shape
    padded = np.full((-rows % step + rows, -columns % step + columns), UNKNOWN, dtype=np.int8)
    padded[:rows, :columns] = grid.cells
    blocks = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step)
    cells = np.full((blocks.shape[0], blocks.shape[2]), UNKNOWN, dtype=np.int8)
    cells[(blocks == FREE).any(axis=(1, 3))] = FREE
    cells[(blocks == OCCUPIED).any(axis=(1, 3))] = OCCUPIED
    return OccupancyGrid(
        grid.stamp_s, step * grid.resolution_m, grid.origin_x_m, grid.origin_y_m, cells
    )


def seen_by(grid: OccupancyGrid, rounds: Sequence[FloatArray], reach: Reach) -> Mask:
    """For each round the free cells in view from anywhere on it: (rounds, rows, columns).

    A round is its poses (N, 3) of x, y, yaw in `map`; without yaw, (N, 2), where the view is all
    round. In view is what a ray meets before anything that is not free.
    """
    rays = _Rays(grid, reach)
    at: dict[tuple[int, ...], set[int]] = {}
    for index, poses in enumerate(rounds):
        for view in np.unique(_views(poses, reach), axis=0).tolist():
            at.setdefault(tuple(view), set()).add(index)
    masks = np.zeros((len(rounds), rays.free.size), dtype=bool)
    for (column, row, heading), indices in at.items():
        seen = rays.cells_from(column * PLACE_M, row * PLACE_M, heading)
        for index in indices:
            masks[index, seen] = True
    edge = rays.edge
    return masks.reshape(-1, *rays.free.shape)[:, edge:-edge, edge:-edge]


def _views(poses: FloatArray, reach: Reach) -> npt.NDArray[np.int64]:
    """Places and headings (N, 3), rounded; what sees all round has no heading."""
    views = np.zeros((len(poses), 3), dtype=np.int64)
    views[:, :2] = np.round(poses[:, :2] / PLACE_M)
    if reach.field_of_view_rad < math.tau:
        views[:, 2] = np.round(poses[:, 2] * HEADINGS / math.tau) % HEADINGS
    return views


class _Rays:
    """Rays as offsets in a grid with an edge so wide that none of them leaves it."""

    def __init__(self, grid: OccupancyGrid, reach: Reach) -> None:
        self._grid = grid
        self._reach = reach
        self.edge = math.ceil(reach.range_m / grid.resolution_m) + 1
        self.free = np.pad(grid.cells == FREE, self.edge)
        self._steps = np.arange(0.0, reach.range_m, 0.8 * grid.resolution_m)
        self._offsets: dict[int, npt.NDArray[np.int64]] = {}

    def cells_from(self, x_m: float, y_m: float, heading: int) -> npt.NDArray[np.int64]:
        """Flat indices in `free` of the cells in view; none from outside the map."""
        row, column = self._grid.cells_of([[x_m, y_m]])[0].tolist()
        rows, columns = self._grid.cells.shape
        if not (0 <= row < rows and 0 <= column < columns):
            return np.empty(0, dtype=np.int64)
        here = (row + self.edge) * self.free.shape[1] + column + self.edge
        cells = here + self._rays(heading)
        free = self.free.ravel()[cells]
        open_ = np.logical_and.accumulate(free | (self._steps < _OWN_M), axis=1)
        return np.asarray(cells[open_ & free])

    def _rays(self, heading: int) -> npt.NDArray[np.int64]:
        """Flat offsets (rays, steps) in that direction."""
        if heading not in self._offsets:
            reach, width = self._reach.field_of_view_rad, self.free.shape[1]
            count = max(1, round(_BEARINGS * min(reach, math.tau) / math.tau))
            spread = ((np.arange(count) + 0.5) / count - 0.5) * reach
            bearings = heading * math.tau / HEADINGS + spread
            steps = self._steps / self._grid.resolution_m
            rows = np.round(np.outer(np.sin(bearings), steps)).astype(np.int64)
            columns = np.round(np.outer(np.cos(bearings), steps)).astype(np.int64)
            self._offsets[heading] = rows * width + columns
        return self._offsets[heading]
