"""Hot loops of the planner. Cells are numbered row * columns + column."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_nav.heap_kernels import doubled, empty_heap, push, sift

_Float = npt.NDArray[np.float64]
_Field = npt.NDArray[np.float32]
_Bits = npt.NDArray[np.uint8]
_Ints = npt.NDArray[np.int32]
_Longs = npt.NDArray[np.int64]

_DIAGONAL = math.sqrt(2.0)
TABLE_PER_M = 1000.0


@njit("float64(float64, float64, float64, float64)", cache=True)
def cell_cost(distance: float, lethal_m: float, weight: float, decay_m: float) -> float:
    """Cost of a metre of path near obstacles: 1 far away, 1 + weight at `lethal_m`."""
    return 1.0 + weight * math.exp(-(distance - lethal_m) / decay_m)


@njit("float64(int64, int64)", cache=True)
def _octile(rows: int, columns: int) -> float:
    """Length in cells of the shortest 8-connected way."""
    dr, dc = abs(rows), abs(columns)
    return max(dr, dc) + (_DIAGONAL - 1.0) * min(dr, dc)


@njit("float64[:, ::1](float64, float64, float64, float64)", cache=True)
def cost_table(lethal_m: float, weight: float, decay_m: float, beside: float) -> _Float:
    """`cell_cost` by kind of ground and distance, `TABLE_PER_M` entries a metre, up to where it is
    1. The second row is for ground beside preferred zones: `beside` times as dear.
    """
    reach = lethal_m + decay_m * math.log(1.0 + weight * 1e4)
    count = int(reach * TABLE_PER_M) + 2
    table = np.empty((2, count))
    for i in range(count):
        table[0, i] = cell_cost((i + 0.5) / TABLE_PER_M, lethal_m, weight, decay_m)
        table[1, i] = beside * table[0, i]
    return table


@njit(
    "int64(float32[:, ::1], uint8[:, ::1], float64, float64[:, ::1], int64, int64, int64[::1], "
    "float32[::1], int32[::1], int32[::1], int32)",
    cache=True,
)
def astar(
    distances: _Field, ground: _Bits, lethal_m: float, table: _Float, start: int, goal: int,
    bounds: _Longs, cost_to: _Field, parent: _Ints, visited: _Ints, generation: int,
) -> int:  # fmt: skip
    """A* from `start` to `goal` (cells) on the 8-connected grid: cells expanded, or -1: no way.

    Cells closer than `lethal_m` to an obstacle are not entered; costs are in cells. `ground`: the
    row of `table` that holds for a cell. `bounds`:
    first and last row, first and last column (exclusive) that may be. `cost_to`, `parent`,
    `visited` are scratch of the size of the grid; entries whose `visited` is not `generation` are
    old, so that nothing is cleared: cost grows with the search. Octile distance as heuristic:
    optimal on the grid. Hart, Nilsson and Raphael, "A formal basis for the heuristic determination
    of minimum cost paths", 1968.
    """
    columns = distances.shape[1]
    goal_r, goal_c = goal // columns, goal % columns
    top = table.shape[1] - 1
    keys, cells = empty_heap()
    keys[0], cells[0], size = 0.0, start, 1
    visited[start] = generation
    cost_to[start] = 0.0
    parent[start] = -1
    expanded = 0
    while size > 0:
        key, cell = keys[0], cells[0]
        size -= 1
        if size > 0:
            sift(keys, cells, size, keys[size], cells[size])
        if cell == goal:
            return expanded
        r, c = cell // columns, cell % columns
        base = float(cost_to[cell])
        if key > base + _octile(r - goal_r, c - goal_c) + 1e-4 * (1.0 + base):
            continue
        expanded += 1
        here = table[ground[r, c], min(int(distances[r, c] * TABLE_PER_M), top)]
        for nr in range(max(r - 1, bounds[0]), min(r + 2, bounds[1])):
            for nc in range(max(c - 1, bounds[2]), min(c + 2, bounds[3])):
                if distances[nr, nc] < lethal_m or (nr == r and nc == c):
                    continue
                there = table[ground[nr, nc], min(int(distances[nr, nc] * TABLE_PER_M), top)]
                step = 0.5 * (_DIAGONAL if nr != r and nc != c else 1.0)
                cost = np.float32(base + step * (here + there))
                neighbour = nr * columns + nc
                if visited[neighbour] == generation and cost >= cost_to[neighbour]:
                    continue
                visited[neighbour] = generation
                cost_to[neighbour] = cost
                parent[neighbour] = cell
                if size == keys.shape[0]:
                    keys, cells = doubled(keys, cells)
                ahead = _octile(nr - goal_r, nc - goal_c)
                push(keys, cells, size, float(cost) + ahead, neighbour)
                size += 1
    return -1


@njit("int64[::1](int32[::1], int64)", cache=True)
def walk_back(parent: _Ints, goal: int) -> _Longs:
    """The cells from the start of the last search to `goal`."""
    count, cell = 1, goal
    while parent[cell] >= 0:
        cell = int(parent[cell])
        count += 1
    out = np.empty(count, np.int64)
    cell = goal
    for i in range(count - 1, -1, -1):
        out[i] = cell
        cell = int(parent[cell])
    return out


@njit("int64(float32[:, ::1], int64, float64, int64)", cache=True)
def nearest_free(distances: _Field, cell: int, lethal_m: float, reach: int) -> int:
    """The first cell at `lethal_m` or more found by flooding from `cell` through cells that are
    not obstacles themselves, at most `reach` steps away; -1 where there is none."""
    rows, columns = distances.shape
    side = 2 * reach + 1
    r0, c0 = cell // columns, cell % columns
    seen = np.zeros((side, side), np.uint8)
    queue = np.empty((side * side, 2), np.int64)
    queue[0, 0], queue[0, 1], seen[reach, reach] = r0, c0, 1
    head, tail = 0, 1
    while head < tail:
        r, c = queue[head, 0], queue[head, 1]
        head += 1
        if distances[r, c] >= lethal_m:
            return int(r * columns + c)
        for i in range(-1, 2):
            for j in range(-1, 2):
                nr, nc = r + i, c + j
                if nr < 0 or nc < 0 or nr >= rows or nc >= columns:
                    continue
                lr, lc = nr - r0 + reach, nc - c0 + reach
                if lr < 0 or lc < 0 or lr >= side or lc >= side or seen[lr, lc]:
                    continue
                if distances[nr, nc] <= 0.0:
                    continue
                seen[lr, lc] = 1
                queue[tail, 0], queue[tail, 1] = nr, nc
                tail += 1
    return -1


@njit(
    "void(float32[:, ::1], float64, float64, float64, float64, float64[:, ::1], int64)",
    cache=True,
)
def smooth(
    distances: _Field, origin_x: float, origin_y: float, resolution: float, lethal_m: float,
    points: _Float, rounds: int,
) -> None:  # fmt: skip
    """Round the corners of points (N, 2) in place, ends fixed, never closer than `lethal_m`.

    A point that starts closer stays where it is.
    """
    for _ in range(rounds):
        for i in range(1, points.shape[0] - 1):
            x = 0.5 * points[i, 0] + 0.25 * (points[i - 1, 0] + points[i + 1, 0])
            y = 0.5 * points[i, 1] + 0.25 * (points[i - 1, 1] + points[i + 1, 1])
            c = int(math.floor((x - origin_x) / resolution))
            r = int(math.floor((y - origin_y) / resolution))
            if r < 0 or c < 0 or r >= distances.shape[0] or c >= distances.shape[1]:
                continue
            if distances[r, c] >= lethal_m:
                points[i, 0], points[i, 1] = x, y
