"""What the map explains: scans laid onto it, and the returns that it has no reason for."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_core.types.sensors import LaserScan
from patrol_perception.blocks import Blocks
from patrol_perception.kernels import register
from patrol_perception.look import Look
from patrol_perception.params import PerceptionParams

_REGISTER_EVERY = 2
_MIN_RETURNS = 40


class Background:
    """The map's distance fields, with everything that is not to be judged counted as explained."""

    def __init__(
        self,
        grid: OccupancyGrid,
        outline_m: Points,
        privacy_m: tuple[Points, ...],
        params: PerceptionParams,
    ) -> None:
        """`outline_m`: the site's geofence; `privacy_m`: polygons in which nothing is judged."""
        self._params = params.background
        self.grid = grid
        self._frame = np.array([grid.origin_x_m, grid.origin_y_m, grid.resolution_m])
        inside = self._filled([outline_m]) > 0
        far_outside = _distance(inside, grid.resolution_m) > self._params.outline_margin_m
        self._far_outside = far_outside
        self._private = self._filled(privacy_m) > 0
        self._ignored = far_outside | self._private
        self._blocks = Blocks(grid, far_outside, params.blocks)
        self.blocks = self._blocks.labels
        self._explain(grid.cells)

    def keep_private(self, polygons_m: tuple[Points, ...]) -> None:
        """From now on nothing is judged in these polygons, and in no others."""
        self._private = self._filled(polygons_m) > 0
        self._ignored = self._far_outside | self._private
        self._explain(self._cells)

    def is_private(self, x_m: float, y_m: float) -> bool:
        """Whether a place lies in one of the polygons in which nothing is judged."""
        row, column = self.grid.cells_of([(x_m, y_m)])[0].tolist()
        height, width = self._private.shape
        return 0 <= row < height and 0 <= column < width and bool(self._private[row, column])

    def _explain(self, cells: npt.NDArray[np.int8]) -> None:
        """Distance to what is mapped, and the same with 0 wherever nothing is judged."""
        self._cells = cells
        self.distance_m = _distance(cells == OCCUPIED, self.grid.resolution_m)
        ignored = self._ignored | (cells != FREE)
        self._judged_m = np.where(ignored, np.float32(0.0), self.distance_m)

    def forget_gone(self, look: Look) -> None:
        """Let nothing be explained any longer by a mapped thing that the lidar looks through."""
        gone = self._blocks.gone(look, self._params.max_range_m)
        if gone is not None:
            self._explain(np.where(gone, FREE, self._cells))

    def _filled(self, polygons_m: tuple[Points, ...] | list[Points]) -> npt.NDArray[np.uint8]:
        image = np.zeros(self.grid.cells.shape, np.uint8)
        for polygon_m in polygons_m:
            corners = (np.asarray(polygon_m) - self._frame[:2]) / self._frame[2] - 0.5
            cv2.fillPoly(image, [np.round(corners).astype(np.int32)], 1)
        return image

    def look(self, scan: LaserScan, sensor: Pose2, position_std_m: float) -> Look | None:
        """Lay a scan taken from about `sensor` onto the map.

        None when the map explains too little of it: then the pose is wrong, not the world.
        """
        params = self._params
        ranges = np.where(scan.ranges_m < scan.range_min_m, np.nan, scan.ranges_m)
        ranges = np.ascontiguousarray(ranges, dtype=np.float32)
        beams = np.flatnonzero(np.isfinite(ranges) & (ranges <= scan.range_max_m))
        if len(beams) < _MIN_RETURNS:
            return None
        distances = ranges[beams].astype(np.float64)
        angles = scan.angle_min_rad + scan.angle_increment_rad * beams
        points = np.column_stack((distances * np.cos(angles), distances * np.sin(angles)))
        pose, fits = self._registered(points, sensor)
        in_map = pose.transform_points(points)
        tolerance = (
            params.tolerance_m
            + params.tolerance_per_m * distances
            + 0.5 * min(position_std_m, params.position_std_m)
        )
        mapped, clearance = self._at(in_map, self.distance_m, self._judged_m)
        share = float(np.mean(mapped <= tolerance))
        if share < params.min_explained:
            return None
        odd = (clearance > tolerance) & (distances <= params.max_range_m)
        return Look(
            scan.stamp_s, pose, ranges, scan.angle_min_rad, scan.angle_increment_rad, share, fits,
            beams[odd], np.ascontiguousarray(in_map[odd]), clearance[odd],
        )  # fmt: skip

    def mapped_distance_m(self, points_m: FloatArray) -> npt.NDArray[np.float32]:
        """Distance of points (N, 2) to the nearest mapped thing [m]; 0 outside the map."""
        return self._at(points_m, self.distance_m)[0]

    def judged_distance_m(self, points_m: FloatArray) -> npt.NDArray[np.float32]:
        """The same, and 0 wherever nothing is judged."""
        return self._at(points_m, self._judged_m)[0]

    def _at(
        self, points_m: FloatArray, *fields: npt.NDArray[np.float32]
    ) -> list[npt.NDArray[np.float32]]:
        """Values of fields at points (N, 2); 0 outside the map."""
        rows, columns = self.grid.cells_of(points_m).T
        height, width = self.grid.cells.shape
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        cells = np.where(inside, rows * width + columns, 0)
        return [np.where(inside, field.reshape(-1)[cells], np.float32(0.0)) for field in fields]

    def _registered(self, points: FloatArray, sensor: Pose2) -> tuple[Pose2, bool]:
        """The pose that fits the map, and whether it is near enough to be believed."""
        params = self._params
        x, y, yaw = register(
            np.ascontiguousarray(points[::_REGISTER_EVERY]),
            self.distance_m,
            self._frame,
            np.array([sensor.x_m, sensor.y_m, sensor.yaw_rad]),
            np.array([params.position_std_m, params.yaw_std_rad]),
        ).tolist()
        moved = math.hypot(x - sensor.x_m, y - sensor.y_m)
        turned = abs(yaw - sensor.yaw_rad)
        far = moved > 3.0 * params.position_std_m or turned > 3.0 * params.yaw_std_rad
        return (sensor, False) if far else (Pose2(x, y, yaw), True)


def _distance(occupied: npt.NDArray[np.bool_], resolution_m: float) -> npt.NDArray[np.float32]:
    """Distance of every cell centre to the surface of the nearest occupied cell [m]."""
    if not occupied.any():
        return np.full(occupied.shape, 1e3, np.float32)
    image = np.where(occupied, 0, 255).astype(np.uint8)
    centres = cv2.distanceTransform(image, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Squares of cells are whole; OpenCV's roots differ in the last bit from call to call.
    exact = np.sqrt(np.rint(np.square(centres, dtype=np.float64))).astype(np.float32)
    return np.ascontiguousarray(np.maximum(exact - 0.5, 0.0) * np.float32(resolution_m))
