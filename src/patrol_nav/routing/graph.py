"""A graph of lanes in `map`, what its edges cost, and the cheapest route over it.

graph = RouteGraph(places_m, starts, ends)
route = RouteSearch(graph, edge_costs(graph, speed_mps=1.2)).route(3, 17)   # edge numbers
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray
from patrol_nav.routing.kernels import search_route

Ints = npt.NDArray[np.int32]


class NoRouteError(RondaError):
    """Two nodes that no open edges join."""


@dataclass(frozen=True, slots=True, eq=False)
class RouteGraph:
    """Directed edges between places, sorted by the node that they leave.

    `places_m` (N, 2) in `map`; `starts`, `ends` (E,) node numbers; `lengths_m` (E,);
    `speed_limits_mps` (E,), infinite where none; `penalties_m` (E,): metres to be added to a
    length, as for crossing a zone. `node_ids`, `edge_ids`: the numbers in the file.
    """

    places_m: FloatArray
    starts: Ints
    ends: Ints
    lengths_m: FloatArray
    speed_limits_mps: FloatArray
    penalties_m: FloatArray
    node_ids: npt.NDArray[np.int64]
    edge_ids: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls,
        places_m: FloatArray,
        starts: npt.ArrayLike,
        ends: npt.ArrayLike,
        *,
        speed_limits_mps: npt.ArrayLike = np.inf,
        penalties_m: npt.ArrayLike = 0.0,
        node_ids: npt.ArrayLike | None = None,
        edge_ids: npt.ArrayLike | None = None,
    ) -> RouteGraph:
        """Edges in any order, each a straight line between its places."""
        begin, end = np.asarray(starts, np.int32), np.asarray(ends, np.int32)
        order = np.argsort(begin, kind="stable")
        count, places = len(begin), np.asarray(places_m, np.float64)
        numbers = np.arange(count) if edge_ids is None else np.asarray(edge_ids)
        nodes = np.arange(len(places)) if node_ids is None else np.asarray(node_ids)
        begin, end = begin[order], end[order]
        return cls(
            places, begin, end, np.linalg.norm(places[end] - places[begin], axis=1),
            np.broadcast_to(np.asarray(speed_limits_mps, np.float64), count)[order],
            np.broadcast_to(np.asarray(penalties_m, np.float64), count)[order],
            nodes.astype(np.int64), numbers.astype(np.int64)[order],
        )  # fmt: skip


def edge_costs(
    graph: RouteGraph, speed_mps: float, *, closed: npt.ArrayLike = (), by_time: bool = True
) -> FloatArray:
    """Seconds (or metres) that each edge costs at a speed; infinite for those in `closed`."""
    costs = graph.lengths_m + graph.penalties_m
    if by_time:
        costs = costs / np.minimum(graph.speed_limits_mps, speed_mps)
    costs[np.asarray(closed, np.int64)] = np.inf
    return np.asarray(costs)


class RouteSearch:
    """Searches one graph at the costs given; set `costs` anew when they change."""

    def __init__(self, graph: RouteGraph, costs: FloatArray) -> None:
        """`costs` (E,): as from `edge_costs`, none below zero."""
        count = len(graph.places_m)
        self._graph = graph
        self._places = np.ascontiguousarray(graph.places_m, np.float32)
        edges = np.bincount(graph.starts, minlength=count)
        self._first_edge = np.concatenate(([0], np.cumsum(edges))).astype(np.int32)
        self._tree: cKDTree | None = None
        self._cost_to = np.empty(count, np.float32)
        self._by_edge = np.empty(count, np.int32)
        self._visited = np.zeros(count, np.int32)
        self._generation = 0
        self.set_costs(costs)

    def set_costs(self, costs: FloatArray) -> None:
        """What edges cost from now on."""
        self._costs = np.ascontiguousarray(costs, np.float32)
        known = np.isfinite(costs) & (self._graph.lengths_m > 0.0)
        rates = costs[known] / self._graph.lengths_m[known]
        self._least = float(rates.min(initial=np.inf)) if len(rates) else 0.0

    def nearest(self, x_m: float, y_m: float) -> int:
        """The node nearest to a point."""
        if self._tree is None:
            self._tree = cKDTree(self._graph.places_m)
        return int(self._tree.query((x_m, y_m))[1])

    def route(self, start: int, goal: int) -> npt.NDArray[np.int64]:
        """Edges of the cheapest route between two nodes, in order. Raises NoRouteError."""
        self._generation += 1
        expanded = search_route(
            self._places, self._first_edge, self._graph.ends, self._costs, self._least,
            start, goal, self._cost_to, self._by_edge, self._visited, self._generation,
        )  # fmt: skip
        if expanded < 0:
            ids = self._graph.node_ids
            raise NoRouteError(
                f"no open route from node {ids[start]} to node {ids[goal]}",
                remedy="open an edge between them, or choose another goal",
            )
        edges, node = [], goal
        while node != start:
            edge = int(self._by_edge[node])
            edges.append(edge)
            node = int(self._graph.starts[edge])
        return np.array(edges[::-1], np.int64)

    def cost_of(self, edges: npt.ArrayLike) -> float:
        """What a route costs."""
        return float(self._costs[np.asarray(edges, np.int64)].sum(dtype=np.float64))
