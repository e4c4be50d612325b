"""Where there is no map: what has stood still for long is background.

A window of cells goes along with the lidar. A return adds time to its cell, beams that pass take
most of it away; returns of people add nothing (as in Leigh et al. 2015, III-C).
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.types.sensors import LaserScan
from patrol_perception.look import Look, Signs
from patrol_perception.params import PerceptionParams
from patrol_perception.walkers.kernels import watch
from patrol_perception.walkers.leg_model import LegModel

_HALF_M = 22.0
_SHIFT_M = 4.0
_MAX_STEP_S = 0.5
_FREE_STOOD_S = 0.3
_MIN_RETURNS = 10
_FAR_M = 1.0


class StillBackground:
    """The counterpart of `Background` for a place that nobody has mapped."""

    def __init__(self, params: PerceptionParams) -> None:
        self._params = params.still
        self._max_range_m = params.background.max_range_m
        self._legs = LegModel.load()
        count = round(2.0 * _HALF_M / self._params.cell_m)
        self._stood_s = np.zeros((count, count), np.float32)
        self._passed = np.zeros((count, count), np.float32)
        self._touched = np.zeros((count, count), np.int32)
        self._origin: FloatArray = np.zeros(2)
        self._scans = 0
        self._learnt_s = -np.inf

    def look(self, scan: LaserScan, sensor: Pose2, position_std_m: float) -> Look | None:  # noqa: ARG002
        """The returns of a scan taken from `sensor` that nothing explains which stands still.

        None when there are too few returns to tell anything.
        """
        ranges = np.where(scan.ranges_m < scan.range_min_m, np.nan, scan.ranges_m)
        ranges = np.ascontiguousarray(ranges, dtype=np.float32)
        beams = np.flatnonzero(np.isfinite(ranges) & (ranges <= scan.range_max_m))
        if len(beams) < _MIN_RETURNS:
            return None
        self._follow(sensor)
        distances = ranges[beams].astype(np.float64)
        angles = scan.angle_min_rad + scan.angle_increment_rad * beams
        points = sensor.transform_points(
            np.column_stack((distances * np.cos(angles), distances * np.sin(angles)))
        )
        away_m = self.mapped_distance_m(points)
        explained = away_m <= self._params.tolerance_m
        odd = ~explained & (distances <= self._max_range_m)
        look = Look(
            scan.stamp_s, sensor, ranges, scan.angle_min_rad, scan.angle_increment_rad,
            float(np.mean(explained)), True, beams[odd], np.ascontiguousarray(points[odd]),
            away_m[odd],
        )  # fmt: skip
        signs = Signs(self._was_free(look.points_m), self._legs.likeness(look))
        return dataclasses.replace(look, signs=signs)

    def mapped_distance_m(self, points_m: FloatArray) -> npt.NDArray[np.float32]:
        """Distance of points (N, 2) to the nearest thing that stands still [m], 1 at most."""
        moves = (self._stood_s < self._params.still_s).astype(np.uint8)
        cells = cv2.distanceTransform(moves, cv2.DIST_C, 3)
        rows, columns = self._cells_of(points_m)
        away_m: npt.NDArray[np.float32] = cells[rows, columns] * np.float32(self._params.cell_m)
        return np.minimum(away_m, np.float32(_FAR_M))

    def learn(self, look: Look, people: npt.NDArray[np.bool_]) -> None:
        """Take in a look, but for the beams (N,) that end at people."""
        passed_s = min(look.stamp_s - self._learnt_s, _MAX_STEP_S)
        self._learnt_s = look.stamp_s
        self._scans += 1
        sensor, first = look.sensor, look.angle_min_rad
        watch(
            look.ranges_m, ~people, self._stood_s, self._passed, self._touched, self._scans,
            np.array([*self._origin, self._params.cell_m]),
            np.array([sensor.x_m, sensor.y_m, sensor.yaw_rad], np.float64),
            np.array([first, look.angle_increment_rad, self._max_range_m, passed_s]),
            self._params.still_s,
        )  # fmt: skip

    def keep_private(self, polygons_m: tuple[Points, ...]) -> None:
        """Nothing that stands is judged here in any case."""

    def forget_gone(self, look: Look) -> None:
        """What has gone is forgotten while it is learnt that it has."""

    def _was_free(self, points_m: FloatArray) -> npt.NDArray[np.bool_]:
        """Which points (N, 2) lie in cells that were free, as all of their neighbours were."""
        taken = (self._passed < self._params.free_scans) | (self._stood_s > _FREE_STOOD_S)
        near = cv2.dilate(taken.astype(np.uint8), np.ones((3, 3), np.uint8))
        rows, columns = self._cells_of(points_m)
        return np.asarray(near[rows, columns] == 0)

    def _cells_of(
        self, points_m: FloatArray
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows and columns of points (N, 2); those outside are put into the border cells."""
        cells = np.floor((points_m - self._origin) / self._params.cell_m).astype(np.int64)
        cells = np.clip(cells, 0, len(self._stood_s) - 1)
        return cells[:, 1], cells[:, 0]

    def _follow(self, sensor: Pose2) -> None:
        """Move the window by whole cells so that the lidar stays near its middle."""
        cell_m, count = self._params.cell_m, len(self._stood_s)
        off = np.array([sensor.x_m, sensor.y_m]) - self._origin - count / 2.0 * cell_m
        if self._scans > 0 and np.max(np.abs(off)) < _SHIFT_M:
            return
        columns, rows = np.round(off / cell_m).astype(int).tolist()
        self._origin = self._origin + np.array([columns, rows]) * cell_m
        for grid in (self._stood_s, self._passed, self._touched):
            _shift(grid, rows, columns)


def _shift(grid: npt.NDArray[np.generic], rows: int, columns: int) -> None:
    """Move the contents of a square grid by so many cells; what comes in is 0."""
    count = len(grid)
    kept = np.zeros_like(grid)
    to_rows = slice(max(-rows, 0), count - max(rows, 0))
    to_columns = slice(max(-columns, 0), count - max(columns, 0))
    from_rows = slice(max(rows, 0), count - max(-rows, 0))
    from_columns = slice(max(columns, 0), count - max(-columns, 0))
    if abs(rows) < count and abs(columns) < count:
        kept[to_rows, to_columns] = grid[from_rows, from_columns]
    grid[:] = kept
