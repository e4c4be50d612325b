"""Mapped things that are no longer there: the lidar looks through where they stood.

Without this, what a map calls a trailer explains whatever is left on the ground where it was.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_perception.kernels import look_through
from patrol_perception.look import Look, without_lost
from patrol_perception.params import BlockParams

Mask = npt.NDArray[np.bool_]


class Blocks:
    """The closed areas of a map that lie whole within the site: vehicles, containers, houses.

    What is too thin to have an inside (fences, posts, open walls) is none of them: there a small
    error of the pose would look like a view through it.
    """

    def __init__(self, grid: OccupancyGrid, outside: Mask, params: BlockParams) -> None:
        """`outside`: cells beyond the site's outline; an area that reaches there is left out."""
        closed = np.pad(grid.cells != FREE, 1, constant_values=True).astype(np.uint8)
        count, labels = cv2.connectedComponents(closed, connectivity=8, ltype=cv2.CV_32S)
        depth_m = cv2.distanceTransform(closed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        depth_m = depth_m[1:-1, 1:-1] * grid.resolution_m
        border = np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1]))
        labels = labels[1:-1, 1:-1].copy()
        labels[np.isin(labels, np.union1d(border, labels[outside]))] = 0
        self._params = params
        self.labels: npt.NDArray[np.int32] = np.asarray(labels, np.int32)
        """The number of its block for each cell (rows, columns); 0: it belongs to none."""
        self._inner = np.where(depth_m >= params.depth_m, labels, -labels).astype(np.int32)
        self._frame = np.array([grid.origin_x_m, grid.origin_y_m, grid.resolution_m])
        self._looks = np.zeros(count, np.int64)

    def gone(self, look: Look, max_range_m: float) -> Mask | None:
        """Cells of the blocks that this look, after enough others, shows to be gone; else None."""
        sensor = np.array([look.sensor.x_m, look.sensor.y_m, look.sensor.yaw_rad])
        beam = np.array([look.angle_min_rad, look.angle_increment_rad, max_range_m])
        through, ended = look_through(
            without_lost(look.ranges_m), self._inner, self._frame, sensor, beam, len(self._looks)
        )
        self._looks += (through >= self._params.beams) & (through > ended)
        gone = np.flatnonzero(self._looks >= self._params.looks)
        if not len(gone):
            return None
        cells: Mask = np.isin(self.labels, gone)
        self._inner[cells] = 0
        self._looks[gone] = 0
        return cells
