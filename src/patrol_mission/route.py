"""The perimeter route: the outline, offset inwards, corners rounded, cut at checkpoints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import LinearRing, Point, Polygon
from shapely.geometry.polygon import orient

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Checkpoint, Direction, PerimeterRoute, Site

STEP_M = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """Poses (N, 3) of x, y, yaw in `map` to `checkpoint` (None: to the end of the lap)."""

    poses: FloatArray
    checkpoint: Checkpoint | None

    @property
    def length_m(self) -> float:
        return path_length_m(self.poses)


def path_length_m(poses: FloatArray) -> float:
    """Length of poses (N, 3) [m]."""
    return float(np.linalg.norm(np.diff(poses[:, :2], axis=0), axis=1).sum())


def perimeter_poses(site: Site, route: PerimeterRoute) -> FloatArray:
    """One closed lap (N, 3) in the route's direction; the last pose repeats the first.

    The outline shrunk by `offset_m`, then opened with a disc of `corner_radius_m` so that every
    convex corner becomes an arc. It starts at the point nearest to the first dock.
    Raises ConfigError where nothing of the outline is left.
    """
    inner = Polygon(site.outline_m).buffer(-route.offset_m, join_style="mitre")
    rounded = inner.buffer(-route.corner_radius_m).buffer(route.corner_radius_m, quad_segs=16)
    if rounded.is_empty or rounded.geom_type != "Polygon":
        raise ConfigError(
            f"route '{route.route_id}': an offset of {route.offset_m} m leaves no single lap",
            place=Place(site.folder / "site.yaml"),
            expected="an offset and corner radius smaller than half of the narrowest part",
            remedy="lower offset_m or corner_radius_m",
        )
    counterclockwise = route.direction is Direction.COUNTERCLOCKWISE
    ring = LinearRing(orient(rounded, 1.0 if counterclockwise else -1.0).exterior)
    length = float(ring.length)
    count = max(round(length / STEP_M), 8)
    start = 0.0
    if site.docks:
        dock = site.docks[0].pose
        start = float(ring.project(Point(dock.x_m, dock.y_m)))
    along = (start + np.arange(count) * (length / count)) % length
    points = np.array([ring.interpolate(s).coords[0][:2] for s in along])
    points = np.vstack((points, points[:1]))
    return _with_headings(points, closed=True)


def _with_headings(points: FloatArray, *, closed: bool) -> FloatArray:
    step = np.gradient(points, axis=0)
    if closed:
        step[0] = step[-1] = points[1] - points[-2]
    return np.column_stack((points, np.arctan2(step[:, 1], step[:, 0])))


def lap_legs(site: Site, route: PerimeterRoute) -> tuple[Leg, ...]:
    """The lap cut at the route's checkpoints, in driving order, ending where it began."""
    poses = perimeter_poses(site, route)
    stops: list[tuple[int, Checkpoint]] = []
    for checkpoint_id in route.checkpoint_ids:
        checkpoint = site.checkpoint(checkpoint_id)
        offsets = poses[:, :2] - np.array([checkpoint.pose.x_m, checkpoint.pose.y_m])
        stops.append((int(np.argmin(np.linalg.norm(offsets, axis=1))), checkpoint))
    stops.sort(key=lambda stop: stop[0])
    legs: list[Leg] = []
    begin = 0
    for index, checkpoint in stops:
        legs.append(Leg(poses[begin : max(index, begin + 1) + 1], checkpoint))
        begin = max(index, begin)
    if begin < len(poses) - 1:
        legs.append(Leg(poses[begin:], None))
    return tuple(legs)


def answer_legs(site: Site) -> tuple[Leg, ...]:
    """What is left to do once a robot that left its dock for a call has looked: nothing."""
    dock = site.docks[0]
    home = dock.pose.compose(Pose2(-dock.approach_m, 0.0, 0.0))
    return (Leg(np.array([[home.x_m, home.y_m, home.yaw_rad]]), None),)
