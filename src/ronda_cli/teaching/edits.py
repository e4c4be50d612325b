"""Additions to the files of a site that leave every byte of what is there."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import yaml

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import Points
from patrol_core.site.checks_file import CHECKS_FILE
from patrol_core.site.loader import SITE_FILE
from patrol_core.site.model import Checkpoint
from patrol_core.site.yaml_tree import Problems, Value, read_json, read_yaml
from patrol_core.site.zone_watch import ZONES_FILE
from ronda_cli.teaching.taught import TaughtRoute

_POINTS_A_LINE = 6
_AHEAD_M = 2.0


def additions(folder: Path, taught: TaughtRoute) -> dict[str, bytes]:
    """The files of a site that a taught route changes, with their new text. Raises ConfigError
    for files that cannot be read."""
    features = [path_feature(taught), *map(checkpoint_feature, taught.checkpoints)]
    features += [
        polygon_feature(zone_id, "keep_out", corners) for zone_id, corners in taught.keep_outs
    ]
    changed = {
        ZONES_FILE: _with_features(folder / ZONES_FILE, features),
        SITE_FILE: _with_route(folder / SITE_FILE, taught),
    }
    if taught.checks:
        changed[CHECKS_FILE] = _with_checks(folder / CHECKS_FILE, taught)
    return {name: text.encode() for name, text in changed.items()}


def used_ids(file: Path) -> set[str]:
    """The ids of a `zones.geojson`. Raises ConfigError."""
    features = _list(read_json(file, "the zones", problems := Problems()), "features", problems)
    properties = [value.peek("properties") for value in features.items()]
    ids = [None if value is None else value.peek("id") for value in properties]
    return {str(value.node.value) for value in ids if value is not None}


def polygon_feature(feature_id: str, kind: str, corners: Points) -> str:
    """A GeoJSON feature of corners without the closing point."""
    ring = _points([*corners, corners[0]])
    geometry = f'{{"type": "Polygon", "coordinates": [[\n{ring}\n      ]]}}'
    return _feature({"id": feature_id, "kind": kind}, geometry)


def path_feature(taught: TaughtRoute) -> str:
    geometry = f'{{"type": "LineString", "coordinates": [\n{_points(taught.line_m)}\n      ]}}'
    return _feature({"id": taught.path_id, "kind": "path"}, geometry)


def checkpoint_feature(checkpoint: Checkpoint) -> str:
    pose = checkpoint.pose
    properties: dict[str, object] = {
        "id": checkpoint.checkpoint_id, "kind": "checkpoint", "name": checkpoint.name,
        "yaw_deg": round(math.degrees(pose.yaw_rad)), "dwell_s": _plain(checkpoint.dwell_s),
    }  # fmt: skip
    place = json.dumps([round(pose.x_m, 2), round(pose.y_m, 2)])
    return _feature(properties, f'{{"type": "Point", "coordinates": {place}}}')


def _feature(properties: dict[str, object], geometry: str) -> str:
    words = json.dumps(properties, ensure_ascii=False)
    return (
        f'    {{\n      "type": "Feature",\n      "properties": {words},\n'
        f'      "geometry": {geometry}\n    }}'
    )


def _plain(number: float) -> float:
    """As a person writes it: a whole number without its .0."""
    return int(number) if number == int(number) else number


def _points(points: Sequence[tuple[float, float]]) -> str:
    pairs = [json.dumps([x, y]) for x, y in points]
    rows = [pairs[at : at + _POINTS_A_LINE] for at in range(0, len(pairs), _POINTS_A_LINE)]
    return ",\n".join("        " + ", ".join(row) for row in rows)


def _with_features(file: Path, features: Sequence[str]) -> str:
    values = _list(read_json(file, "the zones", problems := Problems()), "features", problems)
    text = file.read_text(encoding="utf-8")
    end = values.items()[-1].node.end_mark.index
    return f"{text[:end]},\n" + ",\n".join(features) + text[end:]


def _with_route(file: Path, taught: TaughtRoute) -> str:
    routes = _list(read_yaml(file, "the site", problems := Problems()), "routes", problems)
    text = file.read_text(encoding="utf-8")
    checkpoints = ", ".join(checkpoint.checkpoint_id for checkpoint in taught.checkpoints)
    fields = (
        f"id: {taught.route_id}", f"path: {taught.path_id}",
        f"speed_mps: {taught.speed_mps:g}", f"checkpoints: [{checkpoints}]",
    )  # fmt: skip
    last = routes.items()[-1].node
    if isinstance(routes.node, yaml.SequenceNode) and routes.node.flow_style:
        end = last.end_mark.index
        return f"{text[:end]}, {{{', '.join(fields)}}}{text[end:]}"
    indent = " " * routes.node.start_mark.column
    entry = f"{indent}- " + f"\n{indent}  ".join(fields) + "\n"
    end = text.find("\n", _last_mark(last)) + 1
    return f"{text[:end]}{entry}{text[end:]}" if end else f"{text}\n{entry}"


def _last_mark(node: yaml.Node) -> int:
    """Where the text of a node ends: the mark of a block is that of what follows it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _last_mark(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _last_mark(node.value[-1])
    return int(node.end_mark.index)


def _with_checks(file: Path, taught: TaughtRoute) -> str:
    """With an entry to complete for each, as a comment: half an entry would be a mistake."""
    places = {checkpoint.checkpoint_id: checkpoint for checkpoint in taught.checkpoints}
    text = "checks: []  # take the [] away with the first entry\n"
    if file.is_file():
        text = file.read_text(encoding="utf-8").rstrip("\n") + "\n"
    return text + "".join(_check(places[checkpoint_id]) for checkpoint_id in taught.checks)


def _check(checkpoint: Checkpoint) -> str:
    pose = checkpoint.pose
    x_m = pose.x_m + _AHEAD_M * math.cos(pose.yaw_rad)
    y_m = pose.y_m + _AHEAD_M * math.sin(pose.yaw_rad)
    facing_deg = round(math.degrees(pose.yaw_rad)) % 360 - 180
    return (
        f"  # To complete (docs/SITES.md, Checks): what to read from '{checkpoint.name}'.\n"
        f"  # The place is {_AHEAD_M:g} m ahead of where the robot stood, and faces it.\n"
        f"  # Then take away the '# ' of each line.\n"
        f"  # - id: {checkpoint.checkpoint_id}_check\n"
        f"  #   name: \n"
        f"  #   kind: \n"
        f"  #   checkpoint: {checkpoint.checkpoint_id}\n"
        f"  #   place: {{x_m: {x_m:.2f}, y_m: {y_m:.2f}, height_m: 1.0, "
        f"facing_deg: {facing_deg}}}\n"
    )


def _list(root: Value | None, key: str, problems: Problems) -> Value:
    """The list of that name, with something in it. Raises ConfigError."""
    if root is None:
        raise problems.found[0]
    found = root.peek(key)
    if found is None or not found.items():
        raise ConfigError(
            f"there is no list '{key}' to add to", place=Place(root.file),
            expected=f"'{key}' with at least one entry",
            remedy="'./ronda site check' says what is wrong with the site",
        )  # fmt: skip
    return found
