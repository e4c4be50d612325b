from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import Pose2
from patrol_core.types.motion import ZERO_COVARIANCE
from patrol_nav.localization.params import ParticleParams
from patrol_nav.localization.particle_filter import (
    ParticleFilter,
    StepNoise,
    kld_count,
    low_variance_indices,
)

PARAMS = ParticleParams()


def make(seed: int = 3) -> ParticleFilter:
    return ParticleFilter(PARAMS, np.random.default_rng(seed))


@pytest.mark.parametrize("offset", [0.0, 0.31, 0.999])
def test_low_variance_draws_every_particle_by_its_weight(offset: float) -> None:
    weights = np.random.default_rng(0).random(50) ** 4
    weights /= weights.sum()
    drawn = np.bincount(low_variance_indices(weights, 700, offset), minlength=50)
    assert drawn.sum() == 700
    assert (np.abs(drawn - 700 * weights) <= 1.0).all()


def test_kld_count_follows_the_spread_within_bounds() -> None:
    counts = [kld_count(bins, PARAMS) for bins in (1, 2, 20, 60, 100, 10000)]
    assert counts == sorted(counts)
    assert counts[0] == counts[1] == PARAMS.min_count
    assert counts[-1] == PARAMS.max_count
    # Fox 2003, equation 7: close to the quantile of chi squared, 134.6 / (2 * 0.05).
    assert counts[4] == pytest.approx(1346, rel=0.01)


def test_a_start_has_the_covariance_it_was_given() -> None:
    wanted = np.array([[0.09, 0.03, 0.0], [0.03, 0.04, 0.0], [0.0, 0.0, 0.01]])
    particles = make()
    a, b, c, d, e, f, g, h, i = wanted.ravel().tolist()
    particles.reset(Pose2(3.0, -2.0, 3.1), (a, b, c, d, e, f, g, h, i))
    np.testing.assert_allclose(particles.covariance(), wanted, atol=0.01)
    assert particles.pose().distance_to(Pose2(3.0, -2.0)) < 0.03


def test_a_start_without_covariance_has_the_initial_spread() -> None:
    particles = make()
    particles.reset(Pose2(0.0, 0.0), ZERO_COVARIANCE)
    deviations = np.sqrt(np.diag(particles.covariance()))
    expected = [PARAMS.initial_std_m, PARAMS.initial_std_m, PARAMS.initial_std_rad]
    np.testing.assert_allclose(deviations, expected, rtol=0.1)


def test_a_step_without_noise_moves_all_alike() -> None:
    particles = make()
    particles.reset(Pose2(1.0, 2.0, math.pi / 2), ZERO_COVARIANCE)
    before = particles.particles.copy()
    particles.predict(Pose2(0.5, 0.1, 0.2), StepNoise(0.0, 0.0, 0.0))
    for old, new in zip(before[:50], particles.particles[:50], strict=True):
        expected = Pose2(*old).compose(Pose2(0.5, 0.1, 0.2))
        assert new[0] == pytest.approx(expected.x_m)
        assert new[1] == pytest.approx(expected.y_m)
        assert math.remainder(new[2] - expected.yaw_rad, math.tau) == pytest.approx(0.0)


def test_noise_spreads_the_particles_along_the_way() -> None:
    particles = make()
    particles.reset(Pose2(0.0, 0.0), (1e-12, 0.0, 0.0, 0.0, 1e-12, 0.0, 0.0, 0.0, 1e-12))
    particles.predict(Pose2(1.0, 0.0), StepNoise(0.2, 0.05, 0.01))
    deviations = np.sqrt(np.diag(particles.covariance()))
    np.testing.assert_allclose(deviations, [0.2, 0.05, 0.01], rtol=0.1)


def test_evidence_draws_the_particles_and_shrinks_their_number() -> None:
    particles = make()
    particles.reset(Pose2(0.0, 0.0), ZERO_COVARIANCE)
    assert len(particles.particles) == PARAMS.max_count
    for _ in range(3):
        offsets = particles.particles[:, :2] - np.array([0.1, -0.1])
        particles.correct(-np.square(offsets).sum(axis=1) / (2.0 * 0.03**2))
        particles.predict(Pose2(0.0, 0.0), StepNoise(0.005, 0.005, 0.001))
    assert particles.pose().distance_to(Pose2(0.1, -0.1)) < 0.01
    assert len(particles.particles) < PARAMS.max_count
    assert particles.weights.sum() == pytest.approx(1.0)


def test_the_pose_is_the_heavier_of_two_clusters() -> None:
    particles = make()
    particles.particles = np.array([[0.0, 0.0, 3.1]] * 40 + [[10.0, 0.0, 0.0]] * 60)
    particles.particles[:20, 2] = -3.1
    particles.weights = np.array([0.8 / 40] * 40 + [0.2 / 60] * 60)
    pose = particles.pose()
    assert pose.x_m == pytest.approx(0.0)
    assert abs(pose.yaw_rad) == pytest.approx(math.pi)
    assert math.sqrt(particles.covariance()[0, 0]) == pytest.approx(4.0, rel=0.01)
