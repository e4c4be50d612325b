"""GeoJSON features as text, as people find them in `zones.geojson`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from patrol_core.geometry import Points
from patrol_core.site.model import Checkpoint

_POINTS_A_LINE = 6


def polygon_feature(feature_id: str, kind: str, corners: Points) -> str:
    """A GeoJSON feature of corners without the closing point."""
    ring = [*corners, corners[0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return _indented({"id": feature_id, "kind": kind}, geometry)


def path_feature(path_id: str, points_m: Points) -> str:
    geometry = {"type": "LineString", "coordinates": list(points_m)}
    return _indented({"id": path_id, "kind": "path"}, geometry)


def checkpoint_feature(checkpoint: Checkpoint) -> str:
    pose = checkpoint.pose
    properties: dict[str, object] = {
        "id": checkpoint.checkpoint_id, "kind": "checkpoint", "name": checkpoint.name,
        "yaw_deg": round(math.degrees(pose.yaw_rad)), "dwell_s": _plain(checkpoint.dwell_s),
    }  # fmt: skip
    place = [round(pose.x_m, 2), round(pose.y_m, 2)]
    return _indented(properties, {"type": "Point", "coordinates": place})


def write_json(value: Any) -> str:
    """A value of the file: features in the form of their neighbours, lines and rings with a few
    points a line, everything else in one line.
    """
    if isinstance(value, Mapping) and value.keys() == {"type", "properties", "geometry"}:
        return _feature(value["properties"], value["geometry"])
    if isinstance(value, Mapping):
        pairs = (f"{_line(str(key))}: {write_json(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if _are_points(value):
        return f"[\n{_points(value)}\n      ]"
    if isinstance(value, (list, tuple)) and len(value) == 1 and _are_points(value[0]):
        return f"[[\n{_points(value[0])}\n      ]]"
    return _line(value)


def _indented(properties: Mapping[str, object], geometry: Mapping[str, object]) -> str:
    return f"    {_feature(properties, geometry)}"


def _feature(properties: Any, geometry: Any) -> str:
    return (
        f'{{\n      "type": "Feature",\n      "properties": {_line(properties)},\n'
        f'      "geometry": {write_json(geometry)}\n    }}'
    )


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _are_points(value: Any) -> bool:
    """A list of pairs."""
    return (
        isinstance(value, (list, tuple))
        and len(value) > 1
        and all(isinstance(one, (list, tuple)) and len(one) == 2 for one in value)
        and not any(isinstance(one, (list, tuple)) for pair in value for one in pair)
    )


def _points(points: Sequence[Any]) -> str:
    pairs = [_line(pair) for pair in points]
    rows = [pairs[at : at + _POINTS_A_LINE] for at in range(0, len(pairs), _POINTS_A_LINE)]
    return ",\n".join("        " + ", ".join(row) for row in rows)


def _plain(number: float) -> float:
    """As a person writes it: a whole number without its .0."""
    return int(number) if number == int(number) else number
