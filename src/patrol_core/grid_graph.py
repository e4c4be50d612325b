"""The graph of a grid's free cells: what shortest ways over ground are found on.

Not for the gate, which stands on numpy alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from patrol_core.geometry import FloatArray

NO_CELL = -9999
"""scipy's word for no predecessor."""
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Half of a cell's eight neighbours: the graph is undirected."""


def grid_graph(
    free: npt.NDArray[np.bool_], cell_m: float, factor: FloatArray | None = None
) -> csr_matrix:
    """Edges [m] between free neighbours of cells (R, C), numbered row by row; a diagonal one needs
    both cells beside it.

    `factor` (R, C): how much more a metre counts in each cell; an edge takes the mean of its ends.
    """
    rows, columns = free.shape
    numbers = np.arange(rows * columns).reshape(rows, columns)
    heads: list[npt.NDArray[np.int64]] = []
    tails: list[npt.NDArray[np.int64]] = []
    lengths_m: list[FloatArray] = []
    for down, right in _STEPS:
        here = (slice(0, rows - down), slice(max(-right, 0), columns - max(right, 0)))
        there = (slice(down, rows), slice(max(right, 0), columns + min(right, 0)))
        both = free[here] & free[there]
        if down and right:
            both &= free[here[0], there[1]] & free[there[0], here[1]]
        heads.append(numbers[here][both])
        tails.append(numbers[there][both])
        step_m = float(np.hypot(down, right)) * cell_m
        mean = np.ones(len(heads[-1])) if factor is None else _mean(factor, here, there)[both]
        lengths_m.append(step_m * mean)
    edges = (np.concatenate(heads), np.concatenate(tails))
    return csr_matrix((np.concatenate(lengths_m), edges), shape=(free.size, free.size))


def _mean(factor: FloatArray, here: tuple[slice, slice], there: tuple[slice, slice]) -> FloatArray:
    return np.asarray(0.5 * (factor[here] + factor[there]))
