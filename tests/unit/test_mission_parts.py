"""The trail, the battery's model and the ladder of a lost link, each alone."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.geometry import Pose2
from patrol_mission.energy import EnergyModel
from patrol_mission.link import LinkLadder, LinkParams, LinkStep
from patrol_mission.trail import SPACING_M, Trail


def drive(trail: Trail, corners: list[tuple[float, float]]) -> float:
    """Straight from corner to corner in steps of 0.1 m; the way [m]."""
    far_m = 0.0
    for (ax, ay), (bx, by) in itertools.pairwise(corners):
        length_m = math.hypot(bx - ax, by - ay)
        far_m += length_m
        for share in np.linspace(0.0, 1.0, round(length_m / 0.1) + 1):
            trail.note(Pose2(ax + share * (bx - ax), ay + share * (by - ay)))
    return far_m


def test_the_way_back_is_the_shorter_way_round_a_closed_lap() -> None:
    trail = Trail()
    square = [(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)]
    drive(trail, square)
    end = Pose2(0.0, 30.0, 0.0)
    back_m = trail.length_m(end, Pose2(0.0, 0.0, 1.0))
    assert back_m == pytest.approx(110.0, rel=0.03)
    drive(trail, [(0.0, 30.0), (0.0, 0.0)])
    again_m = trail.length_m(end, Pose2(0.0, 0.0, 1.0))
    assert again_m == pytest.approx(30.0, rel=0.03)
    way = trail.way(end, Pose2(0.0, 0.0, 1.0))
    assert way is not None and way[0, :2].tolist() == [0.0, 30.0]
    assert way[-1].tolist() == [0.0, 0.0, 1.0]
    assert np.abs(way[:-1, 2] + math.pi / 2).max() < 0.6


def test_memory_grows_with_the_ground_and_not_with_the_way() -> None:
    trail = Trail()
    lap = [(0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0), (0.0, 0.0)]
    drive(trail, lap)
    places = len(trail)
    for _ in range(5):
        drive(trail, lap)
    assert len(trail) == places <= 60.0 / SPACING_M + 1


def test_who_was_carried_has_no_way_back() -> None:
    trail = Trail()
    drive(trail, [(0.0, 0.0), (5.0, 0.0)])
    trail.forget_last()
    drive(trail, [(30.0, 0.0), (35.0, 0.0)])
    assert trail.way(Pose2(35.0, 0.0), Pose2(0.0, 0.0)) is None
    assert trail.way(Pose2(35.0, 9.0), Pose2(30.0, 0.0)) is None
    assert trail.length_m(Pose2(35.0, 0.0), Pose2(30.0, 0.0)) == pytest.approx(5.0, abs=0.3)


@settings(max_examples=30, deadline=None)
@given(turns=st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=25), seed=st.integers(0, 99))
def test_the_way_back_is_never_longer_than_the_way_come(turns: list[float], seed: int) -> None:
    trail, corners, yaw = Trail(), [(0.0, 0.0)], 0.0
    for turn in turns:
        yaw += turn
        x, y = corners[-1]
        corners.append((x + 4.0 * math.cos(yaw), y + 4.0 * math.sin(yaw)))
    far_m = drive(trail, corners)
    back_m = trail.length_m(Pose2(*corners[-1]), Pose2(0.0, 0.0))
    assert back_m is not None
    straight_m = math.hypot(*corners[-1])
    assert straight_m - 1e-6 <= back_m <= 1.1 * far_m + 2.0 * SPACING_M


def test_the_costs_of_a_metre_and_a_second_are_learned_through_a_coarse_gauge() -> None:
    rng = np.random.default_rng(3)
    model = EnergyModel()
    per_m, per_s = 2.5e-4, 3.0e-5
    charge, now_s = 1.0, 0.0
    for minute in range(600):
        speed = rng.uniform(0.0, 1.2) if minute % 3 else 0.0
        for _ in range(60):
            now_s += 1.0
            charge -= per_m * speed + per_s
            model.note(round(charge, 2), speed, charging=False, now_s=now_s)
        if charge < 0.2:
            model.note(charge, 0.0, charging=True, now_s=now_s)
            charge = 1.0
    assert model.per_m == pytest.approx(per_m, rel=0.1)
    assert model.per_s == pytest.approx(per_s, rel=0.3)
    assert model.cost(1000.0, 800.0) == pytest.approx(0.274, rel=0.1)


def test_a_gauge_that_says_nonsense_never_makes_the_way_free() -> None:
    model = EnergyModel()
    for minute in range(200):
        model.note(0.5 + 0.001 * minute, 60.0, charging=False, now_s=60.0 * minute)
    assert model.per_m > 0.0 and model.per_s > 0.0


STEPS = LinkParams(
    watch=True, lost_after_s=5.0, act_after_s=60.0, then="return", stand_after_s=600.0
)


@pytest.mark.parametrize(
    ("silent_s", "step"),
    [
        (4.9, LinkStep.HEARD),
        (5.0, LinkStep.LOST),
        (60.0, LinkStep.RETURN),
        (600.0, LinkStep.STAND),
    ],
)
def test_silence_has_steps(silent_s: float, step: LinkStep) -> None:
    ladder = LinkLadder(STEPS)
    assert ladder.step(100.0, 100.0) is LinkStep.HEARD
    assert ladder.step(100.0, 100.0 + silent_s) is step
    assert ladder.step(100.0 + silent_s, 100.1 + silent_s) is LinkStep.HEARD


def test_the_start_counts_as_heard_and_signs_of_the_future_do_not() -> None:
    ladder = LinkLadder(STEPS)
    assert ladder.step(None, 50.0) is LinkStep.HEARD
    assert ladder.step(9000.0, 56.0) is LinkStep.LOST
    assert ladder.step(9000.0, 40.0) is LinkStep.HEARD, "the clock was set back"
    assert LinkLadder(LinkParams()).step(None, 9e9) is LinkStep.HEARD
