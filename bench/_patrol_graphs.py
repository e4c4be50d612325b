"""Patrol graphs in the format of patrolling_sim: numbers and words in a row, one item each."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import connected_components

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray

MOST_VERTICES = 2000
DIRECTION = re.compile(r"[A-Za-z]{1,2}")


@dataclass(frozen=True, slots=True, eq=False)
class PatrolGraph:
    """places_m: (V, 2) with y downwards, as in the picture. edges_m: (V, V) lengths, the same both
    ways, infinite where there is no edge."""

    name: str
    places_m: FloatArray
    edges_m: FloatArray


class _Items:
    """The file's items in order; what is wrong is told with its line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise ConfigError(
                f"cannot read the patrol graph: {reason}", place=Place(path)
            ) from error
        self._items = [(line, n) for n, text in enumerate(lines, 1) for line in text.split()]
        self._next = 0

    def wrong(self, problem: str, expected: str) -> ConfigError:
        """An error at the item that was read last."""
        at = min(max(self._next - 1, 0), len(self._items) - 1)
        line = self._items[at][1] if self._items else None
        return ConfigError(
            problem, place=Place(self._path, line), expected=expected,
            remedy="see patrol graphs in BENCHMARKS.md",
        )  # fmt: skip

    def word(self, what: str) -> str:
        if self._next >= len(self._items):
            raise self.wrong("the file ends too early", what)
        self._next += 1
        return self._items[self._next - 1][0]

    def whole(self, what: str, low: int, high: int) -> int:
        word = self.word(what)
        if not re.fullmatch(r"-?[0-9]{1,9}", word) or not low <= int(word) <= high:
            raise self.wrong(f"'{word[:20]}'", f"{what}: a whole number from {low} to {high}")
        return int(word)

    def number(self, what: str, above: float) -> float:
        word = self.word(what)
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > above):
            raise self.wrong(f"'{word[:20]}'", f"{what}: a number above {above:g}")
        return value

    def end(self) -> None:
        if self._next < len(self._items):
            self._next += 1
            raise self.wrong("more than the last vertex", "the end of the file")


def load_graph(path: Path) -> PatrolGraph:
    """Raises ConfigError, with the line, for what is no connected graph of at least 3 vertices.

    Count of vertices, width and height of the picture, metres a pixel, two offsets; then of each
    vertex its number, x, y, count of neighbours, and of each neighbour number, direction and cost
    in pixels. Of a neighbour named twice the lower cost counts; where the costs
    of both ways differ, the higher one.
    """
    items = _Items(path)
    count = items.whole("the count of vertices", 3, MOST_VERTICES)
    for what in ("width", "height"):
        items.whole(f"the {what} in pixels", 1, 10**6)
    scale_m = items.number("metres a pixel", 0.0)
    for axis in "xy":
        items.number(f"the offset in {axis}", -1e9)
    places, costs = np.zeros((count, 2)), np.full((count, count), np.inf)
    for vertex in range(count):
        _read_vertex(items, vertex, places, costs)
    items.end()
    if not np.array_equal(np.isfinite(costs), np.isfinite(costs.T)):
        one, other = np.argwhere(np.isfinite(costs) & ~np.isfinite(costs.T))[0]
        problem = f"vertex {one} is a neighbour of {other}"
        raise items.wrong(problem, f"{other} to name {one} as its neighbour, too")
    if connected_components(np.isfinite(costs))[0] > 1:
        raise items.wrong("the graph falls apart", "a way from each vertex to each other one")
    return PatrolGraph(path.stem, places * scale_m, np.maximum(costs, costs.T) * scale_m)


def _read_vertex(items: _Items, vertex: int, places: FloatArray, costs: FloatArray) -> None:
    items.whole(f"vertex {vertex}", vertex, vertex)
    places[vertex] = [items.whole(f"{axis} of vertex {vertex}", -(10**6), 10**6) for axis in "xy"]
    count = len(costs)
    for _ in range(items.whole("the count of neighbours", 1, count - 1)):
        other = items.whole("a neighbour", 0, count - 1)
        direction = items.word("a direction")
        if not DIRECTION.fullmatch(direction):
            raise items.wrong(f"'{direction[:20]}'", "a direction: one or two letters")
        cost = items.number("a cost in pixels", 0.0)
        if other == vertex:
            raise items.wrong(f"vertex {vertex} is its own neighbour", "another vertex")
        costs[vertex, other] = min(costs[vertex, other], cost)
