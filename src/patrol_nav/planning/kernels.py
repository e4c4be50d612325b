"""Hot loops of the planner. Cells are numbered row * columns + column."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

_Float = npt.NDArray[np.float64]
_Field = npt.NDArray[np.float32]
_Ints = npt.NDArray[np.int32]
_Longs = npt.NDArray[np.int64]

_DIAGONAL = math.sqrt(2.0)
TABLE_PER_M = 1000.0


@njit("float64(float64, float64, float64, float64)", cache=True)
def cell_cost(distance: float, lethal_m: float, weight: float, decay_m: float) -> float:
    """Cost of a metre of path near obstacles: 1 far away, 1 + weight at `lethal_m`."""
    return 1.0 + weight * math.exp(-(distance - lethal_m) / decay_m)


@njit("void(float64[::1], int64[::1], int64, float64, int64)", cache=True)
def _push(keys: _Float, cells: _Longs, size: int, key: float, cell: int) -> None:
    i = size
    while i > 0:
        above = (i - 1) >> 1
        if keys[above] <= key:
            break
        keys[i], cells[i] = keys[above], cells[above]
        i = above
    keys[i], cells[i] = key, cell


@njit("void(float64[::1], int64[::1], int64, float64, int64)", cache=True)
def _sift(keys: _Float, cells: _Longs, size: int, key: float, cell: int) -> None:
    """Put a pair at the root of a heap of `size` and let it sink."""
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], cells[i] = keys[child], cells[child]
        i = child
    keys[i], cells[i] = key, cell


@njit("float64(int64, int64)", cache=True)
def _octile(rows: int, columns: int) -> float:
    """Length in cells of the shortest 8-connected way."""
    dr, dc = abs(rows), abs(columns)
    return max(dr, dc) + (_DIAGONAL - 1.0) * min(dr, dc)


@njit("float64[::1](float64, float64, float64)", cache=True)
def _cost_table(lethal_m: float, weight: float, decay_m: float) -> _Float:
    """`cell_cost` by distance, `TABLE_PER_M` entries a metre, up to where it is 1."""
    reach = lethal_m + decay_m * math.log(1.0 + weight * 1e4)
    count = int(reach * TABLE_PER_M) + 2
    table = np.empty(count)
    for i in range(count):
        table[i] = cell_cost((i + 0.5) / TABLE_PER_M, lethal_m, weight, decay_m)
    return table


@njit(
    "int64(float32[:, ::1], float64, float64, float64, float64, int64, int64, int64[::1], "
    "float32[::1], int32[::1], int32[::1], int32)",
    cache=True,
)
def astar(
    distances: _Field, resolution: float, lethal_m: float, weight: float, decay_m: float,
    start: int, goal: int, bounds: _Longs, cost_to: _Field, parent: _Ints, visited: _Ints,
    generation: int,
) -> int:  # fmt: skip
    """A* from `start` to `goal` (cells) on the 8-connected grid: cells expanded, or -1: no way.

    Cells closer than `lethal_m` to an obstacle are not entered. `bounds`: first and last row,
    first and last column (exclusive) that may be. `cost_to`, `parent`, `visited` are scratch of
    the size of the grid; entries whose `visited` is not `generation` are old, so that nothing is
    cleared: cost grows with the search. Octile distance as heuristic: optimal on the grid.
    Hart, Nilsson and Raphael, "A formal basis for the heuristic determination of minimum cost
    paths", 1968.
    """
    columns = distances.shape[1]
    goal_r, goal_c = goal // columns, goal % columns
    table = _cost_table(lethal_m, weight, decay_m)
    top = table.shape[0] - 1
    half = 0.5 * resolution
    capacity = 4096
    keys: _Float = np.empty(capacity, np.float64)
    cells: _Longs = np.empty(capacity, np.int64)
    keys[0], cells[0], size = 0.0, start, 1
    visited[start] = generation
    cost_to[start] = 0.0
    parent[start] = -1
    expanded = 0
    while size > 0:
        key, cell = keys[0], cells[0]
        size -= 1
        if size > 0:
            _sift(keys, cells, size, keys[size], cells[size])
        if cell == goal:
            return expanded
        r, c = cell // columns, cell % columns
        base = float(cost_to[cell])
        if key > base + _octile(r - goal_r, c - goal_c) * resolution + 1e-4 * (1.0 + base):
            continue
        expanded += 1
        here = table[min(int(distances[r, c] * TABLE_PER_M), top)]
        for nr in range(max(r - 1, bounds[0]), min(r + 2, bounds[1])):
            for nc in range(max(c - 1, bounds[2]), min(c + 2, bounds[3])):
                if distances[nr, nc] < lethal_m or (nr == r and nc == c):
                    continue
                there = table[min(int(distances[nr, nc] * TABLE_PER_M), top)]
                step = half * (_DIAGONAL if nr != r and nc != c else 1.0)
                cost = np.float32(base + step * (here + there))
                neighbour = nr * columns + nc
                if visited[neighbour] == generation and cost >= cost_to[neighbour]:
                    continue
                visited[neighbour] = generation
                cost_to[neighbour] = cost
                parent[neighbour] = cell
                if size == capacity:
                    keys = np.concatenate((keys, np.empty(capacity, np.float64)))
                    cells = np.concatenate((cells, np.empty(capacity, np.int64)))
                    capacity *= 2
                ahead = _octile(nr - goal_r, nc - goal_c) * resolution
                _push(keys, cells, size, float(cost) + ahead, neighbour)
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
    "float64(float32[:, ::1], float64, float64, float64, float64, float64, float64, "
    "float64, float64, float64, float64)",
    cache=True,
)
def line_cost(
    distances: _Field, origin_x: float, origin_y: float, resolution: float, lethal_m: float,
    weight: float, decay_m: float, x0: float, y0: float, x1: float, y1: float,
) -> float:  # fmt: skip
    """Cost of a straight line; infinite where it comes closer than `lethal_m` to an obstacle."""
    length = math.hypot(x1 - x0, y1 - y0)
    steps = max(int(math.ceil(length / (0.5 * resolution))), 1)
    total = 0.0
    for k in range(steps + 1):
        x = x0 + (x1 - x0) * k / steps
        y = y0 + (y1 - y0) * k / steps
        c = int(math.floor((x - origin_x) / resolution))
        r = int(math.floor((y - origin_y) / resolution))
        if r < 0 or c < 0 or r >= distances.shape[0] or c >= distances.shape[1]:
            return np.inf
        if distances[r, c] < lethal_m:
            return np.inf
        end = 0.5 if k in (0, steps) else 1.0
        total += end * cell_cost(distances[r, c], lethal_m, weight, decay_m)
    return total * length / steps


@njit(
    "int64[::1](float32[:, ::1], float64, float64, float64, float64, float64, float64, "
    "float64[:, ::1], int64)",
    cache=True,
)
def shortcut(
    distances: _Field, origin_x: float, origin_y: float, resolution: float, lethal_m: float,
    weight: float, decay_m: float, points: _Float, reach: int,
) -> _Longs:  # fmt: skip
    """Indices of points (N, 2) to keep: straight lines between them cost no more than the path
    did.

    A line skips `reach` points at most.
    """
    count = points.shape[0]
    along = np.zeros(count)
    for i in range(1, count):
        step = line_cost(
            distances, origin_x, origin_y, resolution, lethal_m, weight, decay_m,
            points[i - 1, 0], points[i - 1, 1], points[i, 0], points[i, 1],
        )  # fmt: skip
        along[i] = along[i - 1] + min(step, 1e6)
    kept = np.empty(count, np.int64)
    kept[0] = 0
    size, i = 1, 0
    while i < count - 1:
        best = i + 1
        j = min(i + reach, count - 1)
        while j > i + 1:
            cost = line_cost(
                distances, origin_x, origin_y, resolution, lethal_m, weight, decay_m,
                points[i, 0], points[i, 1], points[j, 0], points[j, 1],
            )  # fmt: skip
            if cost <= along[j] - along[i] + 1e-9:
                best = j
                break
            j -= max((j - i) // 10, 1)
        kept[size] = best
        size += 1
        i = best
    return kept[:size].copy()


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
