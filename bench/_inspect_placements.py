"""Where the objects of `bench inspect` stand, who is about, and where the robot starts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import shapely
from _placements import Placer, outline_of
from _site_laps import setting_of
from shapely.geometry import LineString, Point, Polygon

from patrol_core.geometry import Pose2
from patrol_core.site.model import ZoneKind
from patrol_sim.rng import stream
from patrol_sim.scenario import Pedestrian, PlacedObject

mpl.use("Agg")

KINDS = ("open ground", "fence or wall", "corner", "people stand", "people pass")
ROOM_M, NEAR_M, START_FAR_M = 0.9, 6.0, 10.0


@dataclass(frozen=True, slots=True)
class Placement:
    """An object with who is about, and where the robot starts."""

    kind: str
    thing: PlacedObject
    people: tuple[Pedestrian, ...]
    start: Pose2


class Draws:
    """Draws placements on one site; what does not depend on the seed is made once."""

    def __init__(self, site: str, placer: Placer) -> None:
        setting = setting_of(site)
        self._ground = placer.ground
        standing = self._ground.standing
        kept = [Polygon(z.polygon_m) for z in setting.site.zones if z.kind in (
            ZoneKind.KEEP_OUT, ZoneKind.PRIVACY)]  # fmt: skip
        docks = [Point(d.pose.x_m, d.pose.y_m).buffer(3.0) for d in setting.site.docks]
        self._closed = shapely.union_all([*kept, *docks])
        taken = standing.buffer(ROOM_M).union(shapely.union_all(kept).buffer(ROOM_M))
        free = self._ground.inside.buffer(-ROOM_M).difference(taken)
        self._free = max(shapely.get_parts(free), key=lambda part: part.area)
        shapely.prepare(self._free)
        shapely.prepare(standing)

    def placement(self, seed: int) -> Placement:
        """The placement of a seed; the kinds take turns."""
        kind, rng = KINDS[seed % len(KINDS)], stream(seed, "bench", "inspect")
        west, south, east, north = self._ground.inside.bounds
        while True:
            x, y, yaw = rng.uniform((west, south, -math.pi), (east, north, math.pi)).tolist()
            length, width = rng.uniform((0.3, 0.3), (1.0, 0.7)).tolist()
            size = (length, min(length, width), float(rng.uniform(0.3, 1.2)))
            thing = PlacedObject("thing", "box", size, Pose2(x, y, yaw), 0.0, planted=True)
            if not self._fits(kind, outline_of(thing)):
                continue
            start = self._start(thing, rng)
            if start is not None:
                return Placement(kind, thing, self._people(kind, thing, start, rng), start)

    def _fits(self, kind: str, outline: Polygon) -> bool:
        standing, middle = self._ground.standing, outline.centroid
        gap = outline.distance(standing)
        if not self._ground.inside.contains(outline) or outline.intersects(self._closed):
            return False
        if outline.distance(self._free) > 0.9:
            return False
        hidden = sum(
            LineString([(middle.x, middle.y), (middle.x + 3.0 * math.cos(a),
                        middle.y + 3.0 * math.sin(a))]).intersects(standing)
            for a in np.linspace(0.0, math.tau, 16, endpoint=False).tolist()
        )  # fmt: skip
        if kind == "fence or wall":
            return 0.1 <= gap <= 0.8 and hidden <= 7
        if kind == "corner":
            return 0.1 <= gap <= 1.0 and 8 <= hidden <= 11
        return gap > 3.0

    def _start(self, thing: PlacedObject, rng: np.random.Generator) -> Pose2 | None:
        for _ in range(60):
            away, angle, yaw = rng.uniform((NEAR_M, -math.pi, -math.pi),
                                           (START_FAR_M, math.pi, math.pi)).tolist()  # fmt: skip
            x, y = thing.pose.x_m + away * math.cos(angle), thing.pose.y_m + away * math.sin(angle)
            way = LineString([(x, y), (thing.pose.x_m, thing.pose.y_m)])
            seen = not way.difference(outline_of(thing).buffer(0.3)).intersects(
                self._ground.standing
            )
            if seen and self._free.contains(Point(x, y)):
                return Pose2(x, y, yaw)
        return None

    def _people(
        self, kind: str, thing: PlacedObject, start: Pose2, rng: np.random.Generator
    ) -> tuple[Pedestrian, ...]:
        people: list[Pedestrian] = []
        wanted = 0 if not kind.startswith("people") else int(rng.integers(1, 3))
        for _ in range(400):
            if len(people) == wanted:
                break
            angle, away, heading = rng.uniform((-math.pi, 1.6, -math.pi),
                                               (math.pi, 4.0, math.pi)).tolist()  # fmt: skip
            x, y = thing.pose.x_m + away * math.cos(angle), thing.pose.y_m + away * math.sin(angle)
            half = 0.1 if kind == "people stand" else float(rng.uniform(5.0, 8.0))
            dx, dy = half * math.cos(heading), half * math.sin(heading)
            line = LineString([(x - dx, y - dy), (x + dx, y + dy)])
            walkable = self._ground.walkable.contains(line)
            if (
                not walkable or line.distance(outline_of(thing)) < 0.5
                or line.distance(Point(start.x_m, start.y_m)) < 1.5
            ):  # fmt: skip
                continue
            still = kind == "people stand"
            ends = ((x - dx, y - dy), (x + dx, y + dy))
            people.append(Pedestrian(
                f"person_{len(people) + 1}", ends, float(rng.uniform(0.8, 1.4)),
                float(rng.uniform(0.5, 3.0)), 1e5 if still else 0.0, bool(rng.random() < 0.8),
            ))  # fmt: skip
        return tuple(people)
