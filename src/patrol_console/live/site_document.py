"""The site as a page draws it: outline, zones, checkpoints, docks, routes, and its map."""

from __future__ import annotations

import zlib
from typing import Any

import cv2
import numpy as np

from patrol_console.live.documents import metres, pose_list
from patrol_core.robot import RobotModel
from patrol_core.site.model import Hours, Route, Site, Zone
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid

Document = dict[str, Any]
WALL, OPEN, NOT_KNOWN = (0, 255), (255, 0), (128, 0)
"""Grey and opacity of a cell: a page colours walls as its theme asks; the rest is seen through."""


def site_document(site: Site, robot: RobotModel) -> Document:
    """Everything of the site that is drawn, in metres and radians of `map`."""
    return {
        "name": site.name,
        "timezone": site.timezone,
        "outline": _ring(site.outline_m),
        "zones": [_zone(zone) for zone in site.zones],
        "checkpoints": [
            {"id": c.checkpoint_id, "name": c.name, "at": pose_list(c.pose), "dwell_s": c.dwell_s}
            for c in site.checkpoints
        ],
        "docks": [
            {"id": d.dock_id, "at": pose_list(d.pose), "outline": _ring(d.outline_m)}
            for d in site.docks
        ],
        "routes": [_route(route) for route in site.routes],
        "alarms": [
            {"id": a.alarm_id, "name": a.name, "at": [metres(a.at_m[0]), metres(a.at_m[1])]}
            for a in site.alarms
        ],
        "footprint": _ring(robot.footprint_m()),
    }


def map_document(grid: OccupancyGrid) -> Document:
    """Where the picture of the map lies: its lower left corner and the size of a pixel [m]."""
    rows, columns = grid.cells.shape
    return {
        "resolution_m": grid.resolution_m,
        "origin": [grid.origin_x_m, grid.origin_y_m],
        "width": columns,
        "height": rows,
        "version": f"{zlib.crc32(grid.cells.tobytes()):08x}",
    }


def map_picture(grid: OccupancyGrid) -> bytes:
    """The map as a PNG with opacity, north up: walls are opaque, free ground is clear."""
    picture = np.zeros((*grid.cells.shape, 4), np.uint8)
    for cells, (grey, opacity) in (
        (grid.cells >= OCCUPIED // 2, WALL),
        (grid.cells == FREE, OPEN),
        (grid.cells < FREE, NOT_KNOWN),
    ):
        picture[cells] = (grey, grey, grey, opacity)
    done, encoded = cv2.imencode(".png", picture[::-1])
    assert done, "a picture of bytes can be encoded"
    return encoded.tobytes()


def _zone(zone: Zone) -> Document:
    return {
        "id": zone.zone_id,
        "kind": zone.kind.value,
        "polygon": _ring(zone.polygon_m),
        "speed_mps": zone.speed_limit_mps,
        "hours": [_hours(hours) for hours in zone.hours],
    }


def _hours(hours: Hours) -> Document:
    return {"weekdays": list(hours.weekdays), "from_s": hours.start_s, "to_s": hours.end_s}


def _route(route: Route) -> Document:
    return {
        "id": route.route_id,
        "checkpoints": list(route.checkpoint_ids),
        "unpredictable": route.care.unpredictable,
    }


def _ring(points: Any) -> list[list[float | None]]:
    return [[metres(float(x)), metres(float(y))] for x, y in points]
