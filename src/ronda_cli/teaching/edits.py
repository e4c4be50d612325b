"""Additions to the files of a site that leave every byte of what is there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import yaml

from patrol_core.errors import ConfigError, Place
from patrol_core.site.checks_file import CHECKS_FILE
from patrol_core.site.feature_text import checkpoint_feature, path_feature, polygon_feature
from patrol_core.site.loader import SITE_FILE
from patrol_core.site.model import Checkpoint
from patrol_core.site.rewriting import end_of
from patrol_core.site.yaml_tree import Problems, Value, read_json, read_yaml
from patrol_core.site.zone_watch import ZONES_FILE
from ronda_cli.teaching.taught import TaughtRoute

_AHEAD_M = 2.0


def additions(folder: Path, taught: TaughtRoute) -> dict[str, bytes]:
    """The files of a site that a taught route changes, with their new text. Raises ConfigError
    for files that cannot be read."""
    features = [
        path_feature(taught.path_id, taught.line_m),
        *map(checkpoint_feature, taught.checkpoints),
    ]
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
    end = text.find("\n", end_of(last)) + 1
    return f"{text[:end]}{entry}{text[end:]}" if end else f"{text}\n{entry}"


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
