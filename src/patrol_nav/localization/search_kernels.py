"""Hot loops of the search for a pose on the whole map.

A node is a square of cells with one heading, packed into one number; `shifts` (H, M, 2) holds row
and column of each of M returns, turned by each of H headings, in cells from the robot. The score
of a node bounds the sum of `tables` over all returns from above for every cell in the square.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_nav.heap_kernels import doubled, push, sift

_Bytes = npt.NDArray[np.uint8]
_Ints = npt.NDArray[np.int32]
_Float = npt.NDArray[np.float64]
_Longs = npt.NDArray[np.int64]

_HEADING_BITS = 10
_SIDE_BITS = 14
_SIDE = (1 << _SIDE_BITS) - 1
_HEADING = (1 << _HEADING_BITS) - 1


@njit("int64(int64, int64, int64, int64)", cache=True)
def _packed(level: int, heading: int, row: int, column: int) -> int:
    return (((level << _HEADING_BITS | heading) << _SIDE_BITS) | row) << _SIDE_BITS | column


@njit("int64(uint8[:, ::1], int32[:, ::1], int64, int64)", cache=True)
def _score(table: _Bytes, shifts: _Ints, row: int, column: int) -> int:
    total = 0
    for m in range(shifts.shape[0]):
        total += table[row + shifts[m, 0], column + shifts[m, 1]]
    return total


@njit(
    "Tuple((float64[::1], int64[::1], int64))(uint8[:, ::1], uint8[:, ::1], int32[:, :, ::1], "
    "int64[::1], int64[::1], int64, int64, float64[::1], int64[::1], int64)",
    cache=True,
)
def push_roots(
    table: _Bytes, free: _Bytes, shifts: _Ints, headings: _Longs, box: _Longs, level: int,
    least: int, keys: _Float, nodes: _Longs, size: int,
) -> tuple[_Float, _Longs, int]:  # fmt: skip
    """Push the coarsest nodes of headings `headings[0]` to `headings[1]` that reach `least`.

    `table`, `free`: of this level. `box`: first row, row behind the last, and so for columns.
    """
    step = 1 << level
    for row in range(box[0], box[1], step):
        for column in range(box[2], box[3], step):
            if not free[row, column]:
                continue
            for heading in range(headings[0], headings[1]):
                score = _score(table, shifts[heading], row, column)
                if score >= least:
                    if size == len(keys):
                        keys, nodes = doubled(keys, nodes)
                    push(keys, nodes, size, -float(score), _packed(level, heading, row, column))
                    size += 1
    return keys, nodes, size


@njit("boolean(int64[:, ::1], int64, int64, int64, int64, int64, int64, int64, int64)", cache=True)
def _covered(
    modes: _Longs, count: int, heading: int, row: int, column: int, side: int, headings: int,
    near_cells: int, near_headings: int,
) -> bool:  # fmt: skip
    """Whether one mode is near every cell of a square."""
    last = side - 1
    for k in range(count):
        turned = abs(heading - modes[k, 1])
        if min(turned, headings - turned) > near_headings:
            continue
        up = max(abs(row - modes[k, 2]), abs(row + last - modes[k, 2]))
        across = max(abs(column - modes[k, 3]), abs(column + last - modes[k, 3]))
        if up * up + across * across <= near_cells * near_cells:
            return True
    return False


@njit(
    "Tuple((float64[::1], int64[::1], int64, int64, int64))(uint8[:, :, ::1], uint8[:, :, ::1], "
    "int32[:, :, ::1], int64[:, ::1], int64, int64, int64, int64, int64, float64[::1], "
    "int64[::1], int64, int64)",
    cache=True,
)
def expand(
    tables: _Bytes, free: _Bytes, shifts: _Ints, modes: _Longs, count: int, near_cells: int,
    near_headings: int, least: int, margin: int, keys: _Float, nodes: _Longs, size: int,
    budget: int,
) -> tuple[_Float, _Longs, int, int, int]:  # fmt: skip
    """Best first: take nodes apart until the heap is empty, `modes` is full or `budget` is spent.

    A single cell that comes off the heap has the highest score of all that are left: it becomes a
    row of `modes` (score, heading, row, column) unless one is near it. What falls behind the best
    by more than `margin` is dropped. Returns the heap, its size, the number of modes, and the
    budget that is left.
    """
    headings = shifts.shape[0]
    while size > 0 and budget > 0 and count < len(modes):
        score, node = -keys[0], nodes[0]
        size -= 1
        if size > 0:
            sift(keys, nodes, size, keys[size], nodes[size])
        if count > 0 and score < modes[0, 0] - margin:
            size = 0
            break
        column = node & _SIDE
        row = node >> _SIDE_BITS & _SIDE
        heading = node >> 2 * _SIDE_BITS & _HEADING
        level = node >> (2 * _SIDE_BITS + _HEADING_BITS)
        if level == 0:
            if not _covered(
                modes, count, heading, row, column, 1, headings, near_cells, near_headings
            ):
                modes[count] = (int(score), heading, row, column)
                count += 1
            continue
        level -= 1
        side = 1 << level
        floor = max(least, modes[0, 0] - margin) if count else least
        for k in range(4):
            r, c = row + (k >> 1) * side, column + (k & 1) * side
            if not free[level, r, c] or _covered(
                modes, count, heading, r, c, side, headings, near_cells, near_headings
            ):
                continue
            budget -= 1
            bound = _score(tables[level], shifts[heading], r, c)
            if bound >= floor:
                if size == len(keys):
                    keys, nodes = doubled(keys, nodes)
                push(keys, nodes, size, -float(bound), _packed(level, heading, r, c))
                size += 1
    return keys, nodes, size, count, budget
