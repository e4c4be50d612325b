"""Where on the whole map does a scan fit best, and where nearly as well?

Branch and bound over squares of cells and headings, best first: the first single cell that comes
up is the optimum, the next ones are its rivals. After Hess et al.: Real-time loop closure in 2D
LIDAR SLAM, ICRA 2016, with the bounds from tables of sliding maxima.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_nav.heap_kernels import empty_heap
from patrol_nav.localization.params import SearchParams
from patrol_nav.localization.search_kernels import expand, push_roots

_Bytes = npt.NDArray[np.uint8]

_LEVELS = 7
"""The coarsest squares have 2^6 cells a side."""
_FULL = 255
_MODES = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pose of base_link in `map`, to a cell and a heading step; `score` in 0..1."""

    pose: Pose2
    score: float


class SearchTables:
    """What depends on the map alone. `distance` (rows, columns) to the nearest surface [m]."""

    def __init__(
        self, grid: OccupancyGrid, distance: npt.NDArray[np.float32], params: SearchParams
    ) -> None:
        self.params = params
        factor = max(round(params.resolution_m / grid.resolution_m), 1)
        self.cell_m = factor * grid.resolution_m
        self._origin = (grid.origin_x_m, grid.origin_y_m)
        explained = np.exp(-0.5 * np.square(distance / params.sigma_m))
        scores = _pool(np.round(_FULL * explained).astype(np.uint8), factor)
        self._pad = math.ceil(params.max_range_m / self.cell_m) + 2
        rows, columns = scores.shape
        self.box = np.array([self._pad, self._pad + rows, self._pad, self._pad + columns])
        self.scores = _sliding_maxima(scores, self._pad)
        ground = (grid.cells == FREE).astype(np.uint8)
        self.free = _sliding_maxima(_pool(ground, factor), self._pad)

    def pose(self, heading: int, row: int, column: int) -> Pose2:
        """The pose at the middle of a cell."""
        return Pose2(
            self._origin[0] + (column - self._pad + 0.5) * self.cell_m,
            self._origin[1] + (row - self._pad + 0.5) * self.cell_m,
            wrap_angle(heading * math.tau / self.params.headings),
        )


class GlobalSearch:
    """One search for one scan: returns (M, 2) in base_link. `advance` until it answers."""

    def __init__(self, tables: SearchTables, endpoints_m: FloatArray) -> None:
        params = tables.params
        self._tables = tables
        chosen = _thin(endpoints_m, params)
        angles = np.arange(params.headings) * (math.tau / params.headings)
        cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
        x, y = chosen[:, 0], chosen[:, 1]
        shifts = np.stack((sin * x + cos * y, cos * x - sin * y), axis=-1) / tables.cell_m
        self._shifts = np.ascontiguousarray(np.round(shifts).astype(np.int32))
        self._whole = _FULL * max(len(chosen), 1)
        self._heap = empty_heap()
        self._size = 0
        self._next_heading = 0
        self._modes = np.zeros((_MODES, 4), np.int64)
        self._count = 0

    def advance(self, budget: int) -> tuple[Candidate, ...] | None:
        """Score about `budget` nodes; the candidates, best first, once the search is done."""
        tables, params = self._tables, self._tables.params
        least = int(params.least_score * self._whole)
        if self._next_heading < params.headings:
            box, step = tables.box, 1 << (_LEVELS - 1)
            squares = -(-(box[1] - box[0]) // step) * -(-(box[3] - box[2]) // step)
            last = min(self._next_heading + max(budget // squares, 1), params.headings)
            keys, nodes, self._size = push_roots(
                tables.scores[-1], tables.free[-1], self._shifts,
                np.array([self._next_heading, last]), box, _LEVELS - 1, least, *self._heap,
                self._size,
            )  # fmt: skip
            self._heap, self._next_heading = (keys, nodes), last
            return None
        keys, nodes, self._size, self._count, left = expand(
            tables.scores, tables.free, self._shifts, self._modes, self._count,
            round(params.apart_m / tables.cell_m),
            round(params.apart_rad * params.headings / math.tau),
            least, int(params.margin * self._whole), *self._heap, self._size, budget,
        )  # fmt: skip
        self._heap = keys, nodes
        return self._candidates() if left > 0 or self._count == _MODES else None

    def _candidates(self) -> tuple[Candidate, ...]:
        found = self._modes[: self._count].tolist()
        return tuple(
            Candidate(self._tables.pose(heading, row, column), score / self._whole)
            for score, heading, row, column in found
        )


def _thin(endpoints_m: FloatArray, params: SearchParams) -> FloatArray:
    """At most `beams` returns, one in each square of `thin_m`: near walls weigh no more."""
    near = endpoints_m[np.square(endpoints_m).sum(axis=1) < params.max_range_m**2]
    squares = np.floor(near / params.thin_m).astype(np.int64)
    _, first = np.unique(squares[:, 0] * 2**20 + squares[:, 1], return_index=True)
    spread = near[np.sort(first)]
    count = min(params.beams, len(spread))
    return np.asarray(spread[(np.arange(count) * len(spread)) // max(count, 1)])


def _pool(cells: _Bytes, factor: int) -> _Bytes:
    """The highest of each square of `factor` cells a side."""
    rows, columns = (-(-side // factor) for side in cells.shape)
    whole = np.zeros((rows * factor, columns * factor), np.uint8)
    whole[: cells.shape[0], : cells.shape[1]] = cells
    return np.asarray(whole.reshape(rows, factor, columns, factor).max(axis=(1, 3)))


def _sliding_maxima(cells: _Bytes, pad: int) -> _Bytes:
    """Level k holds, for each cell, the highest of the 2^k x 2^k cells up and right of it.

    Surrounded by zeros, `pad` wide, so that no return of a node leaves the table.
    """
    beyond = pad + (1 << _LEVELS)
    levels = [np.pad(cells, ((pad, beyond), (pad, beyond)))]
    for level in range(_LEVELS - 1):
        side, low = 1 << level, levels[-1]
        up = low.copy()
        np.maximum(low[:-side], low[side:], out=up[:-side])
        both = up.copy()
        np.maximum(up[:, :-side], up[:, side:], out=both[:, :-side])
        levels.append(both)
    return np.ascontiguousarray(np.stack(levels))
