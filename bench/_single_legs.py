"""A baseline for people in lidar: single legs by the plain rule.

Returns nearer than 13 cm to each other are a piece; a piece of the width of a leg is a leg; a leg
is the nearest one of the scan before; one that has gone half a metre is a person, unless another
one walks beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from _clear_mot import Somebody

from patrol_core.geometry import Pose2
from patrol_core.types.sensors import LaserScan

_TOUCH_M = 0.13
_MIN_POINTS = 3
_WIDTH_M = (0.05, 0.25)
_NEAREST_M = 0.5
_WALKED_M = 0.5
_BESIDE_M = 0.5
_LOST_S = 1.0


@dataclass(eq=False)
class _Leg:
    number: int
    x_m: float
    y_m: float
    seen_s: float
    start: tuple[float, float]
    person: bool = False


class SingleLegs:
    """Follows every leg by itself."""

    def __init__(self) -> None:
        self._legs: list[_Leg] = []
        self._count = 0

    def step(self, scan: LaserScan, sensor: Pose2) -> list[Somebody]:
        """Who is seen in a scan, in the frame of the lidar, which stands at `sensor`."""
        now_s = scan.stamp_s
        self._legs = [leg for leg in self._legs if now_s - leg.seen_s <= _LOST_S]
        free = list(self._legs)
        for x, y in sensor.transform_points(_leg_places(scan)).tolist():
            near = min(free, key=lambda leg: math.hypot(leg.x_m - x, leg.y_m - y), default=None)
            if near is None or math.hypot(near.x_m - x, near.y_m - y) > _NEAREST_M:
                self._count += 1
                near = _Leg(self._count, x, y, now_s, (x, y))
                self._legs.append(near)
            else:
                free.remove(near)
            near.x_m, near.y_m, near.seen_s = x, y, now_s
            near.person = near.person or math.dist((x, y), near.start) > _WALKED_M
        told: list[_Leg] = []
        for leg in self._legs:
            alone = all(math.hypot(leg.x_m - o.x_m, leg.y_m - o.y_m) > _BESIDE_M for o in told)
            if leg.person and leg.seen_s == now_s and alone:
                told.append(leg)
        back = sensor.inverse()
        places = [back.transform_points([(leg.x_m, leg.y_m)])[0] for leg in told]
        return [
            Somebody(str(leg.number), float(x), float(y))
            for leg, (x, y) in zip(told, places, strict=True)
        ]


def _leg_places(scan: LaserScan) -> list[tuple[float, float]]:
    """Middles of the pieces that are as wide as a leg, in the frame of the lidar."""
    points = scan.points_m()
    if not len(points):
        return []
    cuts = np.flatnonzero(np.hypot(*np.diff(points, axis=0).T) > _TOUCH_M) + 1
    places = []
    for piece in np.split(points, cuts):
        width = math.dist(piece[0], piece[-1])
        if len(piece) >= _MIN_POINTS and _WIDTH_M[0] <= width <= _WIDTH_M[1]:
            x, y = piece.mean(axis=0).tolist()
            places.append((x, y))
    return places
