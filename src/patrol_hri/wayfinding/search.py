"""Shortest ways over the walkable ground, straightened where one may walk straight."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from patrol_core.geometry import FloatArray
from patrol_core.grid_graph import NO_CELL
from patrol_hri.wayfinding.ground import Cell, Ground, is_clear

_PULLS, _GAIN_M, _DENSE_M = 8, 0.02, 0.5


class WaysTo:
    """All shortest ways over a ground to one of its cells, found once."""

    def __init__(self, ground: Ground, goal: Cell, graph: csr_matrix) -> None:
        self._ground = ground
        self._columns = ground.grid.cells.shape[1]
        self._goal = goal[0] * self._columns + goal[1]
        _, self._next = dijkstra(
            graph, directed=False, indices=self._goal, return_predecessors=True
        )

    def way(self, start: Cell) -> FloatArray | None:
        """Points (N, 2) [m] from the middle of a cell to that of the goal; None without one."""
        at = start[0] * self._columns + start[1]
        cells = [at]
        while at != self._goal:
            at = int(self._next[at])
            if at == NO_CELL:
                return None
            cells.append(at)
        rows_columns = np.column_stack(np.divmod(np.array(cells), self._columns))
        return straightened(self._ground, self._ground.grid.centers_of(rows_columns))


def straightened(ground: Ground, points_m: FloatArray) -> FloatArray:
    """A way (N, 2) pulled taut over the ground, as a string is; both ends stay.

    Cutting corners from either end in turn between points close to each other makes it as short
    as it gets without passing anything on its other side.
    """
    length_m = np.inf
    for _ in range(_PULLS):
        points_m = _without_detours(ground, _dense(points_m))[::-1]
        points_m = _without_detours(ground, _dense(points_m))[::-1]
        before_m, length_m = (
            length_m,
            float(np.linalg.norm(np.diff(points_m, axis=0), axis=1).sum()),
        )
        if before_m - length_m < _GAIN_M:
            break
    return points_m


def _dense(points_m: FloatArray) -> FloatArray:
    """The same way with points no farther apart than `_DENSE_M`."""
    pieces = [points_m[:1]]
    for start, end in itertools.pairwise(points_m):
        count = max(int(np.ceil(np.linalg.norm(end - start) / _DENSE_M)), 1)
        pieces.append(start + np.linspace(0.0, 1.0, count + 1)[1:, None] * (end - start))
    return np.vstack(pieces)


def _without_detours(ground: Ground, points_m: FloatArray) -> FloatArray:
    """Points (N, 2) without those between which one may walk straight."""
    kept = [0]
    while kept[-1] < len(points_m) - 1:
        kept.append(_farthest_seen(ground, points_m, kept[-1]))
    return points_m[kept]


def _farthest_seen(ground: Ground, points_m: FloatArray, start: int) -> int:
    """A point far on that is seen from `start`, looked for by doubling steps."""
    seen, step = start + 1, 1
    while step:
        ahead = min(seen + step, len(points_m) - 1)
        if ahead > seen and is_clear(ground.grid, points_m[start], points_m[ahead]):
            seen, step = ahead, step * 2
        else:
            step //= 2
    return seen
