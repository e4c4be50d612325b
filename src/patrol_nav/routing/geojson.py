"""Route graphs as GeoJSON, in the form that Nav2's route server reads and writes.

Nodes are features with a Point and the properties `id` and, if any, `frame`; edges are features
with `id`, `startid` and `endid`, and if any `metadata` with `speed_limit` [m/s] and `penalty` [m].
Other properties are left alone. Coordinates are metres in `map` (RFC 7946 apart from that).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from patrol_core.errors import ConfigError, Place
from patrol_nav.routing.graph import RouteGraph

_WORD = '"features"'


@dataclass(slots=True)
class _Edges:
    ids: list[int] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    speed_limits_mps: list[float] = field(default_factory=list)
    penalties_m: list[float] = field(default_factory=list)


class _Reader:
    """Reads one file; whatever is wrong is told with the line on which its feature begins."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._nodes: dict[int, tuple[float, float]] = {}
        self._edges = _Edges()
        self._seen: set[int] = set()

    def read(self) -> RouteGraph:
        for feature, line in self._features():
            if not isinstance(feature, dict):
                raise self._wrong(line, "a feature is not an object", '{"type": "Feature", ...}')
            properties, geometry = feature.get("properties"), feature.get("geometry")
            if not isinstance(properties, dict):
                raise self._wrong(line, "a feature has no properties", "an object with an 'id'")
            if "startid" in properties or "endid" in properties:
                self._edge(properties, line)
            else:
                self._node(properties, geometry, line)
        if not self._nodes:
            raise self._wrong(1, "there are no nodes", "features with a Point")
        return self._graph()

    def _features(self) -> Iterator[tuple[Any, int]]:
        """Every feature with its line. They are decoded one by one, so that lines are known."""
        try:
            text = self._file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ConfigError(
                f"cannot be read: {reason}", place=Place(self._file),
                expected="a GeoJSON file", remedy="check the path",
            ) from error  # fmt: skip
        decoder = json.JSONDecoder()
        at = text.find("[", text.find(_WORD) + len(_WORD)) + 1 if _WORD in text else 0
        if at == 0:
            raise self._wrong(1, "there is no list 'features'", "a FeatureCollection")
        line, counted = 1, 0
        while True:
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1
            line += text.count("\n", counted, at)
            counted = at
            if at < len(text) and text[at] == "]":
                return
            try:
                feature, at = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, RecursionError) as error:
                where = error.lineno if isinstance(error, json.JSONDecodeError) else line
                raise self._wrong(where, "not valid JSON", "features up to a ']'") from error
            yield feature, line

    def _node(self, properties: dict[str, Any], geometry: Any, line: int) -> None:
        number = self._id(properties, "id", line)
        if number in self._nodes:
            raise self._wrong(line, f"node {number} is there twice", "each id once")
        frame = properties.get("frame", "map")
        if frame != "map":
            raise self._wrong(line, f"node {number} is in frame '{frame}'", "frame 'map'")
        point = geometry.get("coordinates") if isinstance(geometry, dict) else None
        pair = point[:2] if isinstance(point, list) else []
        if len(pair) != 2 or not all(map(_is_finite, pair)):
            raise self._wrong(line, f"node {number} has no place", "coordinates [x, y] in metres")
        self._nodes[number] = (float(pair[0]), float(pair[1]))

    def _edge(self, properties: dict[str, Any], line: int) -> None:
        number = self._id(properties, "id", line)
        if number in self._seen:
            raise self._wrong(line, f"edge {number} is there twice", "each id once")
        self._seen.add(number)
        metadata = properties.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise self._wrong(line, f"'metadata' of edge {number} is no object", "an object")
        limit, penalty = metadata.get("speed_limit", math.inf), metadata.get("penalty", 0.0)
        if limit is not math.inf and not (_is_finite(limit) and limit > 0.0):
            raise self._wrong(line, f"'speed_limit' of edge {number} is {limit}", "m/s above 0")
        if not (_is_finite(penalty) and penalty >= 0.0):
            raise self._wrong(line, f"'penalty' of edge {number} is {penalty}", "0 m or more")
        edges = self._edges
        edges.ids.append(number)
        edges.ends.append((self._id(properties, "startid", line),
                           self._id(properties, "endid", line)))  # fmt: skip
        edges.lines.append(line)
        edges.speed_limits_mps.append(float(limit))
        edges.penalties_m.append(float(penalty))

    def _graph(self) -> RouteGraph:
        index = {number: i for i, number in enumerate(self._nodes)}
        edges = self._edges
        for number, ends, line in zip(edges.ids, edges.ends, edges.lines, strict=True):
            for end in ends:
                if end not in index:
                    problem = f"edge {number} joins node {end}, which is not there"
                    raise self._wrong(line, problem, "the id of a node")
        return RouteGraph.of(
            np.array(list(self._nodes.values())),
            [index[start] for start, _ in edges.ends],
            [index[end] for _, end in edges.ends],
            speed_limits_mps=edges.speed_limits_mps,
            penalties_m=edges.penalties_m,
            node_ids=list(self._nodes),
            edge_ids=edges.ids,
        )

    def _id(self, properties: dict[str, Any], key: str, line: int) -> int:
        number = properties.get(key)
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise self._wrong(line, f"'{key}' is {number!r}", "a whole number, 0 or more")
        return number

    def _wrong(self, line: int, problem: str, expected: str) -> ConfigError:
        return ConfigError(
            problem, place=Place(self._file, line), expected=expected, remedy="mend this feature"
        )


def read_route_graph(file: Path) -> RouteGraph:
    """The graph of a file. Raises ConfigError with file, line and what was expected."""
    return _Reader(file).read()


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
