"""How long the cheapest route over a graph of lanes takes, beside SciPy's Dijkstra.

Grid graphs with 100 to 1 000 000 nodes a metre apart, edges both ways, 1000 random pairs; or
graphs given as GeoJSON. The cost of a route grows with the nodes between start and goal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray
from patrol_nav.routing.geojson import read_route_graph
from patrol_nav.routing.graph import NoRouteError, RouteGraph, RouteSearch, edge_costs
from patrol_sim.rng import stream
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

SIDES = (10, 100, 300, 500, 1000)
GOALS_MS = {90_000: 3.0, 1_000_000: 40.0}
NAV2_MS = {100: 0.0031, 10_000: 0.232, 90_000: 3.75, 250_000: 11.36, 1_000_000: 44.07}
"""nav2_route's published means of 1000 random pairs, on another machine."""
SPEED_MPS = 1.2
PEER_PAIRS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """One graph: means and a percentile [ms]; the greatest difference to the peer's costs."""

    nodes: int
    mean_ms: float
    high_ms: float
    build_ms: float
    peer_ms: float
    difference: float


def grid(side: int) -> RouteGraph:
    """A square grid, a metre from node to node, edges both ways."""
    rows, columns = np.indices((side, side))
    numbers = rows * side + columns
    pairs = [(numbers[:, :-1], numbers[:, 1:]), (numbers[:-1], numbers[1:])]
    one = np.concatenate([first.ravel() for first, _ in pairs])
    other = np.concatenate([second.ravel() for _, second in pairs])
    places = np.column_stack((columns.ravel(), rows.ravel())).astype(np.float64)
    return RouteGraph.of(places, np.append(one, other), np.append(other, one))


def measure(graph: RouteGraph, pairs: int, rng: np.random.Generator) -> Result:
    """Random pairs of nodes; a few of them by SciPy's Dijkstra too."""
    started = time.perf_counter()
    costs = edge_costs(graph, SPEED_MPS)
    search = RouteSearch(graph, costs)
    build_ms = 1e3 * (time.perf_counter() - started)
    nodes = len(graph.places_m)
    ends = rng.integers(0, nodes, (pairs, 2)).tolist()
    times, found = [], []
    for start, goal in ends:
        started = time.perf_counter()
        try:
            cost = search.cost_of(search.route(start, goal))
        except NoRouteError:
            cost = np.inf
        times.append(1e3 * (time.perf_counter() - started))
        found.append(cost)
    matrix = csr_array((costs, (graph.starts, graph.ends)), shape=(nodes, nodes))
    peer_ms, difference = _peer(matrix, ends[:PEER_PAIRS], found)
    high_ms = float(np.percentile(times, 99))
    return Result(nodes, float(np.mean(times)), high_ms, build_ms, peer_ms, difference)


def _peer(
    matrix: csr_array, ends: Sequence[Sequence[int]], found: Sequence[float]
) -> tuple[float, float]:
    times, differences = [], []
    for (start, goal), cost in zip(ends, found, strict=False):
        started = time.perf_counter()
        least: FloatArray = dijkstra(matrix, indices=start)
        times.append(1e3 * (time.perf_counter() - started))
        if np.isfinite(least[goal]) or np.isfinite(cost):
            differences.append(abs(least[goal] - cost) / max(least[goal], 1e-9))
    return float(np.mean(times)), max(differences, default=0.0)


def rows(results: Sequence[Result]) -> list[Row]:
    """The figures; costs must be those of the peer."""
    out = []
    for r in results:
        goal = GOALS_MS.get(r.nodes)
        out += [
            Row(f"{r.nodes} nodes: route, mean", r.mean_ms, "ms", goal=goal, better="lower"),
            Row(f"{r.nodes} nodes: 99th percentile", r.high_ms, "ms", better="lower"),
            Row(f"{r.nodes} nodes: preparation", r.build_ms, "ms", better="lower"),
            Row(f"{r.nodes} nodes: SciPy's Dijkstra, mean", r.peer_ms, "ms", better="lower"),
        ]
        if r.nodes in NAV2_MS:
            what = f"{r.nodes} nodes: nav2_route, as published"
            out.append(Row(what, NAV2_MS[r.nodes], "ms", better="lower"))
    worst = max(r.difference for r in results)
    out.append(Row("greatest difference of costs", worst, "", goal=1e-3, better="lower"))
    return out


def draw(results: Sequence[Result], target: Path) -> None:
    """Time by size, beside the peers."""
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    nodes = [r.nodes for r in results]
    axes.loglog(nodes, [r.mean_ms for r in results], "o-", color="#0b6bcb", label="here")
    axes.loglog(nodes, [r.peer_ms for r in results], "x:", color="#5b6673", label="SciPy")
    axes.loglog(list(NAV2_MS), list(NAV2_MS.values()), "+--", color="#c8321f",
                label="nav2_route, published")  # fmt: skip
    axes.set(xlabel="nodes", ylabel="ms a route, mean")
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False)
    figure.savefig(target, dpi=120)


def _graphs(bench: Bench) -> list[RouteGraph]:
    options = bench.options
    if options.graphs:
        return [read_route_graph(path) for path in options.graphs]
    return [grid(side) for side in (SIDES[:3] if options.quick else SIDES)]


def main() -> int:
    parser = options_parser()
    parser.add_argument("--graphs", type=Path, nargs="+", help="GeoJSON graphs to take instead")
    parser.add_argument("--pairs", type=int, default=1000, help="random pairs of nodes")
    parser.add_argument("--seed", type=int, default=0)
    bench = begin("route", __doc__, parser, "up to 90 000 nodes, 100 pairs")
    options = bench.options
    pairs = 100 if options.quick else options.pairs
    results = []
    try:
        for graph in _graphs(bench):
            result = measure(graph, pairs, stream(options.seed, "bench", "route"))
            results.append(result)
            bench.console.print(f"{result.nodes} nodes: {result.mean_ms:.3g} ms")
    except RondaError as error:
        return bench.fail(error)
    draw(results, bench.picture)
    return bench.answer(rows(results))


if __name__ == "__main__":
    sys.exit(main())
