"""A site of an older format brought to this program's, by changes of text: comments stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from patrol_core.errors import ConfigError
from patrol_core.site.loader import SITE_FILE, SiteError
from patrol_core.site.rewriting import plain, rewritten, write_flow
from patrol_core.site.site_format import FORMAT, KEY, format_of, refuse_newer
from patrol_core.site.yaml_tree import Problems, Value, parse_json, parse_yaml
from patrol_core.site.zone_watch import ZONES_FILE

Step = Callable[[dict[str, str], Path], list[str]]
"""Changes the texts of `site.yaml` and `zones.geojson` in place, and says what it changed."""


@dataclass(frozen=True, slots=True)
class Migration:
    """`files`: the new texts by name; `changes`: in words, with the line in the old text."""

    before: int
    files: Mapping[str, str]
    changes: tuple[str, ...]


def migrated(files: Mapping[str, str], folder: Path) -> Migration:
    """What the site's texts become; without changes where they have this format already.

    `folder` is for messages. Raises ConfigError where a text cannot be read or is newer.
    """
    root = _root(files, SITE_FILE, folder)
    problems = Problems()
    if refuse_newer(root, problems):
        raise problems.found[0]
    before = format_of(root)
    texts = dict(files)
    changes = [said for step in STEPS[before - 1 :] for said in step(texts, folder)]
    if before < FORMAT:
        texts[SITE_FILE] = _numbered(files[SITE_FILE], root)
        changes.append(f"{SITE_FILE}: format {before} becomes {FORMAT}")
    return Migration(before, texts, tuple(changes))


def _drop_actions(texts: dict[str, str], folder: Path) -> list[str]:
    """1 to 2: nothing carried them out."""
    text = texts[ZONES_FILE]
    said = []
    # From the end, so that places before it stay what they are.
    for properties in reversed(_properties(_root(texts, ZONES_FILE, folder))):
        old = plain(properties.node)
        if old.get("kind") == "checkpoint" and "actions" in old:
            line = properties.place.line
            new = {name: value for name, value in old.items() if name != "actions"}
            text = rewritten(text, properties.node, new, json.dumps)
            said.append(
                f"{ZONES_FILE}:{line}: checkpoint '{old.get('id')}' loses 'actions' "
                f"({write_flow(old['actions'])}): nothing carries them out"
            )
    texts[ZONES_FILE] = text
    return said[::-1]


STEPS: tuple[Step, ...] = (_drop_actions,)
"""The nth leads from format n to the next. A step that was ever shipped is never changed."""


def _properties(zones: Value) -> list[Value]:
    features = zones.peek("features")
    if features is None or not isinstance(features.node, yaml.SequenceNode):
        return []
    found = (feature.peek("properties") for feature in features.items())
    return [one for one in found if one and isinstance(one.node, yaml.MappingNode)]


def _numbered(text: str, root: Value) -> str:
    """The text of `site.yaml` with the number; a new one stands before the first key."""
    node = root.node
    if root.peek(KEY) is not None or getattr(node, "flow_style", True):
        return rewritten(text, node, plain(node) | {KEY: FORMAT}, write_flow)
    start = node.start_mark.index
    end = "\r\n" if "\r\n" in text else "\n"
    return f"{text[:start]}{KEY}: {FORMAT}{end}{' ' * node.start_mark.column}{text[start:]}"


def _root(files: Mapping[str, str], name: str, folder: Path) -> Value:
    """Raises ConfigError where the text is no mapping."""
    problems = Problems()
    parse = parse_json if name == ZONES_FILE else parse_yaml
    root = parse(files[name], folder / name, name, problems)
    if root is None:
        raise SiteError(tuple(problems.found))
    if not isinstance(root.node, yaml.MappingNode):
        raise ConfigError(f"{name} is not a mapping", place=root.place, expected="keys and values")
    return root
