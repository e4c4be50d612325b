"""Draws scenarios: people, left objects and a stray vehicle at random, from one seed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.prepared import PreparedGeometry, prep

from patrol_core.geometry import Points, Pose2
from patrol_core.params import param
from patrol_core.site import PerimeterRoute, Site
from patrol_sim.rng import stream
from patrol_sim.scenario import Pedestrian, PlacedObject, Scenario, Start
from patrol_sim.sdf import World, cross_sections

_HEIGHTS_M = (0.05, 0.2, 0.6, 1.2)
_TRIES = 400
_PERSON_CLEARANCE_M = 0.45
_START_CLEARANCE_M = 3.0
_CAR_M = ((3.6, 1.65, 1.4), (5.2, 2.0, 2.1))
_CART_SITE_M2 = 1000.0


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn; the defaults are those of the closed-loop figures."""

    area_per_person_m2: float = param(1200.0, "Ground for each person [m2]", 5.0, 1e6)
    min_people: int = param(0, "Fewest people, as far as there is room", 0, 100)
    max_people: int = param(10, "Most people", 0, 100)
    ignoring_fraction: float = param(0.2, "People who do not give way", 0.0, 1.0)
    crossing_fraction: float = param(0.6, "People whose way crosses the route", 0.0, 1.0)
    objects: int = param(1, "Objects to be found", 0, 20)
    vehicle_probability: float = param(0.7, "Chance of a vehicle beside the route", 0.0, 1.0)
    start_at_dock: bool = param(True, "Start in the dock, else somewhere on the route")


@dataclass(frozen=True, slots=True)
class Ground:
    """A site's geometry for placing things: what stands, where one may be, and the route."""

    standing: BaseGeometry
    inside: Polygon
    route: LineString
    walkable: PreparedGeometry[BaseGeometry]


def ground_of(world: World, site: Site) -> Ground:
    """The geometry of a site and its world; the route is the outline, moved inwards."""
    polygons = [
        section.polygon for height in _HEIGHTS_M for section in cross_sections(world, height)
    ]
    inside = Polygon(site.outline_m)
    perimeters = [route for route in site.routes if isinstance(route, PerimeterRoute)]
    offset_m = perimeters[0].offset_m if perimeters else 1.5
    ring = inside.buffer(-offset_m).exterior
    standing = shapely.union_all(polygons)
    free = inside.buffer(-_PERSON_CLEARANCE_M).difference(standing.buffer(_PERSON_CLEARANCE_M))
    return Ground(standing, inside, LineString(ring.coords), prep(free))


def random_scenario(
    world: World, site: Site, seed: int, draw: Draw | None = None, ground: Ground | None = None
) -> Scenario:
    """The scenario that belongs to a seed. Give `ground` when drawing many for one site.

    Robots after the first start in the docks after the first.
    """
    draw = draw or Draw()
    ground = ground or ground_of(world, site)
    start = _start(site, ground, draw, stream(seed, "start"))
    starts = [start, *(dock.pose for dock in site.docks[1:])]
    things = _Things(ground, start, site, stream(seed, "things"))
    vehicles = things.vehicles(draw.vehicle_probability)
    objects = things.planted(draw.objects)
    people = _People(ground, things.taken, starts, stream(seed, "people")).draw(draw)
    return Scenario(f"random_{seed}", tuple(map(Start, starts)), people, (*vehicles, *objects))


def _start(site: Site, ground: Ground, draw: Draw, rng: np.random.Generator) -> Pose2:
    if draw.start_at_dock and site.docks:
        return site.docks[0].pose
    standing = prep(ground.standing.buffer(0.8))
    for _ in range(_TRIES):
        pose = _on_route(ground.route, rng.uniform(0.0, ground.route.length))
        if not standing.intersects(Point(pose.x_m, pose.y_m)):
            return Pose2(pose.x_m, pose.y_m, pose.yaw_rad + rng.normal(0.0, 0.1))
    return _on_route(ground.route, 0.0)


def _on_route(route: LineString, along_m: float) -> Pose2:
    """The point of the route at a length, heading along it."""
    here = route.interpolate(along_m % route.length)
    ahead = route.interpolate((along_m + 0.2) % route.length)
    return Pose2(here.x, here.y, math.atan2(ahead.y - here.y, ahead.x - here.x))


class _Things:
    """Places what stands: it must leave a way through and not stand on the robot."""

    def __init__(self, ground: Ground, start: Pose2, site: Site, rng: np.random.Generator) -> None:
        self._ground = ground
        self._rng = rng
        self.taken: BaseGeometry = ground.standing
        keep_free = [Point(start.x_m, start.y_m).buffer(_START_CLEARANCE_M)]
        keep_free += [Point(c.pose.x_m, c.pose.y_m).buffer(1.5) for c in site.checkpoints]
        keep_free += [Point(d.pose.x_m, d.pose.y_m).buffer(_START_CLEARANCE_M) for d in site.docks]
        self._keep_free = shapely.union_all(keep_free)

    def vehicles(self, probability: float) -> tuple[PlacedObject, ...]:
        """At most one vehicle that narrows the route."""
        wanted = self._rng.random() < probability
        size = self._vehicle_size()
        for _ in range(_TRIES // 4 if wanted else 0):
            along = self._rng.uniform(0.0, self._ground.route.length)
            on_route = _on_route(self._ground.route, along)
            side = self._rng.uniform(-1.8, 1.8)
            pose = on_route.compose(Pose2(0.0, side, self._rng.normal(0.0, 0.06)))
            outline = _rectangle(pose, size[0], size[1])
            if self._fits(outline, 0.15) and self._leaves_way(outline, along):
                self.taken = self.taken.union(outline)
                return (PlacedObject("stray_vehicle", "vehicle", size, pose, 0.0, planted=False),)
        return ()

    def _vehicle_size(self) -> tuple[float, float, float]:
        """A car or van; on a small site a cart."""
        is_small = self._ground.inside.area < _CART_SITE_M2
        low, high = ((1.6, 0.8, 0.8), (1.8, 0.9, 1.1)) if is_small else _CAR_M
        length, width, height = self._rng.uniform(low, high).tolist()
        return (length, width, height)

    def _fits(self, outline: Polygon, gap_m: float) -> bool:
        return (
            self._ground.inside.contains(outline)
            and outline.distance(self.taken) > gap_m
            and not outline.intersects(self._keep_free)
        )

    def _leaves_way(self, outline: Polygon, along_m: float) -> bool:
        """Whether a robot gets round it close by, from 7 m before it to 7 m behind it."""
        route = self._ground.route
        ends = [route.interpolate((along_m + step) % route.length) for step in (-7.0, 7.0)]
        near = Point(route.interpolate(along_m)).buffer(11.0)
        blocked = self.taken.intersection(near.buffer(1.0)).union(outline).buffer(0.75)
        free = near.intersection(self._ground.inside.buffer(-0.6)).difference(blocked)
        parts = free.geoms if hasattr(free, "geoms") else [free]
        return any(all(part.distance(end) < 0.5 for end in ends) for part in parts)

    def planted(self, count: int) -> tuple[PlacedObject, ...]:
        """Objects within 6 m of the route and in sight of it, a metre and more beside it."""
        found: list[PlacedObject] = []
        for _ in range(_TRIES):
            if len(found) == count:
                break
            thing = self._object(f"object_{len(found) + 1}")
            outline = _rectangle(thing.pose, thing.size_m[0], thing.size_m[1])
            if self._fits(outline, 0.25) and self._in_sight(outline):
                self.taken = self.taken.union(outline)
                found.append(thing)
        return tuple(found)

    def _object(self, name: str) -> PlacedObject:
        rng = self._rng
        kind = ("box", "bag", "cylinder")[int(rng.integers(3))]
        size = rng.uniform(0.3, 0.6, 3)
        if kind == "cylinder":
            size[1] = size[0]
        along = rng.uniform(0.0, self._ground.route.length)
        side = rng.uniform(1.0, 6.0) * (1.0 if rng.random() < 0.5 else -1.0)
        pose = _on_route(self._ground.route, along).compose(
            Pose2(0.0, side, rng.uniform(-math.pi, math.pi))
        )
        length, width, height = size.tolist()
        appears_s = float(rng.uniform(0.0, 15.0))
        return PlacedObject(name, kind, (length, width, height), pose, appears_s, planted=True)

    def _in_sight(self, outline: Polygon) -> bool:
        """Seen from the route over a stretch of some metres, and not in its way."""
        route = self._ground.route
        if outline.distance(route) < 0.8:
            return False
        nearest = route.project(outline.centroid)
        views = [route.interpolate((nearest + s) % route.length) for s in (-3.0, -1.5, 0.0, 1.5)]
        lines = [LineString([view, outline.centroid]) for view in views]
        return all(line.distance(self.taken) > 0.05 for line in lines)


def _rectangle(pose: Pose2, length_m: float, width_m: float) -> Polygon:
    x, y = length_m / 2.0, width_m / 2.0
    corners = np.array([(x, y), (-x, y), (-x, -y), (x, -y)])
    return Polygon(pose.transform_points(corners))


class _People:
    """Draws walks on free ground, some across the route."""

    def __init__(
        self,
        ground: Ground,
        taken: BaseGeometry,
        starts: Sequence[Pose2],
        rng: np.random.Generator,
    ) -> None:
        self._ground = ground
        self._rng = rng
        self._blocked = prep(taken.buffer(_PERSON_CLEARANCE_M))
        self._starts = shapely.union_all(
            [Point(start.x_m, start.y_m).buffer(_START_CLEARANCE_M) for start in starts]
        )

    def draw(self, draw: Draw) -> tuple[Pedestrian, ...]:
        rng = self._rng
        share = rng.uniform(0.5, 1.2) * self._ground.inside.area / draw.area_per_person_m2
        count = min(max(round(share), 1, draw.min_people), draw.max_people)
        people = []
        for number in range(count):
            crosses = rng.random() < draw.crossing_fraction
            gives_way = rng.random() >= draw.ignoring_fraction
            waypoints = self._crossing() if crosses else self._wander()
            speed, pause, start = rng.uniform((0.7, 0.0, 0.0), (1.5, 10.0, 20.0)).tolist()
            if waypoints:
                people.append(
                    Pedestrian(f"person_{number + 1}", waypoints, speed, pause, start, gives_way)
                )
        return tuple(people)

    def _free(self, points: Points) -> bool:
        line = LineString(points)
        return (
            self._ground.walkable.contains(line)
            and not self._blocked.intersects(line)
            and not self._starts.intersects(line)
        )

    def _crossing(self) -> Points:
        """A straight way across the route, as long as there is room, up to 9 m to either side."""
        for _ in range(_TRIES):
            at = _on_route(self._ground.route, self._rng.uniform(0.0, self._ground.route.length))
            turned = at.yaw_rad + math.pi / 2.0 + self._rng.uniform(-1.0, 1.0)
            far, near = self._rng.uniform((2.0, 0.4), (9.0, 1.2)).tolist()
            if self._rng.random() < 0.5:
                far, near = near, far
            points = tuple(
                (at.x_m + reach * math.cos(turned), at.y_m + reach * math.sin(turned))
                for reach in (far, -near)
            )
            if self._free(points):
                return points
        return ()

    def _wander(self) -> Points:
        """Two or three straight pieces of 4 to 20 m on free ground."""
        west, south, east, north = self._ground.inside.bounds
        pieces = int(self._rng.integers(1, 4))
        for _ in range(_TRIES):
            x, y = self._rng.uniform((west, south), (east, north)).tolist()
            points = [(x, y)]
            for _ in range(pieces):
                reach, heading = self._rng.uniform((4.0, -math.pi), (20.0, math.pi)).tolist()
                x, y = x + reach * math.cos(heading), y + reach * math.sin(heading)
                points.append((x, y))
            if all(self._free(pair) for pair in itertools.pairwise(points)):
                return tuple(points)
        return ()
