"""The hot loops over pixels: how two views lie to each other, and one laid onto the other.

Depth is float32 (H, W) along the optical axis [m], NaN where unknown; a motion is the upper 3x4 of
the transform that takes points of the picture's camera into the reference's. `camera` is fx, fy,
cx, cy [px], the same of both.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_FRONT_M = 0.15
_UNKNOWN = np.float32(np.nan)


@njit("boolean(float64[:,::1], float64[::1], int64)", cache=True)
def _solve(matrix, vector, size):  # type: ignore[no-untyped-def]
    """`vector` becomes the solution, by Cholesky's factors; False where there is none."""
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                if total <= 1e-12:
                    return False
                matrix[i, i] = math.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    for i in range(size):
        for k in range(i):
            vector[i] -= matrix[i, k] * vector[k]
        vector[i] /= matrix[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            vector[i] -= matrix[k, i] * vector[k]
        vector[i] /= matrix[i, i]
    return True


@njit("void(float64[:,::1], float64[::1])", cache=True)
def _move(motion, step):  # type: ignore[no-untyped-def]
    """`motion` followed by a small one: translation and rotation vector (Rodrigues' formula)."""
    x, y, z = step[3], step[4], step[5]
    angle = math.sqrt(x * x + y * y + z * z)
    sine = 1.0 if angle < 1e-9 else math.sin(angle) / angle
    cosine = 0.5 if angle < 1e-9 else (1.0 - math.cos(angle)) / (angle * angle)
    for c in range(4):
        a, b, d = motion[0, c], motion[1, c], motion[2, c]
        u, v, w = y * d - z * b, z * a - x * d, x * b - y * a
        motion[0, c] += sine * u + cosine * (y * w - z * v)
        motion[1, c] += sine * v + cosine * (z * u - x * w)
        motion[2, c] += sine * w + cosine * (x * v - y * u)
    for r in range(3):
        motion[r, 3] += step[r]


@njit(
    "int64(float64[:,::1], float32[::1], float32[:,::1], float64[::1], float64[:,::1], "
    "float64[::1], float64[::1], int64)",
    cache=True,
)
def align_points(points, values, image, camera, motion, moved, prior, steps):  # type: ignore[no-untyped-def]
    """Improve `motion` and `moved` (the sum of all steps) until points show what `image` shows.

    Gauss and Newton's steps on the differences between `values` (N,) at `points` (N, 3) in the
    picture's camera and the reference's `image`, weighed after Geman and McClure. `prior`:
    precision of the six numbers of `moved`, then that of a value, then the difference from which
    on a point counts little. Returns how many points were in view.
    """
    rows, columns = image.shape
    fx, fy, cx, cy = camera[0], camera[1], camera[2], camera[3]
    jacobian, count = np.zeros(6), 0
    for _ in range(steps):
        normal, right, count = np.zeros((6, 6)), np.zeros(6), 0
        for n in range(len(points)):
            p, q, s = points[n, 0], points[n, 1], points[n, 2]
            x = motion[0, 0] * p + motion[0, 1] * q + motion[0, 2] * s + motion[0, 3]
            y = motion[1, 0] * p + motion[1, 1] * q + motion[1, 2] * s + motion[1, 3]
            z = motion[2, 0] * p + motion[2, 1] * q + motion[2, 2] * s + motion[2, 3]
            if z < _FRONT_M:
                continue
            u, v = cx + fx * x / z, cy + fy * y / z
            if not (0.0 <= u < columns - 1.0 and 0.0 <= v < rows - 1.0):
                continue
            c, r = int(u), int(v)
            du, dv = u - c, v - r
            top = image[r, c] + (image[r, c + 1] - image[r, c]) * du
            low = image[r + 1, c] + (image[r + 1, c + 1] - image[r + 1, c]) * du
            off = top + (low - top) * dv - values[n]
            by_u = (image[r, c + 1] - image[r, c]) * (1.0 - dv)
            by_u += (image[r + 1, c + 1] - image[r + 1, c]) * dv
            gx, gy = by_u * fx / z, (low - top) * fy / z
            gz = -(gx * x + gy * y) / z
            jacobian[0], jacobian[1], jacobian[2] = gx, gy, gz
            jacobian[3] = gz * y - gy * z
            jacobian[4] = gx * z - gz * x
            jacobian[5] = gy * x - gx * y
            ratio = off / prior[7]
            weight = prior[6] / ((1.0 + ratio * ratio) * (1.0 + ratio * ratio))
            for i in range(6):
                right[i] -= weight * jacobian[i] * off
                for j in range(i + 1):
                    normal[i, j] += weight * jacobian[i] * jacobian[j]
            count += 1
        for i in range(6):
            normal[i, i] += prior[i]
            right[i] -= prior[i] * moved[i]
        if not _solve(normal, right, 6):
            break
        _move(motion, right)
        for i in range(6):
            moved[i] += right[i]
    return count


@njit("float32[:,::1](float32[:,::1], float64[::1], float64[:,::1])", cache=True)
def predict_depth(depth, camera, motion):  # type: ignore[no-untyped-def]
    """The depth (H, W) that one camera should see by what another saw; NaN where none is known.

    `motion` takes points of the one that saw `depth` into the other. Every pixel is drawn 2x2.
    """
    rows, columns = depth.shape
    fx, fy, cx, cy = camera[0], camera[1], camera[2], camera[3]
    seen = np.full((rows, columns), _UNKNOWN, np.float32)
    for r in range(rows):
        for c in range(columns):
            d = depth[r, c]
            if not d > 0.0:
                continue
            p, q = (c - cx) / fx * d, (r - cy) / fy * d
            z = motion[2, 0] * p + motion[2, 1] * q + motion[2, 2] * d + motion[2, 3]
            if z < _FRONT_M:
                continue
            x = motion[0, 0] * p + motion[0, 1] * q + motion[0, 2] * d + motion[0, 3]
            y = motion[1, 0] * p + motion[1, 1] * q + motion[1, 2] * d + motion[1, 3]
            left, top = math.floor(cx + fx * x / z), math.floor(cy + fy * y / z)
            for i in range(max(top, 0), min(top + 2, rows)):
                for j in range(max(left, 0), min(left + 2, columns)):
                    if not seen[i, j] <= z:
                        seen[i, j] = z
    return seen


@njit(
    "void(float32[:,::1], float64[::1], float64[:,::1], float32[:,:,::1], float32[:,::1], "
    "float32[:,:,::1], float32[:,:,::1])",
    cache=True,
)
def lay_onto(depth, camera, motion, layers, seen, laid, past):  # type: ignore[no-untyped-def]
    """Lay a reference onto a picture with `depth`: for every pixel where it was in the reference.

    `layers` (H, W, K) of the reference become `laid`, interpolated, NaN where it was not in view.
    `past` (H, W, 2) becomes by how much the reference, whose depth is `seen`, saw past the place
    [m]; negative where it saw something before it; NaN where it does not know: by the pixel there,
    and the least of the 3x3 there that know.
    """
    rows, columns = depth.shape
    fx, fy, cx, cy = camera[0], camera[1], camera[2], camera[3]
    for r in range(rows):
        for c in range(columns):
            laid[r, c, :] = _UNKNOWN
            past[r, c, :] = _UNKNOWN
            d = depth[r, c]
            if not d > 0.0:
                continue
            p, q = (c - cx) / fx * d, (r - cy) / fy * d
            z = motion[2, 0] * p + motion[2, 1] * q + motion[2, 2] * d + motion[2, 3]
            if z < _FRONT_M:
                continue
            x = motion[0, 0] * p + motion[0, 1] * q + motion[0, 2] * d + motion[0, 3]
            y = motion[1, 0] * p + motion[1, 1] * q + motion[1, 2] * d + motion[1, 3]
            u, v = cx + fx * x / z, cy + fy * y / z
            if not (0.0 <= u < columns - 1.0 and 0.0 <= v < rows - 1.0):
                continue
            j, i = int(u), int(v)
            du, dv = u - j, v - i
            for k in range(layers.shape[2]):
                top = layers[i, j, k] + (layers[i, j + 1, k] - layers[i, j, k]) * du
                low = layers[i + 1, j, k] + (layers[i + 1, j + 1, k] - layers[i + 1, j, k]) * du
                laid[r, c, k] = top + (low - top) * dv
            i, j = int(v + 0.5), int(u + 0.5)
            past[r, c, 0] = seen[i, j] - z
            for a in range(max(i - 1, 0), min(i + 2, rows)):
                for b in range(max(j - 1, 0), min(j + 2, columns)):
                    if not past[r, c, 1] <= seen[a, b] - z and seen[a, b] > 0.0:
                        past[r, c, 1] = seen[a, b] - z
