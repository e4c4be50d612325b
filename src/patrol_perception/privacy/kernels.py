"""The hot loop over pixels."""

from __future__ import annotations

import math

from numba import njit

_FAR_M = 40.0
"""What has no depth and does not lie on the ground is so far away."""
_NEAR_M = 0.1


@njit(
    "void(uint8[:,::1], uint8[:,::1], float32[:,::1], float64[::1], float64[:,::1], float64[::1], "
    "float64[::1], float64, int64, uint8[:,::1])",
    cache=True,
)
def changed(now, before, depth, pinhole, turn, shift, ground, contrast, reach, mask):  # type: ignore[no-untyped-def]
    """Set `mask` (H, W) where a grey picture is not what the one before lets expect.

    `depth` (H, W) along the optical axis [m]; without it (NaN) a pixel lies on the ground or far
    off. `pinhole`: fx, fy, cx, cy [px]. A point p of the optical frame now was at `turn` p +
    `shift` before. `ground`: the plane n p = d as n, d. A pixel is as expected when it lies within
    `contrast` of what was within `reach` pixels of where it was; what was out of the picture, too,
    is unexpected.
    """
    rows, columns = now.shape
    fx, fy, cx, cy = pinhole
    for r in range(rows):
        y = (r - cy) / fy
        for c in range(columns):
            x = (c - cx) / fx
            z = float(depth[r, c])
            if math.isnan(z):
                down = ground[0] * x + ground[1] * y + ground[2]
                z = _FAR_M
                if down > ground[3] / _FAR_M:
                    z = ground[3] / down
            px = z * (turn[0, 0] * x + turn[0, 1] * y + turn[0, 2]) + shift[0]
            py = z * (turn[1, 0] * x + turn[1, 1] * y + turn[1, 2]) + shift[1]
            pz = z * (turn[2, 0] * x + turn[2, 1] * y + turn[2, 2]) + shift[2]
            mask[r, c] = 1
            if pz < _NEAR_M:
                continue
            u, v = round(cx + fx * px / pz), round(cy + fy * py / pz)
            if u < 0 or v < 0 or u >= columns or v >= rows:
                continue
            low, high = 255, 0
            for i in range(max(v - reach, 0), min(v + reach + 1, rows)):
                for j in range(max(u - reach, 0), min(u + reach + 1, columns)):
                    low = min(low, before[i, j])
                    high = max(high, before[i, j])
            if low - contrast <= now[r, c] <= high + contrast:
                mask[r, c] = 0
