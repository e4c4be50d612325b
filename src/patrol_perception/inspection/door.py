"""A door or gate: is its leaf where it is when closed?

The segment of the map is divided into columns. A lidar beam or a ray of the depth camera through a
column ends at the leaf, beyond it (the way is open there), or before it (something hides it).
"""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.site.checks import DoorReader
from patrol_perception.inspection.params import DoorParams
from patrol_perception.inspection.shot import Shot, Watcher
from patrol_perception.inspection.weighing import Reading, Test, at_least, at_most, unread, weighed
from patrol_perception.look import Look

_DEPTH_STEP_PX = 6
_LIDAR_M, _GROUND_M = 0.2, 0.05
"""About how high a lidar's plane lies; what crosses the leaf's plane lower is the ground."""
_BARS_SHARE = 0.06
"""Bars of a gate cover little: so much of what depth shows of a column at the leaf closes it."""


class DoorWatcher(Watcher):
    """Counts, column by column, by lidar and by depth."""

    def __init__(self, reader: DoorReader, params: DoorParams) -> None:
        self._params = params
        self._start: FloatArray = np.asarray(reader.start_m, np.float64)
        along: FloatArray = np.asarray(reader.end_m, np.float64) - self._start
        self._length = float(np.hypot(*along))
        self._along: FloatArray = np.divide(along, self._length)
        self._columns = max(4, int(self._length / params.column_m))
        # Rays that end at the leaf, beyond it, before it.
        self._lidar = np.zeros((3, self._columns))
        self._depth = np.zeros((3, self._columns))
        self._scans = 0
        self._before: FloatArray | None = None
        self._apart_m: list[float] = []
        self._stamp_s = -math.inf

    def take(self, shot: Shot) -> None:
        if shot.look is not None and shot.look.stamp_s > self._stamp_s:
            self._stamp_s = shot.look.stamp_s
            self._scans += 1
            self._by_lidar(shot.look)
        if shot.depth is not None and shot.view is not None:
            rays = shot.view.points_of_depth(shot.depth.depth_m, _DEPTH_STEP_PX)
            seen_m = rays[np.isfinite(rays).all(axis=2)]
            self._count(self._depth, shot.view.position_m, seen_m)

    def _by_lidar(self, look: Look) -> None:
        hit = np.isfinite(look.ranges_m)
        now: FloatArray = np.where(hit, look.ranges_m, math.nan).astype(np.float64)
        if self._before is not None and self._before.shape == now.shape:
            apart = np.abs(now - self._before)
            self._apart_m.append(_median(apart))
        self._before = now
        angles = look.angle_min_rad + look.angle_increment_rad * np.flatnonzero(hit)
        angles += look.sensor.yaw_rad
        ranges = look.ranges_m[hit].astype(np.float64)
        place = np.array([look.sensor.x_m, look.sensor.y_m, _LIDAR_M])
        ends = np.column_stack((np.cos(angles) * ranges, np.sin(angles) * ranges, 0.0 * ranges))
        self._count(self._lidar, place, place + ends)

    def _count(self, counts: FloatArray, eye_m: FloatArray, points_m: FloatArray) -> None:
        """Add rays from `eye_m` to points (N, 3) that cross the leaf's plane in its segment."""
        normal = np.array([-self._along[1], self._along[0]])
        eye = float((eye_m[:2] - self._start) @ normal)
        off = (points_m[:, :2] - self._start) @ normal
        towards = (off - eye) * -math.copysign(1.0, eye)
        ahead = towards > 0.05
        share = np.where(ahead, abs(eye) / np.where(ahead, towards, 1.0), math.inf)
        crossing = eye_m + np.where(ahead, share, 0.0)[:, None] * (points_m - eye_m)
        place = (crossing[:, :2] - self._start) @ self._along
        edge = self._params.edge_m
        inside = ahead & (place > edge) & (place < self._length - edge)
        inside &= (crossing[:, 2] > _GROUND_M) & (crossing[:, 2] < self._params.height_m)
        beyond = -off * math.copysign(1.0, eye)
        at_leaf = inside & (np.abs(off) <= self._params.leaf_m)
        passed = inside & (beyond > self._params.beyond_m)
        column = np.clip(place / self._length * self._columns, 0, self._columns - 1).astype(int)
        np.add.at(counts[0], column[at_leaf], 1.0)
        np.add.at(counts[1], column[passed], 1.0)
        np.add.at(counts[2], column[inside & (beyond < -self._params.leaf_m)], 1.0)

    def reading(self) -> Reading:
        params = self._params
        if not self._scans:
            return unread("no scan showed the place")
        usable = slice(
            math.ceil(params.edge_m / self._length * self._columns),
            math.floor((1.0 - params.edge_m / self._length) * self._columns),
        )
        lidar, depth = self._lidar[:, usable], self._depth[:, usable]
        seen = lidar[:2].sum(axis=0) > 0.0
        closed = lidar[0] > lidar[1]
        gap_m = _longest(seen & ~closed) * self._length / self._columns
        shut = float(closed[seen].mean()) if seen.any() else math.nan
        is_open = gap_m >= params.gap_m
        certain = np.maximum(lidar[0], lidar[1])[seen].sum() / max(lidar[:2, seen].sum(), 1.0)
        hidden = lidar[2].sum() / max(lidar.sum(), 1.0)
        told = gap_m / params.gap_m if is_open else shut / params.shut_share
        tests: list[Test] = [
            at_least("scans", self._scans, params.scans, "1", "too few scans show it"),
            at_least("of the leaf in view", float(seen.mean()), params.seen_share, "1",
                     "something hides it"),
            at_least("scans that agree", float(certain), params.agree_share, "1",
                     "scans contradict each other"),
            at_most("from scan to scan", _median(np.array(self._apart_m)), params.apart_m, "m",
                    "scans contradict each other"),
            at_most("rays that end before it", float(hidden), params.hidden_share, "1",
                    "something stands or moves before it"),
            at_least("clearly open or closed", told, 1.0, "1",
                     "it is neither closed nor open wide enough to pass"),
        ]  # fmt: skip
        both = seen & (depth[:2].sum(axis=0) >= 4.0)
        if both.sum() >= 3:
            by_depth = depth[0][both] >= _BARS_SHARE * depth[:2].sum(axis=0)[both]
            agree = float((by_depth == closed[both]).mean())
            tests.append(
                at_least("depth that agrees with lidar", agree, params.depth_share, "1",
                         "lidar and depth contradict each other")
            )  # fmt: skip
        return weighed(gap_m, "open" if is_open else "closed", tests)


def _longest(flags: FloatArray) -> int:
    """The longest run of true ones."""
    best = run = 0
    for flag in flags.tolist():
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def _median(values: FloatArray) -> float:
    """Of those that are finite; 0 where there are none."""
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else 0.0
