"""The layers together: what the controller sees around the robot, and what the planner sees of the
site.

Static: the map and the zones. Beside: what the lidar's plane misses, as perception says.
 Obstacles: evidence per cell from scans, raised by hits and cleared
by the beams that pass, kept for the whole site, so that a parked van is still known on the next
lap.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.site.model import Zone
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.sensors import LaserScan
from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.costmap.kernels import clear_disc, coarsen, distance_transform, trace_scan
from patrol_nav.costmap.zones import (
    beside_preferred,
    blocked_cells,
    keep_clear_cells,
    speed_limits,
)
from patrol_nav.params import CostmapParams

LEAVABLE_M = 0.01
"""Distance inside of discs that plans keep out of: no obstacle, so that a plan may lead out."""


BESIDE_M = 3.0
"""So far around the robot, what perception says of things that the lidar misses is all of it."""


class Costmap:
    """Owns the grids. All poses and points are in `map`."""

    def __init__(
        self, grid: OccupancyGrid, outline_m: Points, footprint: Footprint, params: CostmapParams
    ) -> None:
        self._params = params
        self._footprint = footprint
        self._resolution_m = grid.resolution_m
        self._origin_m = np.array([grid.origin_x_m, grid.origin_y_m])
        self._grid = grid
        self._outline_m = outline_m
        self._zones: tuple[Zone, ...] = ()
        self._static = blocked_cells(grid, outline_m, (), params.zone_margin_m)
        self._speed_mps = speed_limits(grid, (), 0.0)
        self._keep_clear = keep_clear_cells(grid, (), 0.0)
        self._kept_off: tuple[float, float, float] | None = None
        self._kept_off_m = -math.inf
        self._evidence = np.zeros_like(self._static)
        self._beside = np.zeros_like(self._static)
        self._marks = np.zeros_like(self._static)
        self._mark = 0
        self._factor = max(1, round(params.planning_resolution_m / grid.resolution_m))
        self._coarse_static = self._coarse(self._static, 1)
        self._planning = DistanceField(
            grid.resolution_m * self._factor,
            grid.origin_x_m,
            grid.origin_y_m,
            np.empty(self._coarse_static.shape, dtype=np.float32),
            params.inflation_m,
        )
        self._renew_planning()

    @property
    def planning_field(self) -> DistanceField:
        """Distances over the whole site at the planner's resolution, as of the last refresh."""
        return self._planning

    def set_zones(self, zones: tuple[Zone, ...]) -> None:
        """From now on these zones count, and no others."""
        if zones == self._zones:
            return
        self._zones = zones
        room_m, reach_m = self._params.zone_margin_m, self._footprint.circumscribed_m
        self._static = blocked_cells(self._grid, self._outline_m, zones, room_m)
        self._speed_mps = speed_limits(self._grid, zones, reach_m)
        self._keep_clear = keep_clear_cells(self._grid, zones, reach_m)
        self._coarse_static = self._coarse(self._static, 1)
        middle = self._factor // 2
        beside = beside_preferred(self._grid, zones)[
            middle :: self._factor, middle :: self._factor
        ]
        rows, columns = beside.shape
        self._planning.ground[:rows, :columns] = beside
        self._renew_planning()

    def speed_limit_mps(self, points_m: FloatArray) -> FloatArray:
        """Limit of the speed zones at points (N, 2); infinite where there is none."""
        limits = np.full(len(points_m), np.inf)
        inside, row, column = self._cells(points_m)
        limits[inside] = self._speed_mps[row, column]
        return limits

    def is_kept_clear(self, points_m: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether a robot at points (N, 2) reaches into a keep-clear zone."""
        kept = np.zeros(len(points_m), dtype=np.bool_)
        inside, row, column = self._cells(points_m)
        kept[inside] = self._keep_clear[row, column]
        return kept

    def _cells(
        self, points_m: FloatArray
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Which of points (N, 2) lie on the grid, and the rows and columns of those."""
        cells = np.floor((points_m - self._origin_m) / self._resolution_m).astype(np.int64)
        rows, columns = self._static.shape
        inside = (cells >= 0).all(axis=1) & (cells[:, 1] < rows) & (cells[:, 0] < columns)
        return inside, cells[inside, 1], cells[inside, 0]

    def observe(self, scan: LaserScan, sensor: Pose2, robot: Pose2, moving_m: FloatArray) -> None:
        """Take in a scan from `sensor`.

        `moving_m` (N, 3): x, y and radius of what moves: it is predicted by others and leaves no
        evidence. Nor can there be an obstacle inside of the robot itself.
        """
        ranges = scan.ranges_m.astype(np.float64)
        reach = min(self._params.scan_range_m, scan.range_max_m)
        valid = ~np.isnan(ranges) & (ranges >= scan.range_min_m)
        ranges, angles = ranges[valid], scan.angles_rad()[valid] + sensor.yaw_rad
        is_hit = ranges <= reach
        ranges = np.minimum(ranges, reach)
        ends = np.column_stack((np.cos(angles) * ranges, np.sin(angles) * ranges))
        start = np.array([sensor.x_m, sensor.y_m]) - self._origin_m
        self._mark = self._mark % 255 + 1
        trace_scan(
            self._evidence,
            self._marks,
            self._mark,
            start / self._resolution_m,
            (ends + start) / self._resolution_m,
            is_hit,
        )
        for x_m, y_m, radius_m in moving_m:
            self._clear(x_m, y_m, radius_m)
        for offset in self._footprint.offsets_m:
            x_m, y_m = robot.transform_points([offset])[0]
            self._clear(x_m, y_m, self._footprint.radius_m)

    def observe_beside(self, points_m: FloatArray, robot: Pose2) -> None:
        """Take in what the lidar misses: points (N, 2) are all of it near `robot`."""
        column, row = (np.array([robot.x_m, robot.y_m]) - self._origin_m) / self._resolution_m
        clear_disc(self._beside, column, row, BESIDE_M / self._resolution_m)
        _, rows, columns = self._cells(points_m)
        self._beside[rows, columns] = 1

    def _clear(self, x_m: float, y_m: float, radius_m: float) -> None:
        column, row = (np.array([x_m, y_m]) - self._origin_m) / self._resolution_m
        clear_disc(self._evidence, column, row, radius_m / self._resolution_m)

    def keep_off(self, disc_m: tuple[float, float, float] | None) -> None:
        """From now on the body keeps out of this disc (x, y, radius), or of none.

        Who stands too near to turn on the spot beside it may do so, and comes no nearer: the disc
        is smaller for them at first, and grows as they leave it.
        """
        if disc_m != self._kept_off:
            self._kept_off, self._kept_off_m = disc_m, -math.inf

    def _kept_off_by(self, robot: Pose2) -> FloatArray:
        """The disc to keep off (1, 3) as it is by now, `robot` not in it; (0, 3) without one."""
        if self._kept_off is None:
            return np.empty((0, 3))
        x_m, y_m, radius_m = self._kept_off
        offsets_m, covers_m = self._footprint.offsets_m, self._footprint.radius_m
        turning_m = float(np.max(np.hypot(*offsets_m.T))) + covers_m
        away_m = math.hypot(robot.x_m - x_m, robot.y_m - y_m)
        self._kept_off_m = max(self._kept_off_m, min(radius_m, away_m - turning_m - LEAVABLE_M))
        body_m = robot.transform_points(offsets_m)
        apart_m = float(np.min(np.hypot(*(body_m - (x_m, y_m)).T))) - covers_m
        return np.array([[x_m, y_m, min(self._kept_off_m, apart_m - LEAVABLE_M)]])

    def forget(self) -> None:
        """Drop all obstacles that are not on the map; those in view come back with the scans."""
        self._evidence[:] = 0
        self._beside[:] = 0
        self._renew_planning()

    def local_field(self, center: Pose2) -> DistanceField:
        """Distances in a square window around `center`, at the map's resolution."""
        half = int(self._params.window_m / self._resolution_m / 2.0)
        column, row = np.floor(
            (np.array([center.x_m, center.y_m]) - self._origin_m) / self._resolution_m
        ).astype(int)
        first_r, first_c = row - half, column - half
        occupied = np.ones((2 * half, 2 * half), dtype=np.uint8)
        rows, columns = self._static.shape
        low_r, high_r = max(first_r, 0), max(min(row + half, rows), 0)
        low_c, high_c = max(first_c, 0), max(min(column + half, columns), 0)
        window = np.s_[low_r:high_r, low_c:high_c]
        inner = np.s_[low_r - first_r : high_r - first_r, low_c - first_c : high_c - first_c]
        occupied[inner] = (
            self._static[window] | (self._evidence[window] > 0) | self._beside[window]
        )
        distances = np.empty(occupied.shape, dtype=np.float32)
        distance_transform(occupied, self._resolution_m, self._params.inflation_m, distances)
        origin = self._origin_m + np.array([first_c, first_r]) * self._resolution_m
        field = DistanceField(
            self._resolution_m,
            float(origin[0]),
            float(origin[1]),
            distances,
            self._params.inflation_m,
        )
        _keep_from(field, self._kept_off_by(center))
        return field

    def refresh_planning(self, center: Pose2) -> None:
        """Bring the planner's field up to date around the robot, as far as scans reach."""
        cell_m = self._planning.resolution_m
        column, row = np.floor((np.array([center.x_m, center.y_m]) - self._origin_m) / cell_m)
        margin = int(np.ceil(self._params.inflation_m / cell_m)) + 1
        half = int(np.ceil((self._params.scan_range_m + 1.0) / cell_m)) + margin
        rows, columns = self._coarse_static.shape
        low_r, high_r = int(max(row - half, 0)), int(min(row + half, rows))
        low_c, high_c = int(max(column - half, 0)), int(min(column + half, columns))
        if low_r >= high_r or low_c >= high_c:
            return
        occupied = np.empty((high_r - low_r, high_c - low_c), dtype=np.uint8)
        threshold = self._params.standing_hits
        coarsen(self._evidence, threshold, occupied, self._factor, low_r, low_c)
        occupied |= self._coarse_static[low_r:high_r, low_c:high_c]
        beside = np.empty_like(occupied)
        coarsen(self._beside, 1, beside, self._factor, low_r, low_c)
        occupied |= beside
        distances = np.empty(occupied.shape, dtype=np.float32)
        self._distances_into(occupied, distances)
        cut = (
            low_r if low_r == 0 else low_r + margin,
            high_r if high_r == rows else high_r - margin,
            low_c if low_c == 0 else low_c + margin,
            high_c if high_c == columns else high_c - margin,
        )
        self._planning.distances_m[cut[0] : cut[1], cut[2] : cut[3]] = distances[
            cut[0] - low_r : cut[1] - low_r, cut[2] - low_c : cut[3] - low_c
        ]
        self._planning.changed(*cut)
        self.keep_from(self._kept_off_by(center))

    def keep_from(self, discs_m: FloatArray) -> None:
        """Keep plans out of discs (N, 3): x, y, radius. Until the next refresh near them."""
        _keep_from(self._planning, discs_m)

    def _renew_planning(self) -> None:
        rows, columns = self._coarse_static.shape
        self._distances_into(self._coarse_static, self._planning.distances_m)
        self._planning.changed(0, rows, 0, columns)

    def _distances_into(
        self, occupied: npt.NDArray[np.uint8], distances: npt.NDArray[np.float32]
    ) -> None:
        cell_m = self._resolution_m * self._factor
        distance_transform(occupied, cell_m, self._params.inflation_m, distances)

    def _coarse(self, fine: npt.NDArray[np.uint8], threshold: int) -> npt.NDArray[np.uint8]:
        rows, columns = (-(-size // self._factor) for size in fine.shape)
        coarse = np.empty((rows, columns), dtype=np.uint8)
        coarsen(fine, threshold, coarse, self._factor, 0, 0)
        return coarse


def _keep_from(field: DistanceField, discs_m: FloatArray) -> None:
    """Lower the distances of a field around discs (N, 3): x, y, radius."""
    cell_m = field.resolution_m
    for x_m, y_m, radius_m in discs_m:
        reach_m = radius_m + field.max_m
        low_c = max(int((x_m - reach_m - field.origin_x_m) / cell_m), 0)
        low_r = max(int((y_m - reach_m - field.origin_y_m) / cell_m), 0)
        side = int(2.0 * reach_m / cell_m) + 2
        part = field.distances_m[low_r : low_r + side, low_c : low_c + side]
        rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
        x = field.origin_x_m + (low_c + columns + 0.5) * cell_m
        y = field.origin_y_m + (low_r + rows + 0.5) * cell_m
        away = np.maximum(np.hypot(x - x_m, y - y_m) - radius_m, LEAVABLE_M)
        np.minimum(part, away.astype(np.float32), out=part)
        field.changed(low_r, low_r + part.shape[0], low_c, low_c + part.shape[1])
