"""Low things are findings when depth shows them from several places; kerbs and people are not."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from tests.unit.perception.drawn_depth import INFO, Box, draw
from tests.unit.perception.ray_world import OUTLINE_M, box, fence, map_of
from tests.unit.perception.rover import ROBOT

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.perception import FindingKind
from patrol_perception.background import Background
from patrol_perception.claims import Claim
from patrol_perception.look import Look, lie_behind
from patrol_perception.low_things import LowThings
from patrol_perception.params import PerceptionParams

BAG: Box = (10.0, 11.0, 0.0, 10.4, 11.3, 0.16)
NOBODY: FloatArray = np.zeros((0, 2))


def look_at_wall(base: Pose2, wall_y_m: float) -> Look:
    """A scan from `base` of a wall along x, or of nothing."""
    bearings = -math.pi + np.arange(720) * math.pi / 360.0
    with np.errstate(divide="ignore"):
        ranges_m = (wall_y_m - base.y_m) / np.sin(bearings + base.yaw_rad)
    ranges_m = np.where(ranges_m > 0.0, ranges_m, math.inf).astype(np.float32)
    none = np.zeros(0)
    return Look(
        0.0, base, ranges_m, -math.pi, math.pi / 360.0, 1.0, True, none.astype(np.int64),
        np.zeros((0, 2)), none.astype(np.float32),
    )  # fmt: skip


def pass_by(
    *boxes: Box,
    mapped: tuple[FloatArray, ...] = (),
    people_m: FloatArray = NOBODY,
    wall_y_m: float = math.inf,
    step_m: float = 0.24,
    nod_rad: float = 0.0,
) -> list[Claim]:
    """What is told last while the robot drives east, from (6, 10), past some boxes; at `wall_y_m`
    there is something that hovers at the lidar's height."""
    params = PerceptionParams()
    grid = map_of(np.concatenate([fence(), *mapped]))
    background = Background(grid, OUTLINE_M, (), params)
    low = LowThings(grid, ROBOT, params.low)
    told: dict[str, Claim] = {}
    for k in range(16):
        base = Pose2(6.0 + step_m * k, 10.0)
        picture = dataclasses.replace(draw(base, *boxes, nod_rad=nod_rad), stamp_s=0.2 * k)
        for claim in low.step(
            picture, INFO, base, background, people_m, look_at_wall(base, wall_y_m)
        ):
            told[claim.key] = claim
    return list(told.values())


@pytest.mark.parametrize("nod_rad", [0.0, 0.03])
def test_a_low_bag_is_told_where_it_lies(nod_rad: float) -> None:
    (claim,) = pass_by(BAG, nod_rad=nod_rad)
    assert claim.kind is FindingKind.OBJECT
    assert math.hypot(claim.outline.x_m - 10.2, claim.outline.y_m - 11.15) < 0.2
    assert 0.2 < claim.outline.length_m < 0.7
    assert claim.evidence[1].value == pytest.approx(0.16, abs=0.05)
    assert "places" in claim.reason


def test_level_ground_and_one_place_to_look_from_tell_nothing() -> None:
    assert pass_by() == []
    assert pass_by(BAG, step_m=0.0) == []


@pytest.mark.parametrize(
    "thing",
    [
        (8.0, 11.5, 0.0, 13.0, 11.8, 0.15),
        (10.0, 11.0, 0.0, 10.2, 11.2, 1.6),
        (10.0, 11.0, 0.0, 10.4, 11.3, 0.05),
        (9.7, 11.0, 0.34, 10.5, 11.45, 0.42),
    ],
    ids=["a kerb", "something tall", "a mat", "the seat of a bench"],
)
def test_these_are_no_low_things(thing: Box) -> None:
    assert pass_by(thing) == []


def test_what_is_seen_beneath_something_is_no_thing_of_its_own() -> None:
    assert pass_by(BAG, wall_y_m=10.5) == []
    assert pass_by(BAG, wall_y_m=11.5)


def test_behind_what_a_beam_met_is_only_where_a_beam_goes() -> None:
    look, place = look_at_wall(Pose2(0.0, 0.0), 1.0), np.array([[0.0, 2.0]])
    assert lie_behind(look, place, 0.9).all() and not lie_behind(look, place, 1.1).any()
    half = dataclasses.replace(look, ranges_m=look.ranges_m[:360])
    assert not lie_behind(half, place, 0.9).any()


def test_what_the_map_shows_is_left_out() -> None:
    assert pass_by(BAG, mapped=(box(10.2, 11.15, 0.4, 0.3),)) == []


def test_people_are_left_out_if_depth_shows_them_too() -> None:
    foot, leg = (10.0, 11.15, 0.0, 10.3, 11.3, 0.16), (10.1, 11.62, 0.0, 10.3, 11.7, 1.6)
    there = np.array([[10.2, 11.65]])
    assert pass_by(foot, leg) and pass_by(foot, people_m=there)
    assert pass_by(foot, leg, people_m=there) == []
