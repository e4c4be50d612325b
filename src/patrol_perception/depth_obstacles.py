"""What stands, hangs or gapes in the robot's way where the lidar's plane meets nothing.

A bench is two legs to the lidar, and its seat is at the height of the mast; a kerb lies below the
plane, and the edge of a ramp or a dock is nothing at all. Depth shows them, ahead. What it has
shown is remembered while the robot passes it.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import RobotModel
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.ground import points_above_ground
from patrol_perception.nearness import any_near
from patrol_perception.params import DepthParams
from patrol_perception.view import camera_mount

CELL_M = 0.05
COLUMNS = 80
"""Of the picture, so many columns are looked at."""
BIN_RAD = 0.03
LOOKED_SHARE = 0.3
"""Share of a bearing's pixels that must be valid for it to count as looked at."""
BLIND_M = 0.6
"""Nearer to the camera than this, low things are below its picture."""
THROUGH_M = 0.2
MOST_HITS = 5
FORGET_M = 6.0

IntArray = npt.NDArray[np.int64]


class ObstacleMemory:
    """Cells of the ground, in `odom`, above which depth has shown something."""

    def __init__(self, robot: RobotModel, params: DepthParams) -> None:
        self._params = params
        self._mount = camera_mount(robot.camera)
        self._eye = Pose2(
            float(self._mount[0, 3]), float(self._mount[1, 3]),
            math.atan2(self._mount[1, 2], self._mount[0, 2]),
        )  # fmt: skip
        self._high_m = robot.top_m + params.headroom_m
        self._half_fov_rad = robot.camera.horizontal_fov_rad / 2.0
        corners = np.asarray(robot.footprint_m())
        self._body_low, self._body_high = corners.min(axis=0), corners.max(axis=0)
        self._cells: IntArray = np.zeros((0, 2), dtype=np.int64)
        self._hits: IntArray = np.zeros(0, dtype=np.int64)

    def step(
        self,
        depth: DepthImage,
        info: CameraInfo,
        base: Pose2,
        lidar_m: FloatArray,
        movers_m: FloatArray,
    ) -> FloatArray:
        """Take in a picture made at `base` (base_link in odom); the places known now (N, 2), in
        base_link. `lidar_m` (M, 2): returns of the lidar; `movers_m` (K, 2): people; both in odom.
        """
        points, rows = points_above_ground(depth, info, self._mount, COLUMNS)
        seen = self._eye.inverse().transform_points(points[:, :2])
        away_m, bearing_rad = np.hypot(seen[:, 0], seen[:, 1]), np.arctan2(seen[:, 1], seen[:, 0])
        high = (points[:, 2] >= self._params.low_m) & (points[:, 2] <= self._high_m)
        inside = self._inside_body(points[:, :2])
        found = high & (away_m <= self._params.reach_m) & ~inside
        nearest_m = self._nearest(bearing_rad, np.where(high & ~inside, away_m, np.inf), rows)
        places = base.transform_points(points[found, :2])
        places = places[self._is_unseen(places, lidar_m, movers_m)]
        edges = base.transform_points(self._edges(points))
        hit = self._count(np.concatenate((places, edges)))
        self._forget(base, nearest_m, hit)
        known = self._hits >= self._params.hits
        return base.inverse().transform_points((self._cells[known] + 0.5) * CELL_M)

    def _edges(self, points_m: FloatArray) -> FloatArray:
        """Places (M, 2) over a drop: where rays that end below ground, at (N, 3), pass it."""
        deep = points_m[points_m[:, 2] < -self._params.drop_m]
        eye_m = self._mount[:3, 3]
        share = eye_m[2] / (eye_m[2] - deep[:, 2])
        places = eye_m[:2] + (deep[:, :2] - eye_m[:2]) * share[:, None]
        near = np.hypot(*(places - eye_m[:2]).T) <= self._params.reach_m
        return np.asarray(places[near & ~self._inside_body(places)])

    def _inside_body(self, points_m: FloatArray) -> npt.NDArray[np.bool_]:
        inside = (points_m >= self._body_low) & (points_m <= self._body_high)
        return np.asarray(inside.all(axis=1))

    def _nearest(self, bearing_rad: FloatArray, away_m: FloatArray, rows: int) -> FloatArray:
        """Distance from the camera to the nearest obstacle a bearing; 0 where it did not look."""
        count = math.ceil(2.0 * self._half_fov_rad / BIN_RAD)
        places = np.floor((bearing_rad + self._half_fov_rad) / BIN_RAD).astype(np.int64)
        places = np.clip(places, 0, count - 1)
        nearest = np.full(count, np.inf)
        np.minimum.at(nearest, places, away_m)
        pixels = np.bincount(places, minlength=count)
        nearest[pixels < LOOKED_SHARE * rows] = 0.0
        beside = np.pad(nearest, 1, mode="edge")
        return np.asarray(np.minimum(np.minimum(beside[:-2], beside[2:]), nearest))

    def _is_unseen(
        self, places_m: FloatArray, lidar_m: FloatArray, movers_m: FloatArray
    ) -> npt.NDArray[np.bool_]:
        """Which places have no return of the lidar beside them, and nobody who moves."""
        unseen = np.ones(len(places_m), dtype=np.bool_)
        for others, near_m in (
            (lidar_m, self._params.lidar_near_m), (movers_m, self._params.mover_near_m),
        ):  # fmt: skip
            unseen &= ~any_near(places_m, others, near_m)
        return unseen

    def _count(self, places_m: FloatArray) -> npt.NDArray[np.bool_]:
        """Note a hit for the cells of places (N, 2); which of all cells these are."""
        fresh = np.unique(np.floor(places_m / CELL_M).astype(np.int64), axis=0)
        both = np.concatenate((self._cells, fresh))
        cells, index = np.unique(both, axis=0, return_inverse=True)
        index = index.reshape(-1)
        hits = np.zeros(len(cells), dtype=np.int64)
        hits[index[: len(self._cells)]] = self._hits
        hit = np.zeros(len(cells), dtype=np.bool_)
        hit[index[len(self._cells) :]] = True
        self._cells, self._hits = cells, np.minimum(hits + hit, MOST_HITS)
        return hit

    def _forget(self, base: Pose2, nearest_m: FloatArray, hit: npt.NDArray[np.bool_]) -> None:
        """Lower what is looked through; drop what is far off or where the robot stands."""
        here = base.inverse().transform_points((self._cells + 0.5) * CELL_M)
        seen = self._eye.inverse().transform_points(here)
        away_m, bearing_rad = np.hypot(seen[:, 0], seen[:, 1]), np.arctan2(seen[:, 1], seen[:, 0])
        in_view = (np.abs(bearing_rad) < self._half_fov_rad) & (away_m >= BLIND_M)
        in_view &= away_m <= self._params.reach_m
        places = np.floor((bearing_rad + self._half_fov_rad) / BIN_RAD).astype(np.int64)
        free_m = nearest_m[np.clip(places, 0, len(nearest_m) - 1)]
        self._hits = self._hits - (in_view & ~hit & (free_m > away_m + THROUGH_M))
        keep = (self._hits > 0) & (np.hypot(here[:, 0], here[:, 1]) <= FORGET_M)
        keep &= ~self._inside_body(here)
        self._cells, self._hits = self._cells[keep], self._hits[keep]
