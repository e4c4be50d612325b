"""The loop that holds every beam against the mapped surface it should meet."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_core.geometry import FloatArray

NOTHING, MET, PASSED = 0, 1, 2
_SHORTEST_STEP_M = 0.02
_FIELD_ERROR_M = 0.04


@njit(
    "float64(float32[:,::1], float64[::1], float64, float64, float64, float64, float64)",
    cache=True,
)
def _surface(distance, frame, x, y, dx, dy, reach):  # type: ignore[no-untyped-def]
    """Range to the first mapped surface along a ray; inf where there is none within reach."""
    rows, columns = distance.shape
    along = 0.0
    while along < reach:
        column = int(math.floor((x + along * dx - frame[0]) / frame[2]))
        row = int(math.floor((y + along * dy - frame[1]) / frame[2]))
        if row < 0 or column < 0 or row >= rows or column >= columns:
            return math.inf
        free = distance[row, column]
        if free <= 0.0:
            return along
        along += max(free - _FIELD_ERROR_M, _SHORTEST_STEP_M)
    return math.inf


@njit(
    "Tuple((int8[::1], float64[::1]))(float32[::1], float32[:,::1], float64[::1], float64[::1],"
    " float64[::1], float64[::1])",
    cache=True,
)
def _compare(ranges, distance, frame, sensor, beam, doubt):  # type: ignore[no-untyped-def]
    count = ranges.shape[0]
    states = np.zeros(count, np.int8)
    expected = np.full(count, np.inf)
    for index in range(count):
        measured = float(ranges[index])
        if math.isnan(measured):
            continue
        angle = sensor[2] + beam[0] + index * beam[1]
        dx, dy = math.cos(angle), math.sin(angle)
        middle = _surface(distance, frame, sensor[0], sensor[1], dx, dy, beam[2])
        margin = doubt[2] + doubt[3] * middle
        if not math.isfinite(middle) or measured < middle - margin:
            continue
        expected[index] = middle
        if measured <= middle + margin:
            states[index] = MET
            continue
        side = doubt[0] + doubt[1] * middle
        low = high = middle
        for sign in (-1.0, 1.0):
            x, y = sensor[0] - sign * side * dy, sensor[1] + sign * side * dx
            other = _surface(distance, frame, x, y, dx, dy, beam[2])
            low, high = min(low, other), max(high, other)
        if measured > high + margin and high - low <= doubt[4]:
            states[index] = PASSED
    return states, expected


def compare(
    ranges_m: npt.NDArray[np.float32],
    distance_m: npt.NDArray[np.float32],
    frame: FloatArray,
    sensor: FloatArray,
    beam: FloatArray,
    doubt: FloatArray,
) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """What every beam (N,) says of the mapped surface in its way, and the range to that.

    PASSED: it goes on beyond the surface, and would if the pose were off to either side. MET: it
    ends there. NOTHING: there is none, it ends before it, or it could pass beside it.
    `distance_m`: distance of cells to what is mapped; `frame`: origin x, y and resolution;
    `sensor`: pose in map; `beam`: first angle, increment, reach; `doubt`: error of the pose to the
    side [m] and its growth with range, margin of ranges [m] and its growth, and how much the range
    may differ from side to side [m].
    """
    states, expected = _compare(ranges_m, distance_m, frame, sensor, beam, doubt)
    return states, expected
