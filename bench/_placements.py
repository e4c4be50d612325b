"""Things put down beside the perimeter route, and parts of the site taken away, from seeds.

Places are so far apart that each thing is judged on its own evidence: nothing that perception
gathers about one reaches as far as the next.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_sim.removal import Removal, without
from patrol_sim.rng import stream
from patrol_sim.scenario import PlacedObject, Scenario
from patrol_sim.scenario_random import Draw, Ground, ground_of, random_scenario
from patrol_sim.sdf import World, cross_sections
from ronda_cli.scorer import LIDAR_HEIGHT_M, SIGHT_LENGTH_M
from ronda_cli.setting import Setting

APART_M = 12.0
REACH_M = 8.0
LOW_M = 0.2
_TRIES = 4000
_BESIDE_M = 0.9
_GAP_M = 0.3
_WALK_M = 0.6
_KEEP_FREE_M = 2.5
_VIEW_STEP_M = 0.5
_BAY_GAP_M = 0.4


@dataclass(frozen=True, slots=True)
class Gone:
    """Something taken away: what kind of thing, the removal, and what it leaves open, in map."""

    kind: str
    removal: Removal
    hole: BaseGeometry


class Placer:
    """Draws for one site; what does not depend on the seed is made once."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.ground: Ground = ground_of(setting.world, setting.site)
        self._views = _views(self.ground.route)
        site = setting.site
        kept = [Point(c.pose.x_m, c.pose.y_m).buffer(1.5) for c in site.checkpoints]
        kept += [Point(d.pose.x_m, d.pose.y_m).buffer(_KEEP_FREE_M) for d in site.docks]
        self._keep_free = shapely.union_all(kept)

    def people(self, seed: int, most: int) -> Scenario:
        """A lap with people about, nothing else."""
        draw = Draw(objects=0, vehicle_probability=0.0, max_people=most)
        setting = self._setting
        return random_scenario(setting.world, setting.site, seed, draw, self.ground)

    def with_things(self, scenario: Scenario, seed: int, count: int) -> Scenario:
        """The scenario with things put down in sight of the route, one in four of them low."""
        rng = stream(seed, "placements")
        walks = shapely.union_all([LineString(p.waypoints_m) for p in scenario.pedestrians])
        taken = shapely.union_all([self.ground.standing, walks.buffer(_WALK_M)])
        things: list[PlacedObject] = []
        for _ in range(_TRIES):
            if len(things) == count:
                break
            thing = self._thing(f"thing_{len(things) + 1}", rng, low=len(things) % 4 == 0)
            outline = outline_of(thing)
            apart = all(thing.pose.distance_to(other.pose) > APART_M for other in things)
            if apart and self._fits(outline, taken) and self._is_seen(outline):
                things.append(thing)
        return dataclasses.replace(scenario, objects=(*scenario.objects, *things))

    def _thing(self, name: str, rng: np.random.Generator, *, low: bool) -> PlacedObject:
        kind = ("box", "bag", "cylinder")[int(rng.integers(3))]
        length = float(rng.uniform(LOW_M, 0.5) if low else rng.uniform(0.3, 1.2))
        width = length if kind == "cylinder" else max(length * float(rng.uniform(0.5, 1.0)), LOW_M)
        height = LOW_M if low else float(rng.uniform(0.3, 1.2))
        route = self.ground.route
        along, side = rng.uniform((0.0, -REACH_M), (route.length, REACH_M)).tolist()
        pose = _beside(route, along, side, float(rng.uniform(-math.pi, math.pi)))
        return PlacedObject(name, kind, (length, width, height), pose, 0.0, planted=True)

    def _fits(self, outline: Polygon, taken: BaseGeometry) -> bool:
        return bool(
            self.ground.inside.contains(outline)
            and outline.distance(taken) > _GAP_M
            and outline.distance(self.ground.route) > _BESIDE_M
            and not outline.intersects(self._keep_free)
        )

    def _is_seen(self, outline: BaseGeometry, standing: BaseGeometry | None = None) -> bool:
        """Whether it is within 8 m of the route and in plain view of 3 m of it or more."""
        standing = self.ground.standing if standing is None else standing
        middle = outline.centroid
        near = self._views[np.hypot(*(self._views - (middle.x, middle.y)).T) <= REACH_M]
        lines = shapely.linestrings(
            np.stack((near, np.broadcast_to((middle.x, middle.y), near.shape)), axis=1)
        )
        clear = ~shapely.intersects(shapely.difference(lines, outline), standing)
        return bool(np.count_nonzero(clear) * _VIEW_STEP_M >= SIGHT_LENGTH_M)

    def first_in_view_s(
        self, outline: Polygon, track: Sequence[tuple[float, float, float]]
    ) -> float:
        """When a robot on a track (stamp, x, y) first had it in plain view within 8 m."""
        middle = outline.centroid
        for stamp_s, x, y in track:
            if math.hypot(x - middle.x, y - middle.y) <= REACH_M:
                ray = LineString([(x, y), (middle.x, middle.y)]).difference(outline)
                if not ray.intersects(self.ground.standing):
                    return stamp_s
        return math.nan

    def bays(self, count: int, size_m: tuple[float, float, float]) -> list[Pose2]:
        """Places beside the route where vehicles may park, the same at every call."""
        rng, route = stream(0, "bays"), self.ground.route
        found: list[Pose2] = []
        for _ in range(_TRIES):
            along, side = rng.uniform((0.0, 2.5), (route.length, 6.0)).tolist()
            side = side if rng.random() < 0.5 else -side
            pose = _beside(route, along, side, float(rng.normal(0.0, 0.1)))
            outline = _rectangle(pose, size_m).buffer(_BAY_GAP_M)
            apart = all(pose.distance_to(other) > 3.0 * APART_M for other in found)
            if apart and len(found) < count and self._fits(outline, self.ground.standing):
                found.append(pose)
        return found

    def keeps_clear(
        self, walk_m: Points, bays: Sequence[Pose2], size_m: tuple[float, float, float]
    ) -> bool:
        """Whether a walk leads through no bay."""
        line = LineString(walk_m)
        return all(line.distance(_rectangle(bay, size_m)) > _WALK_M for bay in bays)

    def gone(self, seed: int, count: int) -> list[Gone]:
        """What is taken away on one lap: openings in fences, the gate, extinguishers."""
        rng = stream(seed, "removals")
        found: list[Gone] = []
        draws: tuple[Callable[[np.random.Generator], tuple[str, Removal]], ...] = (
            self._gate, self._fence, self._extinguisher, self._fence,
        )  # fmt: skip
        for number in range(_TRIES):
            if len(found) == count:
                break
            kind, removal = draws[number % len(draws)](rng)
            hole = hole_of(self._setting.world, removal)
            apart = all(hole.distance(other.hole) > APART_M for other in found)
            rest = self.ground.standing.difference(hole.buffer(0.05))
            if apart and self._is_seen(hole, rest):
                found.append(Gone(kind, removal, hole))
        return found

    def _fence(self, rng: np.random.Generator) -> tuple[str, Removal]:
        """A panel or two of a fence, gone or pushed aside."""
        fences = [m for m in self._setting.world.models if m.name.startswith("fence_")]
        fence = fences[int(rng.integers(len(fences)))]
        ends = [pose_x for pose_x, _ in _stretch(self._setting.world, fence.name)]
        start, width = float(rng.uniform(min(ends), max(ends))), float(rng.uniform(0.8, 3.0))
        return "fence", Removal(fence.name, start, start + width)

    def _gate(self, rng: np.random.Generator) -> tuple[str, Removal]:
        """The leaf between the pillars, open by a metre up to all the way."""
        return "gate", Removal("gate", -3.8, -3.8 + float(rng.uniform(1.0, 7.6)))

    def _extinguisher(self, rng: np.random.Generator) -> tuple[str, Removal]:
        names = [m.name for m in self._setting.world.models if m.name.startswith("extinguisher_")]
        return "extinguisher", Removal(names[int(rng.integers(len(names)))])


def hole_of(world: World, removal: Removal) -> BaseGeometry:
    """What a removal leaves open at the lidar's height."""
    model = [m for m in world.models if m.name == removal.model]
    alone = dataclasses.replace(world, models=tuple(model))
    before, after = (
        shapely.union_all([s.polygon for s in cross_sections(part, LIDAR_HEIGHT_M)])
        for part in (alone, without(alone, [removal]))
    )
    return before.difference(after)


def outline_of(thing: PlacedObject) -> Polygon:
    """The ground under a thing."""
    return _rectangle(thing.pose, thing.size_m)


def _rectangle(pose: Pose2, size_m: tuple[float, float, float]) -> Polygon:
    x, y = size_m[0] / 2.0, size_m[1] / 2.0
    return Polygon(pose.transform_points([(x, y), (-x, y), (-x, -y), (x, -y)]))


def _beside(route: LineString, along_m: float, side_m: float, yaw_rad: float) -> Pose2:
    """A pose to the left of the route."""
    here, ahead = route.interpolate(along_m), route.interpolate((along_m + 0.2) % route.length)
    on_route = Pose2(here.x, here.y, math.atan2(ahead.y - here.y, ahead.x - here.x))
    return on_route.compose(Pose2(0.0, side_m, yaw_rad))


def _views(route: LineString) -> FloatArray:
    steps = np.arange(0.0, route.length, _VIEW_STEP_M)
    points = [route.interpolate(step) for step in steps.tolist()]
    return np.array([(point.x, point.y) for point in points])


def _stretch(world: World, name: str) -> list[tuple[float, float]]:
    """Middles (x, y) of a model's solids in its own frame."""
    model = next(m for m in world.models if m.name == name)
    return [
        link.pose.compose(solid.pose).translation_m[:2]
        for link in model.links
        for solid in link.collisions
    ]
