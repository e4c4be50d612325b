"""A binary heap of keys with numbers, in arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

_Float = npt.NDArray[np.float64]
_Longs = npt.NDArray[np.int64]

_FIRST_ROOM = 4096


@njit("void(float64[::1], int64[::1], int64, float64, int64)", cache=True)
def push(keys: _Float, cells: _Longs, size: int, key: float, cell: int) -> None:
    i = size
    while i > 0:
        above = (i - 1) >> 1
        if keys[above] <= key:
            break
        keys[i], cells[i] = keys[above], cells[above]
        i = above
    keys[i], cells[i] = key, cell


@njit("void(float64[::1], int64[::1], int64, float64, int64)", cache=True)
def sift(keys: _Float, cells: _Longs, size: int, key: float, cell: int) -> None:
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


@njit("Tuple((float64[::1], int64[::1]))()", cache=True)
def empty_heap() -> tuple[_Float, _Longs]:
    """Arrays for keys and numbers; when they are full, `doubled` makes room."""
    return np.empty(_FIRST_ROOM, np.float64), np.empty(_FIRST_ROOM, np.int64)


@njit("Tuple((float64[::1], int64[::1]))(float64[::1], int64[::1])", cache=True)
def doubled(keys: _Float, cells: _Longs) -> tuple[_Float, _Longs]:
    """A full heap's arrays with as much room again."""
    return (
        np.concatenate((keys, np.empty_like(keys))),
        np.concatenate((cells, np.empty_like(cells))),
    )
