"""Laps of routes, cut at checkpoints.

The perimeter: the outline, offset inwards, corners rounded. A taught route: a path driven by hand,
round if it is closed, else there and back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LinearRing, LineString, Point, Polygon
from shapely.geometry.polygon import orient
from shapely.ops import substring

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.site.model import Checkpoint, Direction, PerimeterRoute, Route, Site

STEP_M = 0.25
TURN_RAD = 2.0
"""A sharper turn of a path ends a leg: there the robot comes to rest, and turns on the spot."""
_TURN_WITHIN_M = 0.3
"""A turn by hand may be a few short steps."""


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


def lap_poses(site: Site, route: Route) -> FloatArray:
    """One lap (N, 3) of any route. Raises ConfigError as `perimeter_poses` does."""
    return np.vstack(_strokes(site, route))


def lap_legs(site: Site, route: Route) -> tuple[Leg, ...]:
    """The lap cut at the route's checkpoints, in driving order, ending where it began.

    A checkpoint is visited once a lap, the first time that the route comes nearest to it. A taught
    route is also cut where it turns on the spot.
    """
    strokes = _strokes(site, route)
    stops: list[tuple[int, int, Checkpoint]] = []
    for checkpoint_id in route.checkpoint_ids:
        checkpoint = site.checkpoint(checkpoint_id)
        stops.append((*_nearest(strokes, checkpoint), checkpoint))
    stops.sort(key=lambda stop: stop[:2])
    return tuple(
        leg
        for number, poses in enumerate(strokes)
        for leg in _cut(poses, [(index, at) for stroke, index, at in stops if stroke == number])
    )


def _nearest(strokes: tuple[FloatArray, ...], checkpoint: Checkpoint) -> tuple[int, int]:
    """Stroke and pose nearest to a checkpoint; of the same place, the first."""
    place = np.array([checkpoint.pose.x_m, checkpoint.pose.y_m])
    found = []
    for number, poses in enumerate(strokes):
        distances = np.linalg.norm(poses[:, :2] - place, axis=1)
        index = int(np.argmin(distances))
        found.append((round(float(distances[index]), 3), number, index))
    return min(found)[1:]


def _cut(poses: FloatArray, stops: list[tuple[int, Checkpoint]]) -> list[Leg]:
    legs: list[Leg] = []
    begin = 0
    for index, checkpoint in stops:
        legs.append(Leg(poses[begin : max(index, begin + 1) + 1], checkpoint))
        begin = max(index, begin)
    if begin < len(poses) - 1:
        legs.append(Leg(poses[begin:], None))
    return legs


def answer_legs(site: Site) -> tuple[Leg, ...]:
    """What is left to do once a robot that left its dock for a call has looked: nothing."""
    dock = site.docks[0]
    home = dock.pose.compose(Pose2(-dock.approach_m, 0.0, 0.0))
    return (Leg(np.array([[home.x_m, home.y_m, home.yaw_rad]]), None),)


def _strokes(site: Site, route: Route) -> tuple[FloatArray, ...]:
    """The lap in pieces (N, 3), N at least 2, without turns on the spot.

    A closed path begins at its point nearest to the first dock; another is driven to its end and
    back.
    """
    if isinstance(route, PerimeterRoute):
        return (perimeter_poses(site, route),)
    path = site.path(route.path_id)
    points = np.array(path.points_m)
    if path.is_closed:
        if site.docks:
            points = _begun_near(points, site.docks[0].pose)
        ways = _parts(points)
    else:
        out = _parts(points)
        ways = out + [part[::-1] for part in reversed(out)]
    return tuple(_with_headings(_resampled(way), closed=False) for way in ways)


def _begun_near(ring: FloatArray, place: Pose2) -> FloatArray:
    """The closed line (N, 2), begun anew at its point nearest to a place."""
    line = LineString(ring)
    at = line.project(Point(place.x_m, place.y_m))
    if not 0.0 < at < line.length:
        return ring
    halves = (substring(line, at, line.length), substring(line, 0.0, at))
    points = np.vstack([shapely.get_coordinates(half) for half in halves])
    moves = np.any(np.diff(points, axis=0) != 0.0, axis=1)
    return np.asarray(points[np.concatenate(([True], moves))])


def _parts(points: FloatArray) -> list[FloatArray]:
    """A line (N, 2) cut where it turns on the spot; each part has two points or more."""
    along = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    line = LineString(points)

    def heading(from_m: float, to_m: float) -> float:
        (x0, y0), (x1, y1) = (line.interpolate(at).coords[0] for at in (from_m, to_m))
        return float(np.arctan2(y1 - y0, x1 - x0))

    parts, begin = [], 0
    for index in range(1, len(points) - 1):
        reach = min(_TURN_WITHIN_M, along[index] - along[begin], along[-1] - along[index])
        before = heading(along[index] - reach, along[index])
        after = heading(along[index], along[index] + reach)
        if abs(wrap_angle(after - before)) > TURN_RAD:
            parts.append(points[begin : index + 1])
            begin = index
    return [*parts, points[begin:]]


def _resampled(points: FloatArray) -> FloatArray:
    """Points (N, 2) about `STEP_M` apart along a line, both ends among them."""
    line = LineString(points)
    count = max(round(line.length / STEP_M), 1)
    at = shapely.line_interpolate_point(line, np.linspace(0.0, line.length, count + 1))
    return shapely.get_coordinates(at)
