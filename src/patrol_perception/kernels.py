"""Hot loops over beams and cells. Grids are row-major, row 0 south; positions in `map` [m]."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_core.geometry import FloatArray

_REJECT_M = 0.5
_SCALE_M = 0.12
_NOISE_M = 0.05
_STEPS = 6
_SHORT_OF_END_M = 0.3


@njit("Tuple((float64, float64, float64))(float32[:,::1], float64, float64)", cache=True)
def _sample(field, column, row):  # type: ignore[no-untyped-def]
    """Bilinear value and derivatives per cell at a place given in cells (centres at integers)."""
    rows, columns = field.shape
    c0, r0 = int(math.floor(column)), int(math.floor(row))
    if c0 < 0 or r0 < 0 or c0 + 1 >= columns or r0 + 1 >= rows:
        return 1e6, 0.0, 0.0
    fc, fr = column - c0, row - r0
    v00, v01 = field[r0, c0], field[r0, c0 + 1]
    v10, v11 = field[r0 + 1, c0], field[r0 + 1, c0 + 1]
    south, north = v00 + (v01 - v00) * fc, v10 + (v11 - v10) * fc
    by_column = (v01 - v00) * (1.0 - fr) + (v11 - v10) * fr
    return south + (north - south) * fr, by_column, north - south


@njit(
    "float64[::1](float64[:,::1], float32[:,::1], float64[::1], float64[::1], float64[::1])",
    cache=True,
)
def _register(points, distance, grid, pose, prior):  # type: ignore[no-untyped-def]
    resolution = grid[2]
    x, y, yaw = pose[0], pose[1], pose[2]
    weight_xy = (_NOISE_M / prior[0]) ** 2
    weight_yaw = (_NOISE_M / prior[1]) ** 2
    for _ in range(_STEPS):
        cos, sin = math.cos(yaw), math.sin(yaw)
        normal = np.zeros((3, 3))
        right = np.zeros(3)
        normal[0, 0] = normal[1, 1] = weight_xy
        normal[2, 2] = weight_yaw
        right[0] = weight_xy * (pose[0] - x)
        right[1] = weight_xy * (pose[1] - y)
        right[2] = weight_yaw * (pose[2] - yaw)
        for i in range(points.shape[0]):
            dx = cos * points[i, 0] - sin * points[i, 1]
            dy = sin * points[i, 0] + cos * points[i, 1]
            column = (x + dx - grid[0]) / resolution - 0.5
            row = (y + dy - grid[1]) / resolution - 0.5
            value, gx, gy = _sample(distance, column, row)
            if value > _REJECT_M:
                continue
            gx, gy = gx / resolution, gy / resolution
            turn = gy * dx - gx * dy
            weight = 1.0 / (1.0 + (value / _SCALE_M) ** 2) ** 2
            jacobian = (gx, gy, turn)
            for a in range(3):
                right[a] -= weight * jacobian[a] * value
                for b in range(3):
                    normal[a, b] += weight * jacobian[a] * jacobian[b]
        step = np.linalg.solve(normal, right)
        x, y, yaw = x + step[0], y + step[1], yaw + step[2]
        if abs(step[0]) + abs(step[1]) < 1e-4 and abs(step[2]) < 1e-5:
            break
    return np.array([x, y, yaw])


def register(
    points_m: FloatArray,
    distance_m: npt.NDArray[np.float32],
    grid: FloatArray,
    pose: FloatArray,
    prior: FloatArray,
) -> FloatArray:
    """Pose (x, y, yaw) of the sensor that best lays `points_m` (N, 2, sensor frame) on the map.

    Gauss-Newton on the distance field with Geman-McClure weights and a Gaussian prior about `pose`
    with deviations `prior` (position [m], heading [rad]); `grid` is origin x, y and resolution.
    """
    return np.asarray(_register(points_m, distance_m, grid, pose, prior))


@njit("int64[::1](float64[:,::1], float64[::1])", cache=True)
def _single_linkage(points, reach):  # type: ignore[no-untyped-def]
    count = points.shape[0]
    parent = np.arange(count)
    for i in range(count):
        for j in range(i):
            limit = max(reach[i], reach[j])
            dx, dy = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
            if dx * dx + dy * dy <= limit * limit:
                a, b = i, j
                while parent[a] != a:
                    parent[a] = parent[parent[a]]
                    a = parent[a]
                while parent[b] != b:
                    parent[b] = parent[parent[b]]
                    b = parent[b]
                if a < b:
                    parent[b] = a
                else:
                    parent[a] = b
    for i in range(count):
        root = i
        while parent[root] != root:
            root = parent[root]
        parent[i] = root
    return parent


def single_linkage(points_m: FloatArray, reach_m: FloatArray) -> npt.NDArray[np.int64]:
    """Label (index of the first member) of every point (N, 2); points within reach share one."""
    return np.asarray(_single_linkage(points_m, reach_m))


@njit("float64[::1](float32[::1], boolean[::1], int64, int64, float64, float64)", cache=True)
def _profile(ranges, member, first, length, increment, see_through):  # type: ignore[no-untyped-def]
    beams = ranges.shape[0]
    segments, widest, gap = 0.0, 0.0, 0
    start_range, start_beam, last_range, last_beam = -1.0, 0, 0.0, 0
    for k in range(length):
        beam = (first + k) % beams
        value = ranges[beam]
        if member[beam]:
            if start_range < 0.0:
                start_range, start_beam = value, k
                segments += 1.0
            last_range, last_beam = value, k
            angle = (last_beam - start_beam) * increment
            chord = math.sqrt(
                max(
                    0.0,
                    start_range**2
                    + last_range**2
                    - 2.0 * start_range * last_range * math.cos(angle),
                )
            )
            widest = max(widest, chord)
        elif value > last_range + see_through:
            if start_range >= 0.0:
                gap += 1
            start_range = -1.0
    hidden = 0.0
    for side in range(2):
        edge = first if side == 0 else first + length - 1
        edge_range = ranges[edge % beams]
        for k in range(1, 3):
            beam = (edge - k if side == 0 else edge + k) % beams
            if ranges[beam] < edge_range - 0.3:
                hidden += 1.0
                break
    return np.array([segments, widest, float(gap), hidden])


def profile(
    ranges_m: npt.NDArray[np.float32],
    member: npt.NDArray[np.bool_],
    first: int,
    length: int,
    increment_rad: float,
    see_through_m: float,
) -> tuple[int, float, int, int]:
    """How `length` beams from `first` see one cluster, whose beams are marked in `member`.

    Returns the number of unbroken segments (a beam that passes through to at least `see_through_m`
    behind breaks one), the widest segment [m], the number of breaking beams, and how many of the
    two ends are hidden by something nearer.
    """
    segments, widest, gap, hidden = _profile(
        ranges_m, member, first, length, increment_rad, see_through_m
    )
    return int(segments), float(widest), int(gap), int(hidden)


@njit(
    "int64(float32[::1], int64[::1], float64[:,::1], float32[::1], float64[::1], float64[::1])",
    cache=True,
)
def _clear(ranges, cells, means, score, sensor, beam):  # type: ignore[no-untyped-def]
    count = 0
    beams = ranges.shape[0]
    for cell in cells:
        dx, dy = means[cell, 0] - sensor[0], means[cell, 1] - sensor[1]
        distance = math.hypot(dx, dy)
        if distance > beam[2] or distance < 0.3:
            continue
        angle = (math.atan2(dy, dx) - sensor[2] - beam[0]) % (2.0 * math.pi)
        index = int(angle / beam[1] + 0.5)
        if index >= beams:
            if 2.0 * math.pi - angle > beam[1]:
                continue
            index = 0
        reach = max(1, int(0.04 / (distance * beam[1])))
        through = True
        for k in range(-reach, reach + 1):
            value = ranges[(index + k) % beams]
            if not value > distance + 0.25:
                through = False
                break
        if through:
            score[cell] = max(0.0, score[cell] * 0.7 - 0.5)
            count += 1
    return count


def clear_seen_through(
    ranges_m: npt.NDArray[np.float32],
    cells: npt.NDArray[np.int64],
    means_m: FloatArray,
    score: npt.NDArray[np.float32],
    sensor: FloatArray,
    beam: FloatArray,
) -> int:
    """Lower the score of every cell in `cells` that all beams near it pass through.

    `sensor`: pose (x, y, yaw) in map. `beam`: first angle, increment [rad], longest distance [m].
    Returns how many cells were seen through.
    """
    return int(_clear(ranges_m, cells, means_m, score, sensor, beam))


@njit(
    "void(float32[::1], int32[:,::1], float64[::1], float64[::1], float64[::1], int64[:,::1])",
    cache=True,
)
def _look_through(ranges, inner, frame, sensor, beam, counts):  # type: ignore[no-untyped-def]
    rows, columns = inner.shape
    step, stride = frame[2], 2.0 * frame[2]
    for index in range(ranges.shape[0]):
        if math.isnan(ranges[index]):
            continue
        angle = sensor[2] + beam[0] + index * beam[1]
        dx, dy = math.cos(angle), math.sin(angle)
        ends = ranges[index] <= beam[2]
        length = min(float(ranges[index]), beam[2])
        passed = 0
        for k in range(int((length - _SHORT_OF_END_M) / stride)):
            column = int(math.floor((sensor[0] + k * stride * dx - frame[0]) / step))
            row = int(math.floor((sensor[1] + k * stride * dy - frame[1]) / step))
            if row < 0 or column < 0 or row >= rows or column >= columns:
                break
            label = inner[row, column]
            if label > 0 and label != passed:
                passed = label
                counts[0, label] += 1
        if not ends:
            continue
        for k in range(-2, 3):
            reach = length + k * step
            column = int(math.floor((sensor[0] + reach * dx - frame[0]) / step))
            row = int(math.floor((sensor[1] + reach * dy - frame[1]) / step))
            if row < 0 or column < 0 or row >= rows or column >= columns:
                continue
            label = inner[row, column]
            if label < 0 and -label != passed:
                counts[1, -label] += 1
                break


def look_through(
    ranges_m: npt.NDArray[np.float32],
    inner: npt.NDArray[np.int32],
    frame: FloatArray,
    sensor: FloatArray,
    beam: FloatArray,
    count: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How many beams pass through the inside of each of `count` blocks, and how many end at it.

    `inner` (rows, columns): the number of a block inside it, negated along its edge, else 0.
    `frame`: origin x, y and resolution; `sensor` and `beam` as for `clear_seen_through`.
    """
    counts = np.zeros((2, count), np.int64)
    _look_through(ranges_m, inner, frame, sensor, beam, counts)
    return counts[0], counts[1]
