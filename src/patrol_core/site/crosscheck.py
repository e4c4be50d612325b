"""What must hold between the parts of a site: places against outline, zones and map."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from shapely.geometry import LineString, Point, Polygon

from patrol_core.errors import Place
from patrol_core.geometry import Pose2
from patrol_core.site.document import Document
from patrol_core.site.elements_file import stop_id
from patrol_core.site.features import Features
from patrol_core.site.model import DrivenPath, PathRoute, ZoneKind
from patrol_core.site.paths import check_path_route, check_paths
from patrol_core.site.visitors import Visitors
from patrol_core.site.yaml_tree import Value, did_you_mean
from patrol_core.types.maps import FREE, UNKNOWN, OccupancyGrid

_MAX_DOCK_GAP_M = 1.5
_ROOM_STEP_M = 0.2


def check_features(features: Features, outline: Polygon) -> None:
    """Zones must reach into the outline, checkpoints lie inside it and where one may stand."""
    check_paths(features, outline)
    no_standing = [
        (zone, zone.kind.value.replace("_", "-"), Polygon(zone.polygon_m))
        for zone, _ in features.zones
        if zone.kind in (ZoneKind.KEEP_OUT, ZoneKind.KEEP_CLEAR)
    ]
    for zone, value in features.zones:
        if zone.kind is not ZoneKind.PRIVACY and not Polygon(zone.polygon_m).intersects(outline):
            value.wrong(
                f"zone '{zone.zone_id}' lies outside the outline",
                "a zone that covers part of the site",
                "correct its coordinates, or remove it",
            )
    for checkpoint, value in features.checkpoints:
        place = Point(checkpoint.pose.x_m, checkpoint.pose.y_m)
        if not outline.contains(place):
            value.wrong(
                f"checkpoint '{checkpoint.checkpoint_id}' lies outside the outline",
                "a place inside the outline",
                "move the checkpoint inside",
            )
        for zone, kind, polygon in no_standing:
            if polygon.covers(place):
                value.wrong(
                    f"checkpoint '{checkpoint.checkpoint_id}' lies in the {kind} zone "
                    f"'{zone.zone_id}'",
                    f"a place outside every {kind} zone",
                    "move the checkpoint, or shrink the zone",
                )


def check_docks(document: Document, outline: Polygon) -> None:
    """A docked robot stands inside the outline and faces its dock."""
    for dock, fields in document.docks:
        place = Point(dock.pose.x_m, dock.pose.y_m)
        if not outline.contains(place):
            fields["pose"].wrong(
                f"dock '{dock.dock_id}' lies outside the outline",
                "a pose inside the outline",
                "move the dock inside",
            )
        ahead = dock.pose.compose(Pose2(_MAX_DOCK_GAP_M, 0.0))
        line = LineString([(dock.pose.x_m, dock.pose.y_m), (ahead.x_m, ahead.y_m)])
        if not line.intersects(Polygon(dock.outline_m)):
            fields["outline_m"].wrong(
                f"dock '{dock.dock_id}' is not ahead of the docked robot",
                f"the outline within {_MAX_DOCK_GAP_M} m ahead of the pose",
                "correct the pose's yaw_deg or the outline",
            )


def check_visitors(visitors: Visitors, root: Value, outline: Polygon) -> None:
    """The places that visitors ask for lie where the robot knows ways."""
    for place in visitors.places:
        if not outline.covers(Point(*place.at_m)):
            root.problems.add(
                Place(root.file, place.line),
                f"place '{place.place_id}' lies outside the outline",
                "'at' inside the outline: the robot knows no way elsewhere",
                "correct 'at', or tell of it as a question with its answer",
            )


def check_routes(document: Document, features: Features, outline: Polygon) -> None:
    """Routes fit inside the outline; they and schedules name what there is."""
    checkpoints = [checkpoint.checkpoint_id for checkpoint, _ in features.checkpoints]
    for route, fields in document.routes:
        items = list(map(stop_id, fields["checkpoints"].items()))
        for item in items:
            name = str(item.node.value)
            if name not in checkpoints:
                item.wrong(
                    f"route '{route.route_id}' names the unknown checkpoint '{name}'",
                    f"one of {', '.join(checkpoints)}",
                    did_you_mean(name, checkpoints, "remove it from the route"),
                )
        if isinstance(route, PathRoute):
            check_path_route(route, fields, features, items)
            continue
        inner = outline.buffer(-route.offset_m)
        if inner.is_empty or inner.geom_type != "Polygon":
            fields["offset_m"].wrong(
                f"the outline offset by {route.offset_m:g} m is not one ring",
                "an offset that leaves one ring",
                "choose a smaller offset_m",
            )
    routes = [route.route_id for route, _ in document.routes]
    for schedule, fields in document.schedules:
        if schedule.route_id not in routes:
            fields["route"].wrong(
                f"schedule '{schedule.schedule_id}' names the unknown route '{schedule.route_id}'",
                f"one of {', '.join(routes)}",
                did_you_mean(schedule.route_id, routes, "choose one of these"),
            )


def check_alarms(document: Document, outline: Polygon) -> None:
    """Where an alarm calls to, the robot may be near."""
    for alarm, fields in document.alarms:
        if not outline.covers(Point(alarm.at_m)):
            x_m, y_m = alarm.at_m
            fields["at"].wrong(
                f"alarm '{alarm.alarm_id}' is at ({x_m:g}, {y_m:g}), outside the outline",
                "a place inside the outline",
                "give the nearest place inside",
            )


def check_map(
    grid: OccupancyGrid,
    map_value: Value,
    features: Features,
    document: Document,
    outline: Polygon,
    half_width_m: float,
) -> None:
    """The map covers the outline, and the robot has room where it stops, and on taught paths."""
    rows, columns = grid.cells.shape
    west, south, east, north = outline.bounds
    x_end = grid.origin_x_m + columns * grid.resolution_m
    y_end = grid.origin_y_m + rows * grid.resolution_m
    if west < grid.origin_x_m or south < grid.origin_y_m or east > x_end or north > y_end:
        map_value.wrong(
            f"the map covers x {grid.origin_x_m:g} to {x_end:g}, "
            f"y {grid.origin_y_m:g} to {y_end:g} and misses part of the outline",
            f"a map of x {west:g} to {east:g}, y {south:g} to {north:g}",
            "make the map again ('./ronda site map'), or correct its origin or resolution",
        )
        return
    for checkpoint, value in features.checkpoints:
        if outline.contains(Point(checkpoint.pose.x_m, checkpoint.pose.y_m)):
            name = f"checkpoint '{checkpoint.checkpoint_id}'"
            _check_room(grid, checkpoint.pose, name, value, half_width_m)
    for dock, fields in document.docks:
        start = dock.pose.compose(Pose2(-dock.approach_m, 0.0))
        name = f"the start of the approach to dock '{dock.dock_id}'"
        if outline.contains(Point(dock.pose.x_m, dock.pose.y_m)):
            _check_room(grid, start, name, fields["approach_m"], half_width_m)
    for path, coordinates in features.paths:
        if outline.covers(LineString(path.points_m)):
            _check_path_room(grid, path, coordinates, half_width_m)


def _check_path_room(
    grid: OccupancyGrid, path: DrivenPath, coordinates: Value, half_width_m: float
) -> None:
    """Record the first place of a path where the robot has no room."""
    items = coordinates.items()
    for item, (here, there) in zip(items[1:], pairwise(path.points_m), strict=True):
        count = math.ceil(math.dist(here, there) / _ROOM_STEP_M)
        for x_m, y_m in np.linspace(here, there, count + 1):
            name = f"the path '{path.path_id}' at {x_m:.2f}, {y_m:.2f}"
            if not _check_room(grid, Pose2(x_m, y_m), name, item, half_width_m):
                return


def _check_room(
    grid: OccupancyGrid, pose: Pose2, name: str, value: Value, half_width_m: float
) -> bool:
    """Whether the place is free, and no obstacle nearer than the robot's half width; if not, a
    mistake is recorded."""
    row, column = grid.cells_of([(pose.x_m, pose.y_m)])[0]
    rows, columns = grid.cells.shape
    state = grid.cells[row, column] if 0 <= row < rows and 0 <= column < columns else UNKNOWN
    if state != FREE:
        seen = "unknown" if state == UNKNOWN else "an occupied cell"
        value.wrong(
            f"{name} lies in {seen} of the map",
            "a free cell",
            "move it to free space, or make the map again",
        )
        return False
    reach = math.ceil(half_width_m / grid.resolution_m) + 1
    low = np.maximum([row - reach, column - reach], 0)
    window = grid.cells[low[0] : row + reach + 1, low[1] : column + reach + 1]
    blocked = np.argwhere(window != FREE) + low
    if not len(blocked):
        return True
    distances = np.hypot(*(grid.centers_of(blocked) - (pose.x_m, pose.y_m)).T)
    nearest = float(distances.min()) - grid.resolution_m / 2.0
    if nearest < half_width_m:
        value.wrong(
            f"{name} is {nearest:.2f} m from an obstacle of the map",
            f"at least the robot's half width, {half_width_m:g} m",
            "move it away from the obstacle",
        )
    return nearest >= half_width_m
