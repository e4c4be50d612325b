"""Routes over graphs of lanes against SciPy's Dijkstra, and graph files right and wrong."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrol_core.errors import ConfigError
from patrol_nav.routing.geojson import read_route_graph
from patrol_nav.routing.graph import NoRouteError, RouteGraph, RouteSearch, edge_costs


def random_graph(rng: np.random.Generator, nodes: int = 60, edges: int = 200) -> RouteGraph:
    return RouteGraph.of(
        rng.uniform(0.0, 50.0, (nodes, 2)),
        rng.integers(0, nodes, edges),
        rng.integers(0, nodes, edges),
        speed_limits_mps=rng.choice([0.5, 1.0, np.inf], edges),
        penalties_m=rng.choice([0.0, 20.0], edges),
    )


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("by_time", [True, False])
def test_the_route_is_the_cheapest(seed: int, by_time: bool) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng)
    costs = edge_costs(graph, 1.2, by_time=by_time)
    search = RouteSearch(graph, costs)
    least: dict[tuple[int, int], float] = {}
    for start, end, cost in zip(graph.starts, graph.ends, costs, strict=True):
        pair = (int(start), int(end))
        least[pair] = min(cost, least.get(pair, math.inf))
    matrix = csr_array((list(least.values()), np.array(list(least)).T), shape=(60, 60))
    for start, goal in rng.integers(0, 60, (20, 2)).tolist():
        best = dijkstra(matrix, indices=start)[goal]
        if math.isinf(best):
            with pytest.raises(NoRouteError):
                search.route(start, goal)
            continue
        edges = search.route(start, goal)
        assert search.cost_of(edges) == pytest.approx(best, rel=1e-4)
        if start != goal:
            assert (graph.starts[edges[0]], graph.ends[edges[-1]]) == (start, goal)
            np.testing.assert_array_equal(graph.ends[edges[:-1]], graph.starts[edges[1:]])


def square() -> RouteGraph:
    """Four corners; the way over node 1 is shorter, that over node 3 is longer."""
    places = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 12.0)])
    return RouteGraph.of(places, [0, 1, 0, 3], [1, 2, 3, 2], edge_ids=[7, 8, 9, 10])


def test_a_closed_edge_is_gone_round_and_opened_again() -> None:
    graph = square()
    search = RouteSearch(graph, edge_costs(graph, 1.0))
    assert graph.edge_ids[search.route(0, 2)].tolist() == [7, 8]
    shut = np.flatnonzero(graph.edge_ids == 8)
    search.set_costs(edge_costs(graph, 1.0, closed=shut))
    assert graph.edge_ids[search.route(0, 2)].tolist() == [9, 10]
    search.set_costs(edge_costs(graph, 1.0, closed=np.arange(4)))
    with pytest.raises(NoRouteError, match="from node 0 to node 2"):
        search.route(0, 2)
    search.set_costs(edge_costs(graph, 1.0))
    assert len(search.route(0, 2)) == 2
    assert search.nearest(9.0, 11.0) == 2


def document() -> dict[str, Any]:
    """Two nodes and an edge, as Nav2 writes them."""

    def node(number: int, x: float) -> dict[str, Any]:
        return {
            "type": "Feature", "properties": {"id": number, "frame": "map"},
            "geometry": {"type": "Point", "coordinates": [x, 0.0]},
        }  # fmt: skip

    edge = {
        "type": "Feature", "geometry": {"type": "MultiLineString"},
        "properties": {
            "id": 4, "startid": 0, "endid": 3, "cost": 0.0, "overridable": True,
            "metadata": {"speed_limit": 0.8, "penalty": 2.0, "aisle": 14},
            "operations": {"photo": {"trigger": "ON_EXIT", "type": "take_picture"}},
        },
    }  # fmt: skip
    return {
        "type": "FeatureCollection",
        "name": "g",
        "features": [node(0, 0.0), node(3, 6.0), edge],
    }


def test_a_file_of_the_route_server_is_read(tmp_path: Path) -> None:
    file = tmp_path / "graph.geojson"
    file.write_text(json.dumps(document(), indent=1), encoding="utf-8")
    graph = read_route_graph(file)
    assert graph.node_ids.tolist() == [0, 3]
    assert graph.edge_ids.tolist() == [4]
    assert graph.lengths_m.tolist() == [6.0]
    assert edge_costs(graph, 1.2).tolist() == pytest.approx([(6.0 + 2.0) / 0.8])


@pytest.mark.parametrize(
    ("change", "says", "feature"),
    [
        (lambda f: f[1]["properties"].update(id=0), "node 0 is there twice", 1),
        (lambda f: f[1]["properties"].update(id="a"), "'id' is 'a'", 1),
        (lambda f: f[0]["properties"].update(frame="odom"), "frame 'odom'", 0),
        (lambda f: f[0]["geometry"].update(coordinates=[1.0]), "node 0 has no place", 0),
        (lambda f: f[0].pop("properties"), "no properties", 0),
        (lambda f: f[2]["properties"].update(endid=5), "node 5, which is not there", 2),
        (lambda f: f[2]["properties"].update(metadata=3), "'metadata' of edge 4", 2),
        (lambda f: f[2]["properties"]["metadata"].update(speed_limit=0), "'speed_limit'", 2),
        (lambda f: f[2]["properties"]["metadata"].update(penalty=-1), "'penalty'", 2),
        (lambda f: f.append(copy.deepcopy(f[2])), "edge 4 is there twice", 3),
        (lambda f: f.append(3), "not an object", 3),
        (lambda f: f.clear(), "no nodes", None),
    ],
)
def test_a_wrong_file_is_told_with_its_line(
    tmp_path: Path, change: Any, says: str, feature: int | None
) -> None:
    file, wrong = tmp_path / "graph.geojson", document()
    change(wrong["features"])
    text = json.dumps(wrong, indent=1)
    begins = [i for i, row in enumerate(text.splitlines(), 1) if row in ("  {", "  3")]
    line = 1 if feature is None else begins[feature]
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=says) as caught:
        read_route_graph(file)
    assert f":{line}" in str(caught.value)


@given(st.integers(0, 900), st.sampled_from(["", "}", "[", '"', "\x00", "1e999", "é"]))
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, put: str
) -> None:
    text = json.dumps(document(), indent=1)
    file = tmp_path_factory.mktemp("graph") / "graph.geojson"
    file.write_text(text[:at] + put + text[at + 1 :], encoding="utf-8")
    try:
        graph = read_route_graph(file)
    except ConfigError:
        return
    assert np.isfinite(graph.places_m).all()


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_route_graph(tmp_path / "missing.geojson")
