"""The map of a place that nobody has mapped: all of it free until the lidar says otherwise."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import Points
from patrol_core.types.maps import FREE, OccupancyGrid


def blank_map(outline_m: Points, cell_m: float) -> OccupancyGrid:
    """Free cells of side `cell_m` over the box round an outline in `map`."""
    corners = np.asarray(outline_m, dtype=np.float64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    columns, rows = np.ceil((high - low) / cell_m - 1e-9).astype(int)
    cells = np.full((rows, columns), FREE, dtype=np.int8)
    return OccupancyGrid(0.0, cell_m, float(low[0]), float(low[1]), cells)
