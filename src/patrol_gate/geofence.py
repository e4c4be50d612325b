"""The site's limits: outline, keep-out zones (drop edges, water), speed zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import (
    FloatArray,
    Points,
    Pose2,
    distance_to_polyline_m,
    points_in_polygon,
)
from patrol_core.robot import RobotModel
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Site, Zone, ZoneKind
from patrol_core.site.zone_watch import ZoneWatch
from patrol_gate.manoeuvre import POSES, Manoeuvre

BoolArray = npt.NDArray[np.bool_]

CHECKED_POSES = (POSES // 2, POSES - 1)
LESS_M = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class _Ring:
    """A closed polygon (N + 1, 2) in `map`; without a zone it is the outline."""

    name: str
    corners_m: FloatArray
    zone: Zone | None = None

    def holds_back(self) -> bool:
        return self.zone is None or self.zone.kind is ZoneKind.KEEP_OUT

    def wrong(self, places_m: FloatArray) -> BoolArray:
        """Which places (N, 2) the ring is about: outside the outline, inside a zone."""
        inside = points_in_polygon(places_m, self.corners_m[:-1])
        return ~inside if self.zone is None else inside

    def distance_m(self, pose: Pose2) -> float:
        return float(distance_to_polyline_m([[pose.x_m, pose.y_m]], self.corners_m)[0])


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """The rings near the robot now, and how deep it is in what it should not be in [m]."""

    pose: Pose2
    rings: tuple[_Ring, ...]
    distances_m: tuple[float, ...]
    depths_m: dict[str, float]
    fence: Geofence

    def breached(self) -> bool:
        return bool(self.depths_m)

    def conflict(self, motion: Manoeuvre) -> str | None:
        """The name of what a motion would run into; one that leads back out is none."""
        poses = [self.pose.compose(motion.pose(index)) for index in CHECKED_POSES]
        reach_m = motion.reach_m() + self.fence.radius_m
        for ring, distance in zip(self.rings, self.distances_m, strict=True):
            far = distance > reach_m and ring.name not in self.depths_m
            if ring.holds_back() and not far:
                depth = self.fence.depth_m(ring, poses)
                if depth > 0.0 and depth > self.depths_m.get(ring.name, 0.0) - LESS_M:
                    return ring.name
        return None

    def speed_limit_mps(self, motion: Manoeuvre) -> tuple[float, str]:
        """The lowest limit of the zones at the start and the end of a motion, and its name."""
        limit, name = float("inf"), ""
        zones = [ring for ring in self.rings if not ring.holds_back()]
        if zones:
            end = self.pose.compose(motion.pose(POSES - 1))
            places = np.array([[self.pose.x_m, self.pose.y_m], [end.x_m, end.y_m]])
            for ring in zones:
                assert ring.zone is not None and ring.zone.speed_limit_mps is not None
                if ring.zone.speed_limit_mps < limit and ring.wrong(places).any():
                    limit, name = ring.zone.speed_limit_mps, ring.name
        return limit, name


class Geofence:
    """Watches the site's polygons. Each costs next to nothing while its edge is far away."""

    def __init__(
        self, site: Site, robot: RobotModel, margin_m: float, local_time: LocalTime
    ) -> None:
        self._outline = _Ring("the site's outline", _closed(site.outline_m))
        self._watch = ZoneWatch(site, local_time)
        (front, right), (_, left), (rear, _), _ = robot.footprint_m(margin_m)
        middle_m = (front + rear) / 2.0
        self._body = np.array(
            [(x, y) for x in (front, middle_m, rear) for y in (right, 0.0, left)]
        )
        self._half = np.array([(front - rear) / 2.0, (left - right) / 2.0])
        self._center = np.array([middle_m, 0.0])
        self.radius_m = float(np.max(np.hypot(self._body[:, 0], self._body[:, 1])))
        self._take_zones()

    def around(self, pose: Pose2, reach_m: float, now_s: float) -> Bounds | None:
        """What limits a motion of up to `reach_m` from a pose in `map`; None: nothing does."""
        if self._watch.refresh(now_s):
            self._take_zones()
        reach_m += self.radius_m
        clear = self._clear_of
        moved = np.hypot(clear[:, 0] - pose.x_m, clear[:, 1] - pose.y_m)
        rings, distances, depths = [], [], {}
        for index in np.flatnonzero(moved + reach_m >= clear[:, 2]):
            ring = self._active[index]
            distance = ring.distance_m(pose)
            wrong = bool(ring.wrong(np.array([[pose.x_m, pose.y_m]]))[0])
            if distance > reach_m and not wrong:
                clear[index] = pose.x_m, pose.y_m, distance
                continue
            rings.append(ring)
            distances.append(distance)
            if ring.holds_back() and (wrong or distance <= self.radius_m):
                depth = self.depth_m(ring, [pose])
                if depth > 0.0:
                    depths[ring.name] = depth
        if not rings:
            return None
        return Bounds(pose, tuple(rings), tuple(distances), depths, self)

    def depth_m(self, ring: _Ring, poses: list[Pose2]) -> float:
        """How deep the body, grown by the margin, is at worst where a ring forbids it."""
        bodies = np.vstack([pose.transform_points(self._body) for pose in poses])
        outer = bodies[ring.wrong(bodies)]
        depth = float(np.max(distance_to_polyline_m(outer, ring.corners_m), initial=0.0))
        for pose in poses:
            local = pose.inverse().transform_points(ring.corners_m) - self._center
            depth = max(depth, float(np.max(np.min(self._half - np.abs(local), axis=1))))
        return depth

    def _take_zones(self) -> None:
        rings = (ring for zone in self._watch.zones if (ring := _ring(zone)) is not None)
        self._active = (self._outline, *rings)
        self._clear_of: FloatArray = np.zeros((len(self._active), 3))


def _ring(zone: Zone) -> _Ring | None:
    if zone.kind is ZoneKind.KEEP_OUT:
        return _Ring(f"keep-out zone '{zone.zone_id}'", _closed(zone.polygon_m), zone)
    if zone.kind is ZoneKind.SPEED and zone.speed_limit_mps is not None:
        return _Ring(f"speed zone '{zone.zone_id}'", _closed(zone.polygon_m), zone)
    return None


def _closed(corners_m: Points) -> FloatArray:
    return np.asarray([*corners_m, corners_m[0]], dtype=np.float64)
