"""The BARN benchmark: its worlds, its metric, and what it says of a broken file."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _barn_run import Run, overrides, run_of
from _barn_worlds import START, development_world, development_worlds, load_worlds

from patrol_core.errors import ConfigError
from patrol_core.params import make_params
from patrol_gate.params import GateParams
from patrol_nav.params import NavParams

WORLD = {"cylinders_xy_m": [[-1.0, 6.0], [-3.0, 7.0]], "path_xy_m": [[-2.25, 5.0], [-2.25, 9.0]]}


def write(folder: Path, document: Any) -> Path:
    path = folder / "worlds.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_worlds_are_read_in_their_order(tmp_path: Path) -> None:
    path = write(tmp_path, {"radius_m": 0.075, "worlds": {"3": WORLD, "1": WORLD}})
    worlds = load_worlds(path)
    assert [world.name for world in worlds] == ["3", "1"]
    assert worlds[0].posts_m.shape == (2, 2)
    assert worlds[0].length_m == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("no json", "cannot be read"),
        ([], "no 'worlds'"),
        ({"radius_m": 0.075, "worlds": {}}, "no 'worlds'"),
        ({"radius_m": "wide", "worlds": {"3": WORLD}}, "'radius_m' is 'wide'"),
        ({"radius_m": 0.075, "worlds": {"3": []}}, "world '3' is list"),
        ({"radius_m": 0.075, "worlds": {"3": {}}}, "no usable 'cylinders_xy_m'"),
        ({"radius_m": 0.075, "worlds": {"3": WORLD | {"path_xy_m": [1, 2]}}}, "list of pairs"),
        (
            {"radius_m": 0.075, "worlds": {"3": WORLD | {"cylinders_xy_m": [[-2.2, 3.1]]}}},
            "no room at its start",
        ),
    ],
)
def test_a_broken_file_is_refused_with_its_name(tmp_path: Path, document: Any, words: str) -> None:
    path = write(tmp_path, document)
    with pytest.raises(ConfigError) as caught:
        load_worlds(path)
    told = str(caught.value)
    assert words in told and str(path) in told and "cylinders_xy_m" in told and "--worlds" in told


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_worlds(tmp_path / "missing.json")


@pytest.mark.parametrize(("fill", "rounds"), [(0.15, 2), (0.25, 4)])
def test_development_worlds_can_be_passed(fill: float, rounds: int) -> None:
    world = development_world(7, fill, rounds)
    way = np.vstack(([START.x_m, START.y_m], world.path_m))
    dense = np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(way)])
    room = np.linalg.norm(dense[:, None] - world.posts_m, axis=2).min() - world.radius_m
    assert room > 0.3
    assert (world.posts_m[:, 1] < 9.6).all() and 10.0 < world.length_m < 25.0


def test_the_same_seed_makes_the_same_development_worlds() -> None:
    first, second = development_worlds(2, 4), development_worlds(1, 5)
    assert [world.name for world in first] == ["d4", "d5"]
    np.testing.assert_array_equal(first[1].posts_m, second[0].posts_m)


def run_that(success: bool, time_s: float) -> Run:
    return Run("3", 0, 2.0, 12.0, success, False, time_s, "", ((0.0, 1.0),))


def test_the_metric_is_bounded_by_twice_and_eight_times_the_optimal_time() -> None:
    assert run_that(True, 5.0).metric == run_that(True, 12.0).metric == 0.5
    assert run_that(True, 24.0).metric == pytest.approx(0.25)
    assert run_that(True, 90.0).metric == pytest.approx(0.125)
    assert run_that(False, 12.0).metric == 0.0


def test_a_run_survives_its_file() -> None:
    run = run_that(True, 8.25)
    assert run_of(json.loads(json.dumps(run.to_json()))) == run


def test_the_parameters_exist_and_lie_within_their_bounds() -> None:
    given = overrides(2.0)
    assert make_params(NavParams, given["nav"]).navigator.speed_mps == 2.0
    make_params(GateParams, given["gate"]).check()
