"""What of a site's files is edited in the console, as lists of plain values.

`zones` and `checkpoints` are features of `zones.geojson`, `routes` and `schedules` entries of
`site.yaml`, each with the keys that it has there (docs/SITES.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from patrol_core.errors import ConfigError, Place
from patrol_core.site.feature_text import write_json
from patrol_core.site.loader import SITE_FILE
from patrol_core.site.rewriting import end_of, plain, rewritten, write_flow
from patrol_core.site.yaml_tree import Problems, Value, parse_json, parse_yaml
from patrol_core.site.zone_watch import ZONES_FILE

Item = Mapping[str, Any]
_FIXED = ("outline", "path")
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Documents:
    """Each in the order of its file."""

    zones: tuple[Item, ...]
    checkpoints: tuple[Item, ...]
    routes: tuple[Item, ...]
    schedules: tuple[Item, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self)


def documents_of(lists: Mapping[str, Sequence[Item]]) -> Documents:
    """From what was sent: keys without a value are left out. Raises ConfigError."""
    try:
        json.dumps(lists, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise ConfigError("a text is no Unicode", expected="text that can be written") from None
    if _depth(lists) > _MAX_DEPTH:
        raise ConfigError("nested too deeply", expected=f"{_MAX_DEPTH} levels at most")
    documents = Documents(**{name: tuple(map(_with_values, lists[name])) for name in lists})
    for zone in documents.zones:
        if _kind(zone) in (*_FIXED, "checkpoint"):
            raise ConfigError(f"a zone is of kind '{_kind(zone)}'", expected="a kind of zone")
    for checkpoint in documents.checkpoints:
        if _kind(checkpoint) != "checkpoint":
            raise ConfigError(
                f"a checkpoint is of kind '{_kind(checkpoint)}'", expected="'checkpoint'"
            )
    return documents


def read_documents(files: Mapping[str, str], folder: Path) -> Documents:
    """From the texts of a site's files. Raises ConfigError where they are not what they shall be
    in the main."""
    site, zones = _roots(files, folder)
    features = _list(zones, "features")
    return Documents(
        zones=tuple(one for one in features if _kind(one) not in (*_FIXED, "checkpoint")),
        checkpoints=tuple(one for one in features if _kind(one) == "checkpoint"),
        routes=tuple(_list(site, "routes")),
        schedules=tuple(_list(site, "schedules")),
    )


def with_documents(files: Mapping[str, str], documents: Documents, folder: Path) -> dict[str, str]:
    """The texts with other documents. What stays the same keeps its bytes.

    Raises ConfigError where a file is written so that this cannot be done.
    """
    site, zones = _roots(files, folder)
    fixed = [one for one in _list(zones, "features") if _kind(one) in _FIXED]
    wanted_zones = plain(zones.node) | {
        "features": [*fixed, *documents.zones, *documents.checkpoints]
    }
    wanted_site = plain(site.node) | {"routes": list(documents.routes)}
    if documents.schedules or "schedules" in wanted_site:
        wanted_site |= {"schedules": list(documents.schedules)}
    changed = {
        SITE_FILE: rewritten(files[SITE_FILE], site.node, wanted_site, write_flow),
        ZONES_FILE: rewritten(files[ZONES_FILE], zones.node, wanted_zones, write_json),
    }
    read_back = _roots(changed, folder)
    for root, wanted in zip(read_back, (wanted_site, wanted_zones), strict=True):
        if _by_ids(plain(root.node)) != _by_ids(wanted):
            raise ConfigError(
                "the file is written in a way that the console cannot change",
                place=Place(root.file), expected="no anchors, no texts over several lines",
                remedy="change it by hand",
            )  # fmt: skip
    return changed


def element_at(files: Mapping[str, str], folder: Path, place: Place) -> str:
    """Which zone, checkpoint, route or schedule has that line, e.g. `zones/tree`; empty: none."""
    try:
        site, zones = _roots(files, folder)
    except ConfigError:
        return ""
    text, line = files.get(place.file.name, ""), place.line or 0
    for root, key in ((zones, "features"), (site, "routes"), (site, "schedules")):
        for item in _nodes(root, key) if root.file.name == place.file.name else ():
            last = text.count("\n", 0, end_of(item)) + 1
            if item.start_mark.line < line <= last:
                value = plain(item)
                told = value.get("properties", value) if isinstance(value, dict) else {}
                name = told.get("id", "") if isinstance(told, dict) else ""
                return f"{_list_of(value) if key == 'features' else key}/{name}"
    return ""


def _list_of(feature: Any) -> str:
    return "checkpoints" if _kind(feature) == "checkpoint" else "zones"


def _roots(files: Mapping[str, str], folder: Path) -> tuple[Value, Value]:
    problems = Problems()
    site = parse_yaml(files[SITE_FILE], folder / SITE_FILE, "the site", problems)
    zones = parse_json(files[ZONES_FILE], folder / ZONES_FILE, "the zones", problems)
    if site is None or zones is None:
        raise problems.found[0]
    for root in (site, zones):
        if not isinstance(root.node, yaml.MappingNode):
            raise ConfigError("is not a mapping", place=root.place, expected="'key: value' pairs")
    return site, zones


def _nodes(root: Value, key: str) -> list[yaml.Node]:
    found = root.peek(key)
    if found is None or not isinstance(found.node, yaml.SequenceNode):
        return []
    return list(found.node.value)


def _list(root: Value, key: str) -> list[Item]:
    values = [plain(node) for node in _nodes(root, key)]
    if not all(isinstance(value, dict) for value in values):
        raise ConfigError(f"'{key}' has entries without keys", place=root.place)
    return values


def _kind(feature: Any) -> str:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    return str(properties.get("kind", "")) if isinstance(properties, Mapping) else ""


def _with_values(value: Any) -> Any:
    """Without keys that have none."""
    if isinstance(value, Mapping):
        return {key: _with_values(one) for key, one in value.items() if one is not None}
    return [_with_values(one) for one in value] if isinstance(value, list) else value


def _depth(value: Any) -> int:
    """Levels of lists and mappings, no more than one above what is allowed."""
    level, depth = [value], 0
    while level and depth <= _MAX_DEPTH:
        depth += 1
        level = [one for outer in level for one in _inner(outer)]
    return depth


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, (list, tuple)):
        yield from value


def _by_ids(root: dict[str, Any]) -> dict[str, Any]:
    """Entries keep the order of the file, whatever was sent: they are compared without it."""
    lists = ("features", "routes", "schedules")
    return {
        key: sorted(value, key=repr) if key in lists and isinstance(value, list) else value
        for key, value in root.items()
    }
