"""The line along which a visitor is led, and how far of it is open to visitors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from shapely import contains_xy, unary_union
from shapely.geometry import Polygon

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Site, ZoneKind

STEP_M = 0.25
WINDOW_M = 8.0
"""Progress is looked for so far ahead of what was reached."""


class Line:
    """A way (N, 2) in `map` by arc length."""

    def __init__(self, points_m: FloatArray) -> None:
        self._points_m = points_m
        steps = np.linalg.norm(np.diff(points_m, axis=0), axis=1)
        self._along_m = np.concatenate(([0.0], np.cumsum(steps)))
        self.length_m = float(self._along_m[-1])

    def point(self, along_m: float) -> tuple[float, float]:
        x_m, y_m = self._points(np.array([along_m]))[0]
        return float(x_m), float(y_m)

    def progress_m(self, pose: Pose2, reached_m: float) -> float:
        """How far along a robot is that had reached so far; it never goes back."""
        along = np.arange(reached_m, min(reached_m + WINDOW_M, self.length_m) + STEP_M, STEP_M)
        along = np.minimum(along, self.length_m)
        points = self._points(along)
        apart = np.hypot(points[:, 0] - pose.x_m, points[:, 1] - pose.y_m)
        return float(along[int(np.argmin(apart))])

    def poses(self, start_m: float, end_m: float) -> FloatArray:
        """Poses (N, 3) of x, y, yaw between two places on it, at least two."""
        count = max(int(np.ceil((end_m - start_m) / STEP_M)), 1)
        points = self._points(np.linspace(start_m, end_m, count + 1))
        steps = np.diff(points, axis=0)
        yaw = np.arctan2(steps[:, 1], steps[:, 0])
        return np.column_stack((points, np.append(yaw, yaw[-1])))

    def open_m(self, site: Site, local_time: tuple[int, int], border_m: float) -> float:
        """How far visitors may be led along it at that local time.

        All of it on a site without public zones. Else to where it first leaves those in force; it
        may begin up to `border_m` before them.
        """
        zones = site.zones_of(ZoneKind.PUBLIC)
        if not zones:
            return self.length_m
        open_ = unary_union(
            [Polygon(zone.polygon_m) for zone in zones if zone.valid_at(*local_time)]
        )
        along = np.append(np.arange(0.0, self.length_m, STEP_M), self.length_m)
        inside = np.asarray(contains_xy(open_, *self._points(along).T))
        entered = np.flatnonzero(inside & (along <= border_m))
        if not len(entered):
            return 0.0
        left = np.flatnonzero(~inside[entered[0] :])
        return float(along[entered[0] + left[0] - 1]) if len(left) else self.length_m

    def _points(self, along_m: npt.NDArray[np.floating[Any]]) -> FloatArray:
        return np.column_stack([np.interp(along_m, self._along_m, xy) for xy in self._points_m.T])
