"""Grids."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray

UNKNOWN = -1
FREE = 0
OCCUPIED = 100


@dataclass(frozen=True, slots=True, eq=False)
class OccupancyGrid:
    """Occupancy in `map`: int8 (rows, columns), 0 free to 100 occupied, -1 unknown.

    Row 0 is the southernmost; `origin_x_m`, `origin_y_m` is the outer corner of cell (0, 0).
    The grid is never rotated.
    """

    stamp_s: float
    resolution_m: float
    origin_x_m: float
    origin_y_m: float
    cells: npt.NDArray[np.int8]

    def cells_of(self, points_m: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Row and column of points (N, 2), shape (N, 2); may lie outside the grid."""
        points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
        origin = np.array([self.origin_x_m, self.origin_y_m])
        columns_rows = np.floor((points - origin) / self.resolution_m).astype(np.int64)
        return np.asarray(columns_rows[:, ::-1])

    def centers_of(self, cells: npt.ArrayLike) -> FloatArray:
        """Centre points [m] of cells given as (N, 2) rows and columns, shape (N, 2)."""
        rows_columns = np.asarray(cells, dtype=np.float64).reshape(-1, 2)
        origin = np.array([self.origin_x_m, self.origin_y_m])
        return np.asarray(origin + (rows_columns[:, ::-1] + 0.5) * self.resolution_m)


class MaskKind(Enum):
    """What the cells of a mask say, by Nav2's numbers: stay out; drive no faster, in percent of
    the highest speed, or in m/s."""

    KEEP_OUT = 0
    SPEED_PERCENT = 1
    SPEED = 2


@dataclass(frozen=True, slots=True)
class MaskInfo:
    """How a mask on another topic is to be read: its value is `base + multiplier * cell`."""

    stamp_s: float
    kind: MaskKind
    mask_topic: str
    base: float
    multiplier: float
