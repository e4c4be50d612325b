"""Taught routes: a line driven by hand in `zones.geojson` (`kind: path`), named by a route.

A LineString of local metres in driving order. It is closed where its last point is its first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from shapely.geometry import LineString, Point, Polygon

from patrol_core.site.elements_file import CARE_KEYS, read_care, read_stops
from patrol_core.site.model import DrivenPath, PathRoute, ZoneKind
from patrol_core.site.yaml_tree import Value, did_you_mean, repeated

if TYPE_CHECKING:
    from patrol_core.site.features import Features

MAX_STEP_M = 25.0
"""Who teaches notes points nearer together: a longer step is a slip of the pen."""
MIN_LENGTH_M = 1.0
CHECKPOINT_WITHIN_M = 3.0
"""As far from its route as a checkpoint may be: the mission looks for it no farther."""
ROUTE_KEYS = ("id", "path", "speed_mps", "checkpoints")


def read_path(identifier: str, coordinates: Value) -> DrivenPath | None:
    """The path of a LineString's coordinates; None with recorded mistakes if it is wrong."""
    items = coordinates.items()
    points = [item.point() for item in items]
    whole = [point for point in points if point is not None]
    if len(whole) < len(points):
        return None
    for item, (here, there) in zip(items[1:], pairwise(whole), strict=True):
        step_m = math.dist(here, there)
        if step_m == 0.0:
            item.wrong("the path stands still", "points that differ", "remove this point")
            return None
        if step_m > MAX_STEP_M:
            item.wrong(
                f"a step of {step_m:.1f} m in the path '{identifier}'",
                f"points at most {MAX_STEP_M:g} m apart",
                "correct the coordinates, or add points between",
            )
            return None
    length_m = sum(math.dist(here, there) for here, there in pairwise(whole))
    if length_m < MIN_LENGTH_M:
        coordinates.wrong(
            f"the path '{identifier}' is {length_m:.2f} m long",
            f"at least {MIN_LENGTH_M:g} m",
            "check the unit: coordinates are metres, not degrees",
        )
        return None
    return DrivenPath(identifier, tuple(whole))


def read_path_route(value: Value) -> tuple[PathRoute, dict[str, Value]] | None:
    """A route of `site.yaml` that names a path; None with recorded mistakes if it is wrong."""
    fields = value.fields(ROUTE_KEYS, CARE_KEYS)
    if not fields.keys() >= set(ROUTE_KEYS):
        return None
    identifier, path = fields["id"].identifier(), fields["path"].identifier()
    speed = fields["speed_mps"].number(0.1, 3, "metres a second")
    names, elements = read_stops(fields["checkpoints"])
    repeated(iter(names))
    care = read_care(fields, elements)
    if not identifier or not path or not speed:
        return None
    return PathRoute(identifier, path, tuple(name for name, _ in names), speed, care), fields


def check_paths(features: Features, outline: Polygon) -> None:
    """Paths stay inside the outline and out of keep-outs that count at every hour."""
    keep_outs = [
        (zone.zone_id, Polygon(zone.polygon_m))
        for zone, _ in features.zones
        if zone.kind is ZoneKind.KEEP_OUT and not zone.hours
    ]
    for path, coordinates in features.paths:
        items = coordinates.items()
        for index, segment in enumerate(pairwise(path.points_m)):
            line = LineString(segment)
            if not outline.covers(line):
                items[index + 1].wrong(
                    f"the path '{path.path_id}' leaves the outline here",
                    "a path inside the outline",
                    "move its points inside",
                )
                break
            crossed = [name for name, polygon in keep_outs if polygon.intersects(line)]
            if crossed:
                items[index + 1].wrong(
                    f"the path '{path.path_id}' goes through the keep-out zone '{crossed[0]}'",
                    "a path outside every keep-out zone",
                    "lead it round the zone, or shrink the zone",
                )
                break


def check_path_route(
    route: PathRoute, fields: dict[str, Value], features: Features, checkpoints: Sequence[Value]
) -> None:
    """The path is there, and the checkpoints (as named in the file) lie beside it."""
    lines = {path.path_id: LineString(path.points_m) for path, _ in features.paths}
    if route.path_id not in lines:
        fields["path"].wrong(
            f"route '{route.route_id}' names the unknown path '{route.path_id}'",
            f"one of {', '.join(lines)}" if lines else "a feature of kind 'path'",
            did_you_mean(route.path_id, list(lines), "teach one: './ronda site teach'"),
        )
        return
    places = {checkpoint.checkpoint_id: checkpoint.pose for checkpoint, _ in features.checkpoints}
    for item in checkpoints:
        pose = places.get(str(item.node.value))
        if pose is None:
            continue
        apart_m = lines[route.path_id].distance(Point(pose.x_m, pose.y_m))
        if apart_m > CHECKPOINT_WITHIN_M:
            item.wrong(
                f"checkpoint '{item.node.value}' is {apart_m:.1f} m from the path "
                f"'{route.path_id}'",
                f"a checkpoint within {CHECKPOINT_WITHIN_M:g} m of the route",
                "move the checkpoint or the path, or leave it out of this route",
            )
