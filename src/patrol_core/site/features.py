"""`zones.geojson`: the outline, zones, checkpoints and paths as GeoJSON features in local metres.

Each feature's properties carry `id` and `kind`. Polygons: outline, keep_out, keep_clear, speed,
preferred, privacy, public. Points: checkpoint. Lines: path. Source of the form: RFC 7946;
coordinates are metres, not degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import shapely
import yaml
from shapely.geometry import Polygon
from shapely.validation import explain_validity

from patrol_core.geometry import Pose2
from patrol_core.site.hours import read_hours
from patrol_core.site.model import Checkpoint, DrivenPath, Zone, ZoneKind
from patrol_core.site.paths import read_path
from patrol_core.site.yaml_tree import Value, repeated

_ZONE_KINDS = tuple(kind.value for kind in ZoneKind)
_KINDS = ("outline", *_ZONE_KINDS, "checkpoint", "path")
_SMALLEST_M2 = 0.01

Corners = tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Features:
    """What the file holds; each beside the value that it was read from."""

    outlines: list[tuple[Corners, Value]] = field(default_factory=list)
    outline_count: int = 0
    zones: list[tuple[Zone, Value]] = field(default_factory=list)
    checkpoints: list[tuple[Checkpoint, Value]] = field(default_factory=list)
    paths: list[tuple[DrivenPath, Value]] = field(default_factory=list)


def read_features(root: Value) -> Features:
    """Every feature that is right; what is wrong is recorded."""
    features = Features()
    fields = root.fields(("type", "features"))
    if "type" in fields:
        fields["type"].one_of(("FeatureCollection",))
    ids: list[tuple[str, Value]] = []
    for value in fields["features"].items() if "features" in fields else []:
        _read_feature(value, features, ids)
    repeated(iter(ids))
    if features.outline_count != 1:
        root.wrong(
            f"{features.outline_count} features are of kind 'outline'",
            "exactly one outline",
            "keep one outline" if features.outline_count else "add the site's outline",
        )
    return features


def _read_feature(value: Value, features: Features, ids: list[tuple[str, Value]]) -> None:
    fields = value.fields(("type", "properties", "geometry"), ("id",))
    if "type" in fields:
        fields["type"].one_of(("Feature",))
    if "properties" not in fields or "geometry" not in fields:
        return
    kind = _peek_kind(fields["properties"])
    if kind is None:
        return
    properties = _properties(fields["properties"], kind)
    if "id" in properties:
        identifier = properties["id"].identifier()
        if identifier is not None:
            ids.append((identifier, properties["id"]))
            _add(kind, identifier, properties, fields["geometry"], features)


def _peek_kind(properties: Value) -> str | None:
    """The kind decides which other keys may stand beside it."""
    pairs = properties.node.value if isinstance(properties.node, yaml.MappingNode) else []
    keys = [key.value for key, _ in pairs if isinstance(key, yaml.ScalarNode)]
    if "kind" not in keys:
        properties.fields(("id", "kind"), [key for key in keys if key not in ("id", "kind")])
        return None
    return properties.fields(("kind",), keys)["kind"].one_of(_KINDS)


def _properties(properties: Value, kind: str) -> dict[str, Value]:
    if kind in ("outline", "path"):
        return properties.fields(("id", "kind"), ("name",))
    if kind == "checkpoint":
        return properties.fields(("id", "kind", "name", "yaw_deg", "dwell_s"))
    if kind == "speed":
        return properties.fields(("id", "kind", "speed_limit_mps"), ("name", "hours"))
    return properties.fields(("id", "kind"), ("name", "hours"))


def _add(
    kind: str, identifier: str, properties: dict[str, Value], geometry: Value, features: Features
) -> None:
    if kind == "checkpoint":
        checkpoint = _checkpoint(identifier, properties, geometry)
        if checkpoint is not None:
            features.checkpoints.append((checkpoint, geometry))
        return
    if kind == "path":
        coordinates = _coordinates(geometry, "LineString")
        path = None if coordinates is None else read_path(identifier, coordinates)
        if path is not None and coordinates is not None:
            features.paths.append((path, coordinates))
        return
    features.outline_count += kind == "outline"
    corners = _polygon(geometry)
    hours = read_hours(properties["hours"]) if "hours" in properties else ()
    limit_mps = None
    if kind == "speed" and "speed_limit_mps" in properties:
        limit_mps = properties["speed_limit_mps"].number(0.1, 3.0, "metres a second")
    if corners is None:
        return
    if kind == "outline":
        features.outlines.append((corners, geometry))
    else:
        zone = Zone(identifier, ZoneKind(kind), corners, limit_mps, hours)
        features.zones.append((zone, geometry))


def _checkpoint(
    identifier: str, properties: dict[str, Value], geometry: Value
) -> Checkpoint | None:
    coordinates = _coordinates(geometry, "Point")
    place = None if coordinates is None else coordinates.point()
    name = properties["name"].text() if "name" in properties else None
    yaw_deg = (
        properties["yaw_deg"].number(-360, 360, "degrees") if "yaw_deg" in properties else None
    )
    dwell_s = properties["dwell_s"].number(0, 3600, "seconds") if "dwell_s" in properties else None
    if place is None or name is None or yaw_deg is None or dwell_s is None:
        return None
    return Checkpoint(identifier, name, Pose2(*place, math.radians(yaw_deg)), dwell_s)


def _coordinates(geometry: Value, kind: str) -> Value | None:
    fields = geometry.fields(("type", "coordinates"))
    if "type" in fields and fields["type"].one_of((kind,)) is None:
        return None
    return fields.get("coordinates")


def _polygon(geometry: Value) -> Corners | None:
    """The outer ring without its closing point, counter-clockwise."""
    coordinates = _coordinates(geometry, "Polygon")
    if coordinates is None:
        return None
    rings = coordinates.items()
    if not rings:
        coordinates.wrong("the polygon has no ring", "one ring", "write [[[x, y], ...]]")
        return None
    if len(rings) > 1:
        hole = rings[1].items()[0] if rings[1].items() else rings[1]
        hole.wrong("the polygon has a hole", "one ring", "drop the hole, or make two zones")
    return read_ring(rings[0], closed=True)


def read_ring(ring: Value, *, closed: bool) -> Corners | None:
    """Corners, counter-clockwise; a closed ring ends in its first point, which is dropped."""
    points = [item.point() for item in ring.items()]
    corners = [point for point in points if point is not None]
    if len(corners) < len(points):
        return None
    if not corners:
        ring.wrong("the polygon has no corners", "three or more", "add corners")
        return None
    if closed and (corners[0] != corners[-1] or len(corners) == 1):
        ring.items()[-1].wrong(
            "the ring is open: its last point is not its first",
            f"the ring to end in {list(corners[0])}",
            "close the ring: repeat its first point at its end",
        )
        return None
    corners = corners[:-1] if closed else corners
    if len(corners) < 3:
        problem = f"the polygon has {len(corners)} corners"
        ring.items()[0].wrong(problem, "three or more", "add corners")
        return None
    return _simple(ring, corners)


def _simple(ring: Value, corners: list[tuple[float, float]]) -> Corners | None:
    polygon = Polygon(corners)
    if not polygon.is_valid:
        reason = explain_validity(polygon)
        _nearest(ring, corners, reason).wrong(
            f"the polygon crosses or touches itself: {reason}",
            "a ring that does not cross itself",
            "reorder or move the corners there",
        )
        return None
    if polygon.area < _SMALLEST_M2:
        ring.items()[0].wrong(
            f"the polygon's area is {polygon.area:.3g} m2",
            "a polygon with an inside",
            "check the unit: coordinates are metres, not degrees",
        )
        return None
    ring_ccw = shapely.orient_polygons(polygon).exterior
    return tuple((float(x), float(y)) for x, y in ring_ccw.coords[:-1])


def _nearest(ring: Value, corners: list[tuple[float, float]], reason: str) -> Value:
    """The corner nearest to the place that shapely names at the end of its reason."""
    x, y = map(float, reason.partition("[")[2].rstrip("]").split()[:2])
    distances = [math.hypot(x - corner[0], y - corner[1]) for corner in corners]
    return ring.items()[distances.index(min(distances))]
