"""Spots: standing things as they take shape, and the decision whether one is worth a finding."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.types.perception import FindingKind, Measure
from patrol_perception.clusters import Cluster
from patrol_perception.params import EvidenceParams, TrackParams

_LEG_EXTENT_M = 0.27
_TELLING_TURN_RAD = 1.0
_LEGS_TURN_RAD = 1.6
_LEGS_LENGTH_M, _LEGS_WIDTH_M = 0.45, 0.2
_MIN_SOLID_VIEWS = 5
_MAX_PAUSE_S = 0.6
_HIDDEN_STANDING_S = 6.0
_DEPTH_SHARE = 0.5
_CLOSEST_M = 0.04
_HEADINGS_RAD = np.arange(0.0, math.pi / 2.0, math.radians(3.0))
_AXES = np.stack((np.cos(_HEADINGS_RAD), np.sin(_HEADINGS_RAD)))
_ACROSS = np.stack((-np.sin(_HEADINGS_RAD), np.cos(_HEADINGS_RAD)))


@dataclass(frozen=True, slots=True)
class Outline:
    """A rectangle in `map`: centre, long and short side, heading of the long side."""

    x_m: float
    y_m: float
    length_m: float
    width_m: float
    yaw_rad: float

    def distances_m(self, points_m: FloatArray) -> FloatArray:
        """Distance of points (N, 2) to the rectangle, shape (N,); 0 inside."""
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        away = points_m - (self.x_m, self.y_m)
        along = np.abs(away @ (cos, sin)) - self.length_m / 2.0
        across = np.abs(away @ (-sin, cos)) - self.width_m / 2.0
        return np.asarray(np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A spot that is worth a finding: kind, outline, confidence and the numbers behind it."""

    kind: FindingKind
    outline: Outline
    confidence: float
    first_seen_s: float
    standing_s: float
    clearance_m: float
    evidence: tuple[Measure, ...]


class Spot:
    """A standing thing that grows as it is seen."""

    def __init__(self, number: int, now_s: float, points_m: FloatArray) -> None:
        self.number = number
        self.first_seen_s = self.last_seen_s = self._settled_s = now_s
        self.standing_s = 0.0
        self.scans = self._whole = self.legs = self._solid = 0
        self._near_m = math.inf
        self._clearance_m = 0.0
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
        self._whole = min(self._whole, other._whole)
        self._near_m = min(self._near_m, other._near_m)

    def note(self, cluster: Cluster, stamp_s: float) -> None:
        """One scan saw it."""
        pause = stamp_s - self.last_seen_s
        if 0.0 < pause <= _MAX_PAUSE_S:
            self.standing_s += pause
        self.last_seen_s = stamp_s
        self.scans += 1
        self._whole += cluster.whole
        self.legs += cluster.legs
        self._solid += cluster.solid
        self._near_m = min(self._near_m, cluster.range_m)
        self._clearance_m += (cluster.clearance_m - self._clearance_m) / self.scans
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
            self._settled, self._settled_s = outline, now_s

    def turn_rad(self) -> float:
        """How far the view of it has turned."""
        return self._bearing[2] - self._bearing[1]

    def placed(self) -> Outline:
        """The outline with the unseen rear of a thing that was seen from one side allowed for."""
        outline = self.outline
        missing = 0.5 * (outline.length_m - outline.width_m) * _DEPTH_SHARE
        first, low, high = self._bearing
        view = first + (low + high) / 2.0
        across = abs(math.sin(view - outline.yaw_rad))
        if self.turn_rad() > 1.6 or across < 0.7 or missing <= 0.0:
            return outline
        return Outline(
            outline.x_m - missing * math.cos(view), outline.y_m - missing * math.sin(view),
            outline.length_m, outline.width_m, outline.yaw_rad,
        )  # fmt: skip

    def judge(self, now_s: float, params: EvidenceParams, tracks: TrackParams) -> Verdict | None:
        """Whether the evidence is complete."""
        outline, told = self.outline, self._solid + self.legs
        obstruction = outline.length_m > params.object_extent_m
        could_be_legs = outline.length_m < _LEGS_LENGTH_M and outline.width_m < _LEGS_WIDTH_M
        wanted_turn = _LEGS_TURN_RAD if could_be_legs else _TELLING_TURN_RAD
        walked_round = self.turn_rad() >= wanted_turn and self.legs == 0
        narrow = outline.length_m < _LEG_EXTENT_M
        wanted_s = params.min_standing_s
        if not obstruction and self._near_m > params.far_m:
            wanted_s = params.far_standing_s
        if narrow:
            wanted_s = max(wanted_s, params.narrow_standing_s)
        solid_share = 1.0 if told == 0 or obstruction else self._solid / told
        leg_share = 0.0 if obstruction else self.legs / max(self.scans, 1)
        seen_enough = (
            self.scans >= params.min_scans
            and self.standing_s >= wanted_s
            and (self._whole >= params.min_views or self.standing_s > _HIDDEN_STANDING_S)
            and self._near_m <= params.reach_m
            and now_s - self._settled_s >= 0.7
            and now_s - self.last_seen_s < 0.5
        )
        like_a_person = (
            leg_share > tracks.leg_share
            or solid_share < params.min_solid_share
            or not (obstruction or walked_round or self._solid >= _MIN_SOLID_VIEWS)
        )
        map_error = obstruction and self._clearance_m < params.large_clearance_m
        too_small = outline.length_m < params.min_extent_m
        if not seen_enough or like_a_person or map_error or too_small:
            return None
        evidence = (
            Measure("standing", self.standing_s, wanted_s, "s"),
            Measure("scans", float(self.scans), float(params.min_scans), "1"),
            Measure("views with both ends free", float(self._whole), float(params.min_views), "1"),
            Measure("unbroken views", solid_share, params.min_solid_share, "1"),
            Measure("views like two legs", leg_share, tracks.leg_share, "1"),
            Measure("length", outline.length_m, params.object_extent_m, "m"),
            Measure("distance to the map", self._clearance_m, 0.0, "m"),
        )
        confidence = solid_share * (1.0 - 0.5 * math.exp(-self.scans / 40.0))
        return Verdict(
            FindingKind.OBSTRUCTION if obstruction else FindingKind.OBJECT,
            outline if obstruction else self.placed(),
            confidence, self.first_seen_s, self.standing_s, self._clearance_m, evidence,
        )  # fmt: skip


def outline_of(points_m: FloatArray) -> Outline:
    """The rectangle whose sides lie closest to points (N, 2).

    Closeness criterion of Zhang, Xu, Dong and Dolan 2017 (L-shape fitting): a corner seen from
    outside gets the rectangle it belongs to, where the smallest one may lie across it.
    """
    middle = points_m.mean(axis=0)
    along = (points_m - middle) @ _AXES
    across = (points_m - middle) @ _ACROSS
    sides = np.stack((along, across))
    low, high = sides.min(axis=1), sides.max(axis=1)
    to_edge = np.minimum(sides - low[:, None], high[:, None] - sides).min(axis=0)
    best = int(np.argmax(np.sum(1.0 / np.maximum(to_edge, _CLOSEST_M), axis=0)))
    (a, b), (u, v) = (high - low)[:, best], (high + low)[:, best] / 2.0
    x, y = middle + u * _AXES[:, best] + v * _ACROSS[:, best]
    yaw = float(_HEADINGS_RAD[best]) + (0.0 if a >= b else math.pi / 2.0)
    return Outline(
        float(x), float(y), float(max(a, b)), float(min(a, b)), math.remainder(yaw, math.pi)
    )
