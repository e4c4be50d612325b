"""Spots: standing things as they take shape."""

from __future__ import annotations

import math

from patrol_core.geometry import FloatArray
from patrol_core.types.learning import SpotNumbers
from patrol_perception.clusters import Cluster
from patrol_perception.outline import Outline, outline_of

_MAX_PAUSE_S = 0.6
_DEPTH_SHARE = 0.5
_ALL_ROUND_RAD = 1.6
_FACING = 0.7


class Spot:
    """A standing thing that grows as it is seen.

    Counts of scans: all, with both ends free (`whole`), like two legs, in one piece (`solid`).
    `near_m` is the nearest range, `clearance_m` the mean distance of its returns to the map,
    `settled_s` when its size changed last.
    """

    def __init__(self, number: int, now_s: float, points_m: FloatArray) -> None:
        self.number = number
        self.first_seen_s = self.last_seen_s = self.settled_s = now_s
        self.standing_s = 0.0
        self.scans = self.whole = self.legs = self.solid = 0
        self.near_m = math.inf
        self.clearance_m = 0.0
        self._bearing = (0.0, 0.0, 0.0)
        self.points_m = points_m
        self.outline = outline_of(points_m)
        self._settled = self.outline

    def absorb(self, other: Spot) -> None:
        """Take over the history of a spot that has grown together with this one."""
        self.first_seen_s = min(self.first_seen_s, other.first_seen_s)
        self.last_seen_s = max(self.last_seen_s, other.last_seen_s)
        self.standing_s = max(self.standing_s, other.standing_s)
        self.scans = max(self.scans, other.scans)
        self.whole = min(self.whole, other.whole)
        self.near_m = min(self.near_m, other.near_m)

    def note(self, cluster: Cluster, stamp_s: float) -> None:
        """One scan saw it."""
        pause = stamp_s - self.last_seen_s
        if 0.0 < pause <= _MAX_PAUSE_S:
            self.standing_s += pause
        self.last_seen_s = stamp_s
        self.scans += 1
        self.whole += cluster.whole
        self.legs += cluster.legs
        self.solid += cluster.solid
        self.near_m = min(self.near_m, cluster.range_m)
        self.clearance_m += (cluster.clearance_m - self.clearance_m) / self.scans
        first, low, high = self._bearing
        if self.scans == 1:
            self._bearing = (cluster.bearing_rad, 0.0, 0.0)
        else:
            turn = math.remainder(cluster.bearing_rad - first, math.tau)
            self._bearing = (first, min(low, turn), max(high, turn))

    def shape(self, points_m: FloatArray, now_s: float, stable_m: float) -> None:
        """Its solid cells, newly gathered."""
        self.points_m = points_m
        self.outline = outline = outline_of(points_m)
        settled = self._settled
        if (
            abs(outline.length_m - settled.length_m) > stable_m
            or abs(outline.width_m - settled.width_m) > stable_m
        ):
            self._settled, self.settled_s = outline, now_s

    def turn_rad(self) -> float:
        """How far the view of it has turned."""
        return self._bearing[2] - self._bearing[1]

    def numbers(self) -> SpotNumbers:
        """What it is judged by now."""
        return SpotNumbers(
            self.scans, self.whole, self.legs, self.solid, self.standing_s, self.near_m,
            self.clearance_m, self.turn_rad(), self.outline.length_m, self.outline.width_m,
        )  # fmt: skip

    def placed(self) -> Outline:
        """The outline with the unseen rear of a thing that was seen from one side allowed for."""
        outline = self.outline
        missing = 0.5 * (outline.length_m - outline.width_m) * _DEPTH_SHARE
        first, low, high = self._bearing
        view = first + (low + high) / 2.0
        across = abs(math.sin(view - outline.yaw_rad))
        if self.turn_rad() > _ALL_ROUND_RAD or across < _FACING or missing <= 0.0:
            return outline
        return Outline(
            outline.x_m - missing * math.cos(view), outline.y_m - missing * math.sin(view),
            outline.length_m, outline.width_m, outline.yaw_rad,
        )  # fmt: skip
