"""The site's limits: outline, keep-out zones (drop edges, water), speed zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, distance_to_polyline_m, points_in_polygon
from patrol_core.robot import RobotModel
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Site, Zone, ZoneKind
from patrol_gate.manoeuvre import POSES, Manoeuvre

CHECKED_POSES = (POSES // 2, POSES - 1)
LESS_M = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class _Ring:
    """A polygon (N, 2) in `map`; `limit_mps` only for speed zones."""

    name: str
    corners_m: FloatArray
    kind: ZoneKind | None = None
    zone: Zone | None = None
    limit_mps: float = float("inf")

    def closed(self) -> FloatArray:
        return np.vstack((self.corners_m, self.corners_m[:1]))

    def counts(self, local: tuple[int, int]) -> bool:
        return self.zone is None or self.zone.valid_at(*local)


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """The rings near the robot now, and how deep it is in what it should not be in [m]."""

    pose: Pose2
    rings: tuple[_Ring, ...]
    depths_m: dict[str, float]
    fence: Geofence

    def breached(self) -> bool:
        return bool(self.depths_m)

    def conflict(self, motion: Manoeuvre) -> str | None:
        """The name of what a motion would run into; one that leads back out is none."""
        for index in CHECKED_POSES:
            depths = self.fence.depths_m(self.rings, self.pose.compose(motion.pose(index)))
            for name, depth in depths.items():
                if depth > self.depths_m.get(name, 0.0) - LESS_M:
                    return name
        return None

    def speed_limit_mps(self, motion: Manoeuvre) -> tuple[float, str]:
        """The lowest limit of the zones at the start and the end of a motion, and its name."""
        end = self.pose.compose(motion.pose(POSES - 1))
        places = np.array([[self.pose.x_m, self.pose.y_m], [end.x_m, end.y_m]])
        limit, name = float("inf"), ""
        for ring in self.rings:
            if ring.limit_mps < limit and points_in_polygon(places, ring.corners_m).any():
                limit, name = ring.limit_mps, ring.name
        return limit, name


class Geofence:
    """Watches the site's polygons. Cheap while the robot is far from all of their edges."""

    def __init__(
        self, site: Site, robot: RobotModel, margin_m: float, local_time: LocalTime
    ) -> None:
        self._local_time = local_time
        outline = _Ring("the site's outline", np.asarray(site.outline_m, dtype=np.float64))
        self._rings = (outline, *(r for zone in site.zones if (r := _ring(zone)) is not None))
        (front, right), (_, left), (rear, _), _ = robot.footprint_m(margin_m)
        middle_m = (front + rear) / 2.0
        self._body = np.array(
            [(x, y) for x in (front, middle_m, rear) for y in (right, 0.0, left)]
        )
        self._half = np.array([(front - rear) / 2.0, (left - right) / 2.0])
        self._center = np.array([middle_m, 0.0])
        self._radius_m = float(np.max(np.hypot(self._body[:, 0], self._body[:, 1])))
        self._minute = -1
        self._active: tuple[_Ring, ...] = ()
        self._starts: FloatArray = np.zeros((0, 2))
        self._steps: FloatArray = np.zeros((0, 2))
        self._offsets: list[int] = []
        self._clear_of: tuple[float, float, float] | None = None

    def around(self, pose: Pose2, reach_m: float, now_s: float) -> Bounds | None:
        """What limits a motion of up to `reach_m` from a pose in `map`; None: nothing does."""
        self._refresh(now_s)
        reach_m += self._radius_m
        if self._clear_of is not None:
            x, y, distance = self._clear_of
            if np.hypot(pose.x_m - x, pose.y_m - y) + reach_m < distance:
                return None
        distances = self._distances_m(pose)
        place = np.array([[pose.x_m, pose.y_m]])
        rings = tuple(
            ring
            for ring, distance in zip(self._active, distances, strict=True)
            if distance <= reach_m or _matters(ring, place)
        )
        if not rings:
            self._clear_of = (pose.x_m, pose.y_m, float(np.min(distances)))
            return None
        self._clear_of = None
        return Bounds(pose, rings, self.depths_m(rings, pose), self)

    def depths_m(self, rings: tuple[_Ring, ...], pose: Pose2) -> dict[str, float]:
        """How deep the body, grown by the margin, is in each ring that it may not be in."""
        body = pose.transform_points(self._body)
        depths: dict[str, float] = {}
        for ring in rings:
            if ring.kind is ZoneKind.SPEED:
                continue
            inside = points_in_polygon(body, ring.corners_m)
            wrong = body[~inside if ring.kind is None else inside]
            depth = float(np.max(distance_to_polyline_m(wrong, ring.closed()), initial=0.0))
            local = pose.inverse().transform_points(ring.corners_m) - self._center
            depth = max(depth, float(np.max(np.min(self._half - np.abs(local), axis=1))))
            if depth > 0.0:
                depths[ring.name] = depth
        return depths

    def _refresh(self, now_s: float) -> None:
        minute = int(now_s // 60.0)
        if minute == self._minute:
            return
        self._minute = minute
        local = self._local_time(now_s)
        self._active = tuple(ring for ring in self._rings if ring.counts(local))
        self._starts = np.vstack([ring.corners_m for ring in self._active])
        self._steps = np.vstack(
            [np.roll(ring.corners_m, -1, axis=0) - ring.corners_m for ring in self._active]
        )
        lengths = [len(ring.corners_m) for ring in self._active]
        self._offsets = np.cumsum([0, *lengths[:-1]]).tolist()
        self._clear_of = None

    def _distances_m(self, pose: Pose2) -> FloatArray:
        """Distance from base_link to the edge of each active ring."""
        offset = np.array([pose.x_m, pose.y_m]) - self._starts
        length2 = np.maximum(np.einsum("ij,ij->i", self._steps, self._steps), 1e-18)
        along = np.clip(np.einsum("ij,ij->i", offset, self._steps) / length2, 0.0, 1.0)
        gap = offset - along[:, None] * self._steps
        distances2 = np.einsum("ij,ij->i", gap, gap)
        return np.asarray(np.sqrt(np.minimum.reduceat(distances2, self._offsets)))


def _ring(zone: Zone) -> _Ring | None:
    corners = np.asarray(zone.polygon_m, dtype=np.float64)
    if zone.kind is ZoneKind.KEEP_OUT:
        return _Ring(f"keep-out zone '{zone.zone_id}'", corners, zone.kind, zone)
    if zone.kind is ZoneKind.SPEED and zone.speed_limit_mps is not None:
        name = f"speed zone '{zone.zone_id}'"
        return _Ring(name, corners, zone.kind, zone, zone.speed_limit_mps)
    return None


def _matters(ring: _Ring, place: FloatArray) -> bool:
    """Whether a ring counts far from its edge: inside a zone, or outside the outline."""
    inside = bool(points_in_polygon(place, ring.corners_m)[0])
    return inside != (ring.kind is None)
