"""Straightens paths on a costmap: lines at any angle, of no higher cost than what they replace.

Points are in cells: (column, row), where cell (c, r) covers [c, c + 1) x [r, r + 1).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_nav.planning.kernels import TABLE_PER_M

_Float = npt.NDArray[np.float64]
_Field = npt.NDArray[np.float32]
_Bits = npt.NDArray[np.uint8]

_TIE = 1e-9


@njit(
    "float64(float32[:, ::1], uint8[:, ::1], float64, float64[:, ::1], float64, float64, float64, "
    "float64)",
    cache=True,
)
def line_cost(
    distances: _Field,
    ground: _Bits,
    lethal_m: float,
    table: _Float,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> float:
    """Cost [cells] of a straight line, infinite where a cell under it is not free.

    Every cell is visited once, with the length within it, so that a part of a line costs what it
    did in the whole (Amanatides and Woo, "A fast voxel traversal algorithm for ray tracing",
    1987).
    """
    rows, columns = distances.shape
    top = table.shape[1] - 1
    c, r = int(math.floor(x0)), int(math.floor(y0))
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy)
    step_c, step_r = (1 if dx > 0.0 else -1), (1 if dy > 0.0 else -1)
    each_x = 1.0 / abs(dx) if dx != 0.0 else np.inf
    each_y = 1.0 / abs(dy) if dy != 0.0 else np.inf
    next_x = ((c + 1.0 - x0) if dx > 0.0 else (x0 - c)) * each_x if dx != 0.0 else np.inf
    next_y = ((r + 1.0 - y0) if dy > 0.0 else (y0 - r)) * each_y if dy != 0.0 else np.inf
    total: float = 0.0
    at = 0.0
    while True:
        if r < 0 or c < 0 or r >= rows or c >= columns or distances[r, c] < lethal_m:
            return np.inf
        until = min(next_x, next_y, 1.0)
        total += (until - at) * table[ground[r, c], min(int(distances[r, c] * TABLE_PER_M), top)]
        if until >= 1.0:
            return total * length
        at = until
        cross_x, cross_y = next_x <= until + _TIE, next_y <= until + _TIE
        if cross_x:
            c += step_c
            next_x += each_x
        if cross_y:
            r += step_r
            next_y += each_y


@njit(
    "float64[:, ::1](float32[:, ::1], uint8[:, ::1], float64, float64[:, ::1], float64[:, ::1])",
    cache=True,
)
def pull(
    distances: _Field, ground: _Bits, lethal_m: float, table: _Float, points: _Float
) -> _Float:
    """The points (N, 2) to keep: from each, the farthest that a line of no higher cost reaches.

    Searched for in doubling steps, then by bisection, so that the cost grows with the path.
    """
    count = points.shape[0]
    along = np.zeros(count)
    for i in range(1, count):
        along[i] = along[i - 1] + min(
            line_cost(
                distances, ground, lethal_m, table,
                points[i - 1, 0], points[i - 1, 1], points[i, 0], points[i, 1],
            ),
            1e6,
        )  # fmt: skip
    kept = np.empty_like(points)
    kept[0] = points[0]
    size, i = 1, 0
    while i < count - 1:
        best, step, misses = i + 1, 2, 0
        farthest = i + 1
        while misses < 2 and farthest < count - 1:
            farthest = min(i + step, count - 1)
            cost = line_cost(
                distances, ground, lethal_m, table,
                points[i, 0], points[i, 1], points[farthest, 0], points[farthest, 1],
            )  # fmt: skip
            if cost <= along[farthest] - along[i] + _TIE:
                best, misses = farthest, 0
            else:
                misses += 1
            step *= 2
        high = farthest if misses else best
        while high - best > 1:
            middle = (best + high) // 2
            cost = line_cost(
                distances, ground, lethal_m, table,
                points[i, 0], points[i, 1], points[middle, 0], points[middle, 1],
            )  # fmt: skip
            if cost <= along[middle] - along[i] + _TIE:
                best = middle
            else:
                high = middle
        kept[size] = points[best]
        size += 1
        i = best
    return kept[:size].copy()


@njit(
    "void(float32[:, ::1], uint8[:, ::1], float64, float64[:, ::1], float64[:, ::1], float64)",
    cache=True,
)
def relax(
    distances: _Field, ground: _Bits, lethal_m: float, table: _Float, points: _Float, step: float
) -> None:
    """Move each inner point by `step` cells, in place, where that makes the path cheaper."""
    for i in range(1, points.shape[0] - 1):
        before, after = points[i - 1], points[i + 1]
        x, y = points[i, 0], points[i, 1]
        best = np.inf
        for down in range(-1, 2):
            for across in range(-1, 2):
                px, py = x + across * step, y + down * step
                cost = line_cost(
                    distances, ground, lethal_m, table, before[0], before[1], px, py
                ) + line_cost(distances, ground, lethal_m, table, px, py, after[0], after[1])
                here = across == 0 and down == 0
                if cost < best - _TIE or (here and cost <= best + _TIE):
                    best = cost
                    points[i, 0], points[i, 1] = px, py
