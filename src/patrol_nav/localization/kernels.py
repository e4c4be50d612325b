"""Hot loop of the localiser."""

from __future__ import annotations

import math

from numba import njit


@njit(
    "void(float64[:,::1], float64[:,::1], float32[:,::1], float64, float64, float64, float32,"
    " float64[::1])",
    cache=True,
)
def sum_log_likelihoods(  # type: ignore[no-untyped-def]
    particles, endpoints, table, origin_x, origin_y, resolution, outside, out
) -> None:
    """For every particle (N, 3) the table, bilinear, summed over endpoints (M, 2) in base_link."""
    rows, columns = table.shape
    scale = 1.0 / resolution
    for n in range(particles.shape[0]):
        cos = math.cos(particles[n, 2]) * scale
        sin = math.sin(particles[n, 2]) * scale
        x = (particles[n, 0] - origin_x) * scale - 0.5
        y = (particles[n, 1] - origin_y) * scale - 0.5
        total = 0.0
        for m in range(endpoints.shape[0]):
            px = x + cos * endpoints[m, 0] - sin * endpoints[m, 1]
            py = y + sin * endpoints[m, 0] + cos * endpoints[m, 1]
            if px < 0.0 or py < 0.0 or px >= columns - 1 or py >= rows - 1:
                total += outside
                continue
            column = int(px)
            row = int(py)
            fx = px - column
            fy = py - row
            low = table[row, column] * (1.0 - fx) + table[row, column + 1] * fx
            high = table[row + 1, column] * (1.0 - fx) + table[row + 1, column + 1] * fx
            total += low * (1.0 - fy) + high * fy
        out[n] = total


@njit(
    "int64(float32[:, ::1], float64, float64, float64, float64, float64, float64[:, ::1], "
    "float64, float64)",
    cache=True,
)
def count_through(  # type: ignore[no-untyped-def]
    distance, origin_x, origin_y, resolution, x, y, ends, within, behind
) -> int:
    """Of rays from (x, y) to `ends` (M, 2), those that end beyond a surface and near none.

    `distance` (rows, columns) to the nearest surface [m]; near is `within` m, beyond is `behind` m
    after the ray has met it. Steps as long as the distance allows (sphere tracing, Hart 1996).
    """
    rows, columns = distance.shape
    count = 0
    for m in range(ends.shape[0]):
        dx, dy = ends[m, 0] - x, ends[m, 1] - y
        length = math.hypot(dx, dy)
        row = int(math.floor((ends[m, 1] - origin_y) / resolution))
        column = int(math.floor((ends[m, 0] - origin_x) / resolution))
        inside = 0 <= row < rows and 0 <= column < columns
        if length <= behind or (inside and distance[row, column] < within):
            continue
        dx, dy = dx / length, dy / length
        way = 0.0
        while way < length - behind:
            row = int(math.floor((y + way * dy - origin_y) / resolution))
            column = int(math.floor((x + way * dx - origin_x) / resolution))
            if not (0 <= row < rows and 0 <= column < columns):
                break
            free = distance[row, column]
            if free <= 0.0:
                count += 1
                break
            way += max(0.5 * resolution, free - resolution)
    return count
