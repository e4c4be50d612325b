from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_nav.localization.likelihood_field import MAX_DISTANCE_M, LikelihoodField
from patrol_nav.localization.params import BeamParams

PARAMS = BeamParams()


def wall() -> OccupancyGrid:
    """A wall along x = 2 whose surface cells have their centres there, in a room 6 x 4 m."""
    cells = np.full((80, 120), FREE, dtype=np.int8)
    cells[:, 39] = OCCUPIED
    return OccupancyGrid(0.0, 0.05, 0.025, -2.0, cells)


def likelihood(distance_m: FloatArray) -> FloatArray:
    explained = np.exp(-0.5 * np.square(distance_m / PARAMS.sigma_m))
    return np.asarray((1.0 - PARAMS.unexplained) * explained + PARAMS.unexplained)


def test_scores_are_those_of_the_beam_model() -> None:
    rng = np.random.default_rng(2)
    particles = np.column_stack(
        (rng.uniform(1.0, 1.4, 30), rng.uniform(-0.5, 0.5, 30), rng.uniform(-0.3, 0.3, 30))
    )
    endpoints = np.column_stack((rng.uniform(0.5, 1.0, 20), rng.uniform(-0.5, 0.5, 20)))
    got = LikelihoodField(wall(), PARAMS).log_likelihoods(particles, endpoints)
    expected = [
        np.log(likelihood(np.abs(Pose2(*pose).transform_points(endpoints)[:, 0] - 2.0))).sum()
        for pose in particles
    ]
    np.testing.assert_allclose(got, expected, atol=0.03 * len(endpoints))
    assert np.argmax(got) == np.argmax(expected)


def test_scores_are_exact_at_the_centres_of_cells() -> None:
    field = LikelihoodField(wall(), PARAMS)
    for cells_off in range(5):
        pose = np.array([[2.0 - 0.05 * cells_off, 0.025, 0.0]])
        score = field.log_likelihoods(pose, np.zeros((1, 2)))[0]
        expected = math.log(likelihood(np.array([0.05 * cells_off]))[0])
        assert score == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("place", [(-50.0, 0.0), (50.0, 0.0), (1.0, -2.01), (1.0, 1.99)])
def test_what_lies_off_the_map_is_unexplained(place: tuple[float, float]) -> None:
    field = LikelihoodField(wall(), PARAMS)
    score = field.log_likelihoods(np.array([[*place, 0.0]]), np.zeros((1, 2)))[0]
    assert score == pytest.approx(math.log(PARAMS.unexplained))


def test_distances_of_returns() -> None:
    field = LikelihoodField(wall(), PARAMS)
    endpoints = np.array([[1.0, 0.0], [0.5, 0.0], [-50.0, 0.0], [4.5, 0.0]])
    distances = field.distances_m(Pose2(1.0, 0.01, 0.0), endpoints)
    np.testing.assert_allclose(distances, [0.0, 0.5, MAX_DISTANCE_M, 2.0], atol=0.026)
