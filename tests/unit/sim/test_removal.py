"""Worlds from which something is gone."""

from __future__ import annotations

import math

import pytest
import shapely
from tests.simulated import box, make_world, static_model

from patrol_sim.errors import ScenarioError
from patrol_sim.removal import Removal, without
from patrol_sim.sdf import World, cross_sections

WALL = box("wall", "6 0.1 2", "10 5 1 0 0 1.5707963")
POST = static_model(
    "post", "<cylinder><radius>0.1</radius><length>1</length></cylinder>", "3 0 0.5 0 0 0"
)


def area(world: World) -> float:
    return float(shapely.union_all([s.polygon for s in cross_sections(world, 0.2)]).area)


def test_a_whole_model_goes() -> None:
    left = without(make_world(WALL, POST), [Removal("post")])
    assert area(left) == pytest.approx(0.6)


def test_a_stretch_of_a_wall_goes_and_both_ends_stay() -> None:
    left = without(make_world(WALL, POST), [Removal("wall", -1.0, 0.5)])
    (low, high) = (s.polygon for s in cross_sections(left, 0.2) if s.model == "wall")
    assert sorted((low.area, high.area)) == pytest.approx([0.2, 0.25])
    assert low.bounds[1] == pytest.approx(2.0) and low.bounds[3] == pytest.approx(4.0)
    assert high.bounds[1] == pytest.approx(5.5) and high.bounds[3] == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("removal", "words"),
    [
        (Removal("nope"), "no model 'nope'"),
        (Removal("wall", 4.0, 5.0), "nothing of 'wall'"),
        (Removal("wall", 4.0, math.inf), "nothing of 'wall'"),
    ],
)
def test_what_is_not_there_cannot_go(removal: Removal, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        without(make_world(WALL), [removal])
