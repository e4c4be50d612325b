"""Distance to the nearest surface, for likelihood fields and clearance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from patrol_core.types.maps import OCCUPIED, OccupancyGrid

_FOUR_NEIGHBOURS = ndimage.generate_binary_structure(2, 1)


def surface_cells(grid: OccupancyGrid) -> npt.NDArray[np.bool_]:
    """Occupied cells that touch one that is not: what a lidar can hit. Shape of the grid.

    The inside of solid things is left out, so that a pose is not drawn into a wall, where every
    return would lie in some occupied cell. Beyond the edge of the map counts as not occupied.
    """
    occupied = grid.cells == OCCUPIED
    inside = ndimage.binary_erosion(occupied, _FOUR_NEIGHBOURS)
    return np.asarray(occupied & ~inside)


def distance_to_surface_m(grid: OccupancyGrid, max_m: float) -> npt.NDArray[np.float32]:
    """Distance from every cell's centre to the nearest surface cell's centre, cut off at `max_m`.

    Exact Euclidean transform (scipy.ndimage). A map without anything is `max_m` everywhere.
    """
    surface = surface_cells(grid)
    if not surface.any():
        return np.full(surface.shape, max_m, dtype=np.float32)
    distance = ndimage.distance_transform_edt(~surface) * grid.resolution_m
    return np.asarray(np.minimum(distance, max_m), dtype=np.float32)
