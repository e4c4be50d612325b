"""What is looked at: a circle on the ground, which grows when scans show more of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.types.maps import OCCUPIED, OccupancyGrid
from patrol_core.types.perception import Finding

CELL_M = 0.1
BESIDE_M = 0.5
"""What stands so near to the circle may be a part of it."""
MAPPED_M = 0.25
"""Returns so near to what the map shows are that."""
SEEN = 3
"""Scans that must see a part of it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A circle in `map`. `finding`: what perception says of it, where it is a finding."""

    name: str
    x_m: float
    y_m: float
    radius_m: float
    finding: Finding | None = None

    def distance_m(self, pose: Pose2) -> float:
        """From its middle to base_link."""
        return math.hypot(pose.x_m - self.x_m, pose.y_m - self.y_m)

    def beside_m(self, pose: Pose2) -> float:
        """From its edge to base_link; negative inside."""
        return self.distance_m(pose) - self.radius_m

    def apart_m(self, pose: Pose2, footprint_m: Points) -> float:
        """From the robot's outline (a rectangle in base_link) to the circle; 0: it touches."""
        middle = Pose2(self.x_m, self.y_m).relative_to(pose)
        corners = np.asarray(footprint_m)
        low, high = corners.min(axis=0), corners.max(axis=0)
        at = np.array([middle.x_m, middle.y_m])
        beyond = np.maximum(np.maximum(low - at, at - high), 0.0)
        return max(float(np.hypot(*beyond)) - self.radius_m, 0.0)

    def bearing_rad(self, pose: Pose2) -> float:
        """Of base_link, seen from its middle."""
        return math.atan2(pose.y_m - self.y_m, pose.x_m - self.x_m)


class Outskirts:
    """Counts the returns beside a subject that the map does not explain."""

    def __init__(self, subject: Subject, site_map: OccupancyGrid) -> None:
        self._reach_m = subject.radius_m + BESIDE_M
        self._seen: dict[tuple[int, int], int] = {}
        self._mapped_m = _mapped_near(subject, site_map, self._reach_m + MAPPED_M)

    def grown(self, subject: Subject, returns_m: FloatArray) -> Subject:
        """The subject, as large as the returns (N, 2) in `map` of one more scan show it."""
        offsets = returns_m - (subject.x_m, subject.y_m)
        near = offsets[np.hypot(*offsets.T) <= self._reach_m]
        apart = near[:, None, :] - (self._mapped_m - (subject.x_m, subject.y_m))[None, :, :]
        near = near[(np.linalg.norm(apart, axis=2) > MAPPED_M).all(axis=1)]
        cells = {(int(x), int(y)) for x, y in np.round(near / CELL_M)}
        for cell in cells:
            self._seen[cell] = self._seen.get(cell, 0) + 1
        sure = [math.hypot(*cell) * CELL_M for cell in cells if self._seen[cell] >= SEEN]
        return replace(subject, radius_m=max([subject.radius_m, *sure]))


def _mapped_near(subject: Subject, grid: OccupancyGrid, reach_m: float) -> FloatArray:
    """Middles (N, 2) of the occupied cells that near to a subject."""
    corner = np.array([subject.x_m, subject.y_m])
    low, high = grid.cells_of([corner - reach_m, corner + reach_m])
    low = np.maximum(low, 0)
    part = grid.cells[low[0] : max(high[0] + 1, 0), low[1] : max(high[1] + 1, 0)]
    return grid.centers_of(np.argwhere(part >= OCCUPIED // 2) + low)
