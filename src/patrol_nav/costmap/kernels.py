"""Hot loops of the costmaps. Grids are (rows, columns), row 0 southernmost."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

_Float = npt.NDArray[np.float64]
_Field = npt.NDArray[np.float32]
_Cells = npt.NDArray[np.uint8]
_Ints = npt.NDArray[np.int32]

BLOCK_CELLS = 8
"""Side of the square blocks by which changes are told."""


@njit("int64(int32[::1], int64, int32[::1], float64[::1])", cache=True)
def _envelope(height: _Ints, far: int, apex: _Ints, start: _Float) -> int:
    """Lower envelope of the parabolas over a row; the number of its pieces.

    A piece has its parabola at column `apex` and is the lowest from `start` on. Columns as high as
    `far` take no part.
    """
    count = 0
    for c in range(height.shape[0]):
        if height[c] >= far:
            continue
        value = float(height[c] * height[c] + c * c)
        crossing = -1e18
        while count > 0:
            other = apex[count - 1]
            other_value = float(height[other] * height[other] + other * other)
            crossing = (value - other_value) / (2.0 * (c - other))
            if crossing > start[count - 1]:
                break
            count -= 1
        apex[count] = c
        start[count] = crossing if count > 0 else -1e18
        count += 1
    return count


@njit("void(uint8[:, ::1], float64, float64, float32[:, ::1])", cache=True)
def distance_transform(occupied: _Cells, resolution: float, max_m: float, out: _Field) -> None:
    """Exact distance [m] of every cell to the nearest occupied one, cut off at `max_m`.

    Half a cell is taken off, so that the distance is not overstated. Felzenszwalb and
    Huttenlocher, "Distance transforms of sampled functions", 2012; only columns within `max_m`
    enter the envelope, so that empty space is cheap.
    """
    rows, columns = occupied.shape
    far = int(math.ceil(max_m / resolution)) + 1
    vertical = np.full((rows, columns), far, np.int32)
    for r in range(rows):
        for c in range(columns):
            if occupied[r, c]:
                vertical[r, c] = 0
            elif r > 0:
                vertical[r, c] = min(vertical[r - 1, c] + 1, far)
    for r in range(rows - 2, -1, -1):
        for c in range(columns):
            vertical[r, c] = min(vertical[r, c], vertical[r + 1, c] + 1)
    apex = np.empty(columns, np.int32)
    start = np.empty(columns, np.float64)
    for r in range(rows):
        out[r] = max_m
        count = _envelope(vertical[r], far, apex, start)
        if count == 0:
            continue
        piece = 0
        for c in range(columns):
            while piece + 1 < count and start[piece + 1] < c:
                piece += 1
            across, height = c - apex[piece], vertical[r, apex[piece]]
            distance = (math.sqrt(float(across * across + height * height)) - 0.5) * resolution
            out[r, c] = min(max(distance, 0.0), max_m)


@njit(
    "void(uint8[:, ::1], uint8[:, ::1], uint8, float64[::1], float64[:, ::1], boolean[::1])",
    cache=True,
)
def trace_scan(
    evidence: _Cells, marks: _Cells, mark: int, sensor: _Float, ends: _Float, is_hit:
    npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Raise the evidence of cells where beams end, lower it along the beams.

    `sensor` (2,) and `ends` (N, 2) are x, y in cells from the grid's corner. A cell hit by this
    scan (`marks` == `mark`) is not cleared by it. Cells stepped through as in Amanatides and Woo,
    "A fast voxel traversal algorithm for ray tracing", 1987.
    """
    rows, columns = evidence.shape
    for i in range(ends.shape[0]):
        c, r = int(math.floor(ends[i, 0])), int(math.floor(ends[i, 1]))
        if is_hit[i] and 0 <= r < rows and 0 <= c < columns and marks[r, c] != mark:
            marks[r, c] = mark
            evidence[r, c] = min(evidence[r, c] + 1, 20)
    x0, y0 = sensor[0], sensor[1]
    for i in range(ends.shape[0]):
        dx, dy = ends[i, 0] - x0, ends[i, 1] - y0
        length = math.sqrt(dx * dx + dy * dy)
        if length < 1e-6:
            continue
        reach = length - 1.0 if is_hit[i] else length
        c, r = int(math.floor(x0)), int(math.floor(y0))
        step_c = 1 if dx > 0 else -1
        step_r = 1 if dy > 0 else -1
        delta_c = length / abs(dx) if dx != 0.0 else 1e18
        delta_r = length / abs(dy) if dy != 0.0 else 1e18
        next_c = (c + 1 - x0 if dx > 0 else x0 - c) * delta_c if dx != 0.0 else 1e18
        next_r = (r + 1 - y0 if dy > 0 else y0 - r) * delta_r if dy != 0.0 else 1e18
        travelled = 0.0
        while travelled < reach and 0 <= r < rows and 0 <= c < columns:
            seen = evidence[r, c]
            if seen > 0 and marks[r, c] != mark:
                evidence[r, c] = seen - 3 if seen > 3 else 0
            if next_c < next_r:
                travelled = next_c
                next_c += delta_c
                c += step_c
            else:
                travelled = next_r
                next_r += delta_r
                r += step_r


@njit("void(uint8[:, ::1], float64, float64, float64)", cache=True)
def clear_disc(evidence: _Cells, x_cells: float, y_cells: float, radius_cells: float) -> None:
    """Set cells whose centre lies within a disc to 0."""
    rows, columns = evidence.shape
    low_r = max(int(math.floor(y_cells - radius_cells)), 0)
    high_r = min(int(math.ceil(y_cells + radius_cells)), rows - 1)
    low_c = max(int(math.floor(x_cells - radius_cells)), 0)
    high_c = min(int(math.ceil(x_cells + radius_cells)), columns - 1)
    for r in range(low_r, high_r + 1):
        for c in range(low_c, high_c + 1):
            dx, dy = c + 0.5 - x_cells, r + 0.5 - y_cells
            if dx * dx + dy * dy <= radius_cells * radius_cells:
                evidence[r, c] = 0


@njit("float64(float32[:, ::1], float64, float64, float64, float64, float64)", cache=True)
def lookup(
    distances: _Field, origin_x: float, origin_y: float, resolution: float, x: float, y: float,
) -> float:  # fmt: skip
    """Distance [m] at a point; 0 outside the grid."""
    c = int(math.floor((x - origin_x) / resolution))
    r = int(math.floor((y - origin_y) / resolution))
    if r < 0 or c < 0 or r >= distances.shape[0] or c >= distances.shape[1]:
        return 0.0
    return float(distances[r, c])


@njit(
    "float64(float32[:, ::1], float64, float64, float64, float64[:, ::1], float64, "
    "float64, float64, float64, float64)",
    cache=True,
)
def footprint_clearance(
    distances: _Field, origin_x: float, origin_y: float, resolution: float, offsets: _Float,
    radius: float, x: float, y: float, cos: float, sin: float,
) -> float:  # fmt: skip
    """Distance [m] from a footprint of discs to the nearest obstacle; negative: overlap.

    `offsets` (K, 2) in base_link; `cos` and `sin` are those of the heading.
    """
    rows, columns = distances.shape
    scale = 1.0 / resolution
    column, row = (x - origin_x) * scale, (y - origin_y) * scale
    across, up = cos * scale, sin * scale
    least = 1e9
    for k in range(offsets.shape[0]):
        c = column + (offsets[k, 0] * across - offsets[k, 1] * up)
        r = row + (offsets[k, 0] * up + offsets[k, 1] * across)
        if r < 0.0 or c < 0.0 or r >= rows or c >= columns:
            return -radius
        least = min(least, float(distances[int(r), int(c)]))
    return least - radius


@njit(
    "void(float32[:, ::1], float64, float64, float64, float64[:, ::1], float64, "
    "float64[:, ::1], float64[::1])",
    cache=True,
)
def path_clearances(
    distances: _Field, origin_x: float, origin_y: float, resolution: float, offsets: _Float,
    radius: float, poses: _Float, out: _Float,
) -> None:  # fmt: skip
    """`footprint_clearance` of every pose (N, 3), into `out` (N,)."""
    for i in range(poses.shape[0]):
        out[i] = footprint_clearance(
            distances, origin_x, origin_y, resolution, offsets, radius,
            poses[i, 0], poses[i, 1], math.cos(poses[i, 2]), math.sin(poses[i, 2]),
        )  # fmt: skip


@njit("void(uint8[:, ::1], uint8, uint8[:, ::1], int64, int64, int64)", cache=True)
def coarsen(
    fine: _Cells, threshold: int, coarse: _Cells, factor: int, first_row: int, first_column:
    int,
) -> None:  # fmt: skip
    """1 where any of the `factor` x `factor` fine cells reaches `threshold`, else 0.

    `coarse` is the window of the coarse grid that starts at its cell (first_row, first_column).
    """
    rows, columns = fine.shape
    for r in range(coarse.shape[0]):
        for c in range(coarse.shape[1]):
            found = np.uint8(0)
            for i in range(factor):
                for j in range(factor):
                    fr = (first_row + r) * factor + i
                    fc = (first_column + c) * factor + j
                    if fr < rows and fc < columns and fine[fr, fc] >= threshold:
                        found = np.uint8(1)
            coarse[r, c] = found
