"""Patrol graphs are read or refused with a line; tours come to all vertices and are short."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from _patrol_graphs import PatrolGraph, load_graph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError, RondaError
from patrol_core.geometry import FloatArray
from patrol_mission.unpredictable.ring import IntArray
from patrol_mission.unpredictable.tour import best_tour, tour_ring

TRIANGLE = """3
100
50
0.5
0
0

0
10
10
2
1
E
30
2
S
40

1
40
10
2
0
W
30
2
SW
50

2
10
50
2
0
N
40
1
NE
50
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "some.graph"
    path.write_text(text, encoding="utf-8")
    return path


def edges_of(points: FloatArray) -> FloatArray:
    """All vertices beside each other, as the crow flies."""
    edges: FloatArray = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(edges, np.inf)
    return edges


def length_of(way: IntArray, edges: FloatArray) -> float:
    return float(edges[way, np.roll(way, -1)].sum())


def test_a_graph_is_read_in_metres(tmp_path: Path) -> None:
    graph = load_graph(write(tmp_path, TRIANGLE))
    inf = np.inf
    assert graph.edges_m.tolist() == [[inf, 15.0, 20.0], [15.0, inf, 25.0], [20.0, 25.0, inf]]
    assert graph.places_m.tolist() == [[5.0, 5.0], [20.0, 5.0], [5.0, 25.0]]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [("3\n100", "2\n100", "count of vertices"), ("0.5", "0", "metres a pixel"),
     ("E\n30\n2\nS\n", "E\n-1\n2\nS\n", "some.graph:14: '-1'"),
     ("\nSW\n50", "\n7\n50", "a direction"), ("NE\n50\n", "NE\n", "ends too early"),
     ("NE\n50\n", "NE\n50\n4\n", "more than"),
     ("1\nE\n30", "0\nE\n30", "its own neighbour"),
     ("50\n2\n0\nN\n40\n", "50\n1\n", "2 to name 0"),
     ("\n\n1\n40\n10", "\n\n9\n40\n10", "vertex 1")],
)  # fmt: skip
def test_a_broken_graph_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert TRIANGLE.count(old) == 1
    with pytest.raises(ConfigError, match=r"some\.graph:\d+: ") as caught:
        load_graph(write(tmp_path, TRIANGLE.replace(old, new)))
    assert words in str(caught.value)


def test_a_graph_that_falls_apart_is_refused(tmp_path: Path) -> None:
    pairs = "".join(f"\n{v}\n{v}\n0\n1\n{v ^ 1}\nE\n5\n" for v in range(4))
    with pytest.raises(ConfigError, match="falls apart"):
        load_graph(write(tmp_path, f"4\n9\n9\n0.1\n0\n0\n{pairs}"))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the patrol graph"):
        load_graph(tmp_path / "none.graph")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, len(TRIANGLE)), scrap=st.text(max_size=5), cut=st.integers(0, 9))
def test_whatever_is_in_the_file_it_is_a_graph_or_an_error(
    tmp_path: Path, at: int, scrap: str, cut: int
) -> None:
    path = tmp_path / "some.graph"
    path.write_bytes((TRIANGLE[:at] + scrap + TRIANGLE[at + cut :]).encode())
    try:
        graph = load_graph(path)
    except ConfigError:
        return
    assert isinstance(graph, PatrolGraph)
    assert np.array_equal(graph.edges_m, graph.edges_m.T)
    assert graph.edges_m.min() > 0.0


@pytest.mark.parametrize("seed", range(3))
def test_tours_are_the_shortest_there_are(seed: int) -> None:
    edges = edges_of(np.random.default_rng(seed).uniform(0.0, 100.0, (7, 2)))
    orders = (np.array((0, *order)) for order in itertools.permutations(range(1, 7)))
    shortest = min(length_of(order, edges) for order in orders)
    way = best_tour(edges, np.random.default_rng(0))
    assert length_of(way, edges) == pytest.approx(shortest)


def test_a_tour_of_a_tree_goes_along_each_edge_twice() -> None:
    edges = np.full((6, 6), np.inf)
    for one, other in ((0, 1), (1, 2), (1, 3), (3, 4), (3, 5)):
        edges[one, other] = edges[other, one] = 1.0
    way = best_tour(edges, np.random.default_rng(0))
    assert length_of(way, edges) == 10.0
    ring = tour_ring(way, edges, speed_mps=2.0)
    assert ring.lap_s == 5.0
    assert ring.place_count == 6


def test_there_is_no_tour_of_a_graph_that_falls_apart() -> None:
    edges = np.full((4, 4), np.inf)
    edges[0, 1] = edges[1, 0] = edges[2, 3] = edges[3, 2] = 1.0
    with pytest.raises(RondaError, match="falls apart"):
        best_tour(edges, np.random.default_rng(0))
