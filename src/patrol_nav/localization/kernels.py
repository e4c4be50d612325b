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
