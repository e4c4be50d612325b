"""Hot loops over beams and cells. Grids are row-major, row 0 south; positions in `map` [m]."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_core.geometry import FloatArray

_SHORT_OF_END_M = 0.2
_NO_RETURN_FREE_M = 5.0
_PASSED_FACTOR = 0.6
_HIT_FACTOR = 0.85
_MOST_TIMES = 4.0
_MOST_PASSED = 30.0


@njit("UniTuple(int64, 2)(float64, float64, float64[::1])", cache=True)
def _cell(x, y, frame):  # type: ignore[no-untyped-def]
    column = int(math.floor((x - frame[0]) / frame[2]))
    row = int(math.floor((y - frame[1]) / frame[2]))
    return row, column


@njit(
    "void(float32[::1], boolean[::1], float32[:,::1], float32[:,::1], int32[:,::1], int64,"
    " float64[::1], float64[::1], float64[::1], float64)",
    cache=True,
)
def _watch(ranges, counts, stood, passed, touched, scan, frame, sensor, beam, still):  # type: ignore[no-untyped-def]
    rows, columns = stood.shape
    for index in range(ranges.shape[0]):
        reach = float(ranges[index])
        if not reach <= beam[2] or not counts[index]:
            continue
        angle = sensor[2] + beam[0] + index * beam[1]
        row, column = _cell(
            sensor[0] + reach * math.cos(angle), sensor[1] + reach * math.sin(angle), frame
        )
        if 0 <= row < rows and 0 <= column < columns and touched[row, column] != scan:
            touched[row, column] = scan
            stood[row, column] = min(stood[row, column] + beam[3], _MOST_TIMES * still)
            passed[row, column] *= _HIT_FACTOR
    for index in range(ranges.shape[0]):
        length = float(ranges[index])
        if math.isnan(length):
            continue
        if length > beam[2]:
            length = _NO_RETURN_FREE_M
        angle = sensor[2] + beam[0] + index * beam[1]
        dx, dy, step = math.cos(angle), math.sin(angle), 0.5 * frame[2]
        for k in range(int((length - _SHORT_OF_END_M) / step)):
            row, column = _cell(sensor[0] + k * step * dx, sensor[1] + k * step * dy, frame)
            if row < 0 or column < 0 or row >= rows or column >= columns:
                break
            if touched[row, column] != scan:
                touched[row, column] = scan
                stood[row, column] *= _PASSED_FACTOR
                passed[row, column] = min(passed[row, column] + 1.0, _MOST_PASSED)


def watch(
    ranges_m: npt.NDArray[np.float32],
    counts: npt.NDArray[np.bool_],
    stood_s: npt.NDArray[np.float32],
    passed: npt.NDArray[np.float32],
    touched: npt.NDArray[np.int32],
    scan: int,
    frame: FloatArray,
    sensor: FloatArray,
    beam: FloatArray,
    still_s: float,
) -> None:
    """Add one scan to how long something has stood in each cell, and how often beams have passed.

    Only returns that `counts` marks add to `stood_s`. `touched` holds the number of the `scan`
    that last changed a cell. `frame`: origin x, y and resolution; `sensor`: pose (x, y, yaw);
    `beam`: first angle, increment [rad], longest range that is judged [m], and the time to add
    [s]. `still_s` bounds how long anything is remembered.
    """
    _watch(ranges_m, counts, stood_s, passed, touched, scan, frame, sensor, beam, still_s)
