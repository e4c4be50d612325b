"""`site.yaml`: name, datum, routes, docks, schedules, blackouts, retention."""

from __future__ import annotations

import math
import zoneinfo
from dataclasses import dataclass, field

from patrol_core.geometry import Pose2
from patrol_core.site.elements_file import CARE_KEYS, read_care, read_stops
from patrol_core.site.features import read_ring
from patrol_core.site.model import (
    AlarmSensor,
    Direction,
    Dock,
    DockMarker,
    PerimeterRoute,
    Retention,
    Route,
)
from patrol_core.site.paths import read_path_route
from patrol_core.site.schedules import Blackout, Schedule
from patrol_core.site.schedules_reader import check_blackouts, read_blackout, read_schedule
from patrol_core.site.site_format import FIRST, FORMAT, KEY
from patrol_core.site.yaml_tree import Value, did_you_mean, repeated


@dataclass(slots=True)
class Document:
    """What `site.yaml` says; lists beside the values that they were read from."""

    name: str = ""
    latitude_rad: float = 0.0
    longitude_rad: float = 0.0
    timezone: str = ""
    map: Value | None = None
    lanes: Value | None = None
    routes: list[tuple[Route, dict[str, Value]]] = field(default_factory=list)
    docks: list[tuple[Dock, dict[str, Value]]] = field(default_factory=list)
    schedules: list[tuple[Schedule, dict[str, Value]]] = field(default_factory=list)
    alarms: list[tuple[AlarmSensor, dict[str, Value]]] = field(default_factory=list)
    blackouts: list[tuple[Blackout, dict[str, Value]]] = field(default_factory=list)
    retention: Retention | None = None


def read_document(root: Value) -> Document:
    """The document, with what is wrong recorded."""
    fields = root.fields(
        ("name", "datum", "timezone", "map", "routes", "docks", "retention"),
        ("schedules", "blackouts", "lanes", "alarms", KEY),
    )
    document = Document()
    if KEY in fields:
        fields[KEY].whole_number(FIRST, FORMAT, "of a site's format")
    if "name" in fields:
        document.name = fields["name"].text() or ""
    if "datum" in fields:
        _read_datum(fields["datum"], document)
    if "timezone" in fields:
        document.timezone = _timezone(fields["timezone"])
    document.map = fields.get("map")
    document.lanes = fields.get("lanes")
    if "retention" in fields:
        document.retention = _retention(fields["retention"])
    for key, read in (("routes", _read_route), ("docks", _read_dock), ("alarms", _read_alarm)):
        values = fields[key].items() if key in fields else []
        for value in values:
            read(value, document)
        if key in fields and not values and key != "alarms":
            fields[key].wrong(f"no {key}", f"at least one of the {key}", f"add one to '{key}'")
    _read_times(fields, document)
    repeated((route.route_id, values["id"]) for route, values in document.routes)
    repeated((dock.dock_id, values["id"]) for dock, values in document.docks)
    repeated(
        (f"marker {dock.marker.marker_id}", values["marker"])
        for dock, values in document.docks
        if dock.marker is not None
    )
    repeated((alarm.alarm_id, values["id"]) for alarm, values in document.alarms)
    return document


def _read_times(fields: dict[str, Value], document: Document) -> None:
    """Schedules and blackouts. One that is wrong itself is still known by its id."""
    values = fields["schedules"].items() if "schedules" in fields else []
    document.schedules = [read for value in values if (read := read_schedule(value)) is not None]
    repeated((plan.schedule_id, values["id"]) for plan, values in document.schedules)
    rests = fields["blackouts"].items() if "blackouts" in fields else []
    document.blackouts = [rest for item in rests if (rest := read_blackout(item)) is not None]
    names = [str(name.node.value) for value in values if (name := value.peek("id")) is not None]
    check_blackouts(document.blackouts, names)


def _read_datum(value: Value, document: Document) -> None:
    fields = value.fields(("latitude_deg", "longitude_deg"))
    if "latitude_deg" in fields:
        latitude = fields["latitude_deg"].number(-90, 90, "degrees north")
        document.latitude_rad = math.radians(latitude or 0.0)
    if "longitude_deg" in fields:
        longitude = fields["longitude_deg"].number(-180, 180, "degrees east")
        document.longitude_rad = math.radians(longitude or 0.0)


def _timezone(value: Value) -> str:
    name = value.text() or ""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = sorted(zoneinfo.available_timezones())
        if name and known:
            value.wrong(
                f"{value.name} is '{name}'",
                "a name of the IANA time zone database",
                did_you_mean(name, known, "write e.g. Europe/Berlin"),
            )
    return name


def _retention(value: Value) -> Retention | None:
    keys = ("incidents_days", "photos_days", "tracks_days")
    fields = value.fields(keys, ("statements_days",))
    days = {key: field.whole_number(1, 3650, "days") for key, field in fields.items()}
    known = {key: count for key, count in days.items() if count is not None}
    return Retention(**known) if known.keys() >= set(keys) else None


def _read_route(value: Value, document: Document) -> None:
    if value.peek("path") is not None:
        taught = read_path_route(value)
        document.routes += [] if taught is None else [taught]
        return
    needed = ("id", "offset_m", "corner_radius_m", "direction", "speed_mps", "checkpoints")
    fields = value.fields(needed, CARE_KEYS)
    if not fields.keys() >= set(needed):
        return
    identifier = fields["id"].identifier()
    offset = fields["offset_m"].number(0.3, 50, "metres")
    radius = fields["corner_radius_m"].number(0, 50, "metres")
    speed = fields["speed_mps"].number(0.1, 3, "metres a second")
    direction = fields["direction"].enum(Direction)
    names, elements = read_stops(fields["checkpoints"])
    repeated(iter(names))
    care = read_care(fields, elements)
    if identifier and offset and radius is not None and speed and direction:
        ids = tuple(name for name, _ in names)
        route = PerimeterRoute(identifier, offset, radius, direction, ids, speed, care)
        document.routes.append((route, fields))


def _read_dock(value: Value, document: Document) -> None:
    needed = ("id", "pose", "outline_m", "approach_m")
    fields = value.fields(needed, ("marker",))
    if not fields.keys() >= set(needed):
        return
    identifier = fields["id"].identifier()
    approach = fields["approach_m"].number(0.3, 5, "metres")
    outline = read_ring(fields["outline_m"], closed=False)
    pose_fields = fields["pose"].fields(("x_m", "y_m", "yaw_deg"))
    if len(pose_fields) < 3:
        return
    x, y = (pose_fields[key].number(-1e5, 1e5, "metres") for key in ("x_m", "y_m"))
    yaw = pose_fields["yaw_deg"].number(-360, 360, "degrees")
    if identifier and approach and outline and x is not None and y is not None and yaw is not None:
        marker = _marker(fields["marker"]) if "marker" in fields else None
        dock = Dock(identifier, Pose2(x, y, math.radians(yaw)), outline, approach, marker)
        document.docks.append((dock, fields))


def _marker(value: Value) -> DockMarker | None:
    fields = value.fields(("id", "edge_m", "ahead_m", "left_m", "height_m"))
    if len(fields) < 5:
        return None
    marker_id = fields["id"].whole_number(0, 49, "a number in the dictionary 4x4_50")
    edge = fields["edge_m"].number(0.05, 1, "metres")
    ahead = fields["ahead_m"].number(0.1, 5, "metres ahead of the docked base_link")
    left = fields["left_m"].number(-3, 3, "metres left of the docked base_link")
    height = fields["height_m"].number(0.05, 3, "metres")
    if marker_id is None or edge is None or ahead is None or left is None or height is None:
        return None
    return DockMarker(marker_id, edge, ahead, left, height)


def _read_alarm(value: Value, document: Document) -> None:
    fields = value.fields(("id", "name", "at"), ("priority",))
    if not fields.keys() >= {"id", "name", "at"}:
        return
    identifier, name = fields["id"].identifier(), fields["name"].text()
    place = fields["at"].point()
    priority: int | None = 70
    if "priority" in fields:
        priority = fields["priority"].whole_number(0, 100, "of 100")
    if identifier and name and place is not None and priority is not None:
        document.alarms.append((AlarmSensor(identifier, name, place, priority), fields))
