"""Taught routes: their paths are read and checked, and driven as laps."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.site import DrivenPath, PathRoute, Site, check_site, load_site
from patrol_core.site.features import read_features
from patrol_core.site.paths import CHECKPOINT_WITHIN_M
from patrol_core.site.yaml_tree import Problems, read_json
from patrol_mission.route import STEP_M, lap_legs, lap_poses

YARD = Path(__file__).parents[2] / "sites" / "yard"
RING = [[-5, -3], [5, -3], [5, 3.5], [-5, 3.5], [-5, -3]]
ROUTE = """routes:
  - {id: inner, path: inner_path, speed_mps: 0.6, checkpoints: [gate]}
"""


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    return Path(shutil.copytree(YARD, tmp_path / "yard"))


def teach(folder: Path, points: object, route: str = ROUTE) -> None:
    """Put a path and a route over it into a copy of the yard."""
    zones, site = folder / "zones.geojson", folder / "site.yaml"
    collection = json.loads(zones.read_text())
    collection["features"].append(
        {
            "type": "Feature",
            "properties": {"id": "inner_path", "kind": "path"},
            "geometry": {"type": "LineString", "coordinates": points},
        }
    )
    zones.write_text(json.dumps(collection))
    site.write_text(site.read_text().replace("routes:\n", route))


def site_with(yard: Path, points: object) -> Site:
    teach(yard, points)
    return load_site(yard)


def test_a_taught_route_is_read(yard: Path) -> None:
    site = site_with(yard, RING)
    route = site.route("inner")
    assert route == PathRoute("inner", "inner_path", ("gate",), 0.6)
    path = site.path("inner_path")
    assert path.is_closed
    assert len(path.points_m) == 5
    assert [route.route_id for route in site.routes] == ["inner", "perimeter"]


@pytest.mark.parametrize(
    ("points", "problem", "remedy"),
    [
        ([[-5, -3]], "0.00 m long", "not degrees"),
        ([[-5, -3], [-5, -3]], "stands still", "remove this point"),
        ([[-5, -3], [25, -3]], "a step of 30.0 m", "add points between"),
        ([[-5, -3], [-5, 6], [-5, -3]], "leaves the outline", "inside"),
        ([[-5, -3], [5, -3], [3, 1.5]], "keep-out zone 'tree'", "round the zone"),
        ([[-5, -3], [5, -3], [-1, 1]], "an obstacle of the map", "away from the obstacle"),
        ([[-5, -3], ["5", -3]], "not a number", "unquoted"),
        ([[-5, -3, 0], [5, -3, 0]], "3 numbers", "give two"),
        ([[-5, 4], [-4, 4], [-4, 3.7]], "m from the path 'inner_path'", "move the checkpoint"),
        ([], "0.00 m long", "not degrees"),
    ],
)
def test_a_wrong_path_is_told(yard: Path, points: object, problem: str, remedy: str) -> None:
    teach(yard, points)
    found = check_site(yard).problems
    assert any(problem in p.problem and remedy in p.remedy for p in found), list(map(str, found))
    assert all(p.place is not None and p.place.line and p.expected for p in found)


def test_a_route_that_names_another_path_is_told(yard: Path) -> None:
    teach(yard, RING, ROUTE.replace("inner_path", "iner_path"))
    (problem,) = check_site(yard).problems
    assert problem.problem == "route 'inner' names the unknown path 'iner_path'"
    assert "did you mean 'inner_path'?" in problem.remedy


def test_a_taught_route_has_no_offset(yard: Path) -> None:
    teach(yard, RING, ROUTE.replace("speed_mps: 0.6", "speed_mps: 0.6, offset_m: 1"))
    (problem,) = check_site(yard).problems
    assert "unknown key 'offset_m'" in problem.problem


@given(
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=12,
    )
    | st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30)), max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_any_coordinates_are_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, coordinates: object
) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzzed.geojson"
    feature = {
        "type": "Feature",
        "properties": {"id": "p", "kind": "path"},
        "geometry": {"type": "LineString", "coordinates": coordinates},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    problems = Problems()
    root = read_json(file, "the zones", problems)
    if root is not None:
        features = read_features(root)
        told = [p for p in problems.found if "outline" not in p.problem]
        assert len(features.paths) == 1 or told


def test_a_closed_path_is_a_lap_that_begins_near_the_dock(yard: Path) -> None:
    site = site_with(yard, RING)
    poses = lap_poses(site, site.route("inner"))
    assert poses[0, :2] == pytest.approx([-2.3, -3])
    assert poses[-1, :2] == pytest.approx(poses[0, :2])
    steps = np.linalg.norm(np.diff(poses[:, :2], axis=0), axis=1)
    assert steps.max() < 1.2 * STEP_M
    assert steps.sum() == pytest.approx(33.0, abs=0.2)
    stops = [leg.checkpoint for leg in lap_legs(site, site.route("inner"))]
    assert [stop and stop.checkpoint_id for stop in stops] == ["gate", None]


def test_an_open_path_is_driven_there_and_back_past_each_checkpoint_once(yard: Path) -> None:
    site = site_with(yard, [[-5, -3], [3, -3], [5, -3], [5, 3.5]])
    legs = lap_legs(site, site.route("inner"))
    assert [leg.checkpoint and leg.checkpoint.checkpoint_id for leg in legs] == [
        "gate",
        None,
        None,
    ]
    out, back = legs[1].poses, legs[2].poses
    assert out[-1, :2] == pytest.approx([5, 3.5])
    assert back[0, :2] == pytest.approx([5, 3.5])
    assert back[0, 2] == pytest.approx(-math.pi / 2)
    assert back[-1, :2] == pytest.approx([-5, -3])
    assert sum(leg.length_m for leg in legs) == pytest.approx(33.0, abs=0.3)


def test_a_turn_on_the_spot_ends_a_leg(yard: Path) -> None:
    """Into a nook and out again, the turn driven in short steps, as a hand does."""
    nook = [[4, -3], [4, -1], [4.05, -0.95], [4.1, -1], [4.1, -3.1]]
    site = site_with(yard, [[-5, -3], *nook, [5, -3.1]])
    ends = [leg.poses[-1, :2].round(2).tolist() for leg in lap_legs(site, site.route("inner"))]
    assert [4.05, -0.95] in ends or [4.0, -1.0] in ends
    assert len(ends) == 5


def test_the_bound_for_checkpoints_is_that_of_the_mission() -> None:
    from patrol_mission.run import ON_ROUTE_M

    assert CHECKPOINT_WITHIN_M <= ON_ROUTE_M
    assert not DrivenPath("p", ((0.0, 0.0), (1.0, 0.0))).is_closed
