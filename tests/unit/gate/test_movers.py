"""Points that move: who belongs together, and how they move on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import Pose2
from patrol_gate.movers import NOBODY, Movers, follow, group

TWO = np.array([[2.0, 0.0], [2.0, 0.3], [2.0, 0.71], [2.0, 1.1]])


def test_neighbouring_beams_within_40_cm_are_one_and_have_a_middle() -> None:
    groups, middles = group(TWO)
    assert groups.tolist() == [0, 0, 1, 1]
    assert np.allclose(middles, [(2.0, 0.15), (2.0, 0.905)])
    groups, middles = group(TWO[:0])
    assert (groups.shape, middles.shape) == ((0,), (0, 2))


def test_nobody_is_empty() -> None:
    assert NOBODY.points_m.shape == NOBODY.velocities_mps.shape == (0, 2)
    assert len(NOBODY.known) == 0


def test_each_follows_from_the_nearest_of_before() -> None:
    earlier = np.array([[2.0, -0.35], [2.0, 1.405]])
    movers = follow(TWO, earlier, 0.5)
    assert np.allclose(movers.velocities_mps, [(0.0, 1.0)] * 2 + [(0.0, -1.0)] * 2)
    assert movers.known.all()


@pytest.mark.parametrize(("way_m", "known"), [(0.99, True), (1.01, False)])
def test_who_would_be_faster_than_two_and_a_half_metres_a_second_is_not_known(
    way_m: float, known: bool
) -> None:
    movers = follow(np.array([[3.0, 0.0]]), np.array([[3.0 + way_m, 0.0]]), 0.4)
    assert movers.known.tolist() == [known]
    assert movers.velocities_mps[0, 0] == pytest.approx(-way_m / 0.4 if known else 0.0)


def test_seen_from_another_pose_places_move_and_velocities_turn() -> None:
    movers = Movers(np.array([[3.0, 1.0]]), np.array([[1.0, 0.0]]), np.array([True]))
    seen = movers.seen_from(Pose2(1.0, 1.0, math.pi / 2.0))
    assert np.allclose(seen.points_m, [(0.0, -2.0)])
    assert np.allclose(seen.velocities_mps, [(0.0, -1.0)])


def test_some_are_chosen_with_all_that_is_known_of_them() -> None:
    some = follow(TWO, np.zeros((0, 2)), 0.5).chosen(np.array([False, True, False, True]))
    assert np.allclose(some.points_m, TWO[[1, 3]])
    assert some.velocities_mps.shape == (2, 2)
    assert some.known.tolist() == [False, False]
