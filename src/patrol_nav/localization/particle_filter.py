"""A particle filter over poses of base_link in `map`, of adaptive size.

Low-variance resampling after Thrun, Burgard, Fox: Probabilistic Robotics, table 4.4; size after
Fox: Adapting the sample size in particle filters through KLD-sampling, IJRR 2003, with the bins
counted in the belief that is drawn from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.motion import Covariance3
from patrol_nav.localization.params import ParticleParams

_MAX_HALVINGS = 8


@dataclass(frozen=True, slots=True)
class StepNoise:
    """Standard deviations of one step: ahead, to the left, and of the turn."""

    ahead_m: float
    left_m: float
    turn_rad: float


class ParticleFilter:
    """Particles (N, 3) of x, y, yaw and their weights, which sum to 1."""

    def __init__(self, params: ParticleParams, rng: np.random.Generator) -> None:
        self._params = params
        self._rng = rng
        self.particles: FloatArray = np.zeros((params.min_count, 3))
        self.weights: FloatArray = np.full(params.min_count, 1.0 / params.min_count)

    def reset(self, pose: Pose2, covariance: Covariance3) -> None:
        """Start anew about `pose`; a covariance of zeros means the initial spread."""
        spread: FloatArray = np.array(covariance).reshape(3, 3)
        if not spread.any():
            params = self._params
            stds = (params.initial_std_m, params.initial_std_m, params.initial_std_rad)
            spread = np.diag(np.square(stds))
        count = self._params.max_count
        mean = np.array([pose.x_m, pose.y_m, pose.yaw_rad])
        normals = self._rng.standard_normal((count, 3))
        self.particles = np.ascontiguousarray(mean + normals @ _square_root(spread).T)
        self.weights = np.full(count, 1.0 / count)

    def predict(self, step: Pose2, noise: StepNoise) -> None:
        """Move every particle by `step`, given in base_link, each with its own error."""
        normals = self._rng.standard_normal((len(self.particles), 3))
        ahead = step.x_m + noise.ahead_m * normals[:, 0]
        left = step.y_m + noise.left_m * normals[:, 1]
        yaw = self.particles[:, 2]
        cos, sin = np.cos(yaw), np.sin(yaw)
        self.particles[:, 0] += cos * ahead - sin * left
        self.particles[:, 1] += sin * ahead + cos * left
        self.particles[:, 2] += step.yaw_rad + noise.turn_rad * normals[:, 2]

    def correct(self, log_likelihoods: FloatArray) -> None:
        """Weigh by evidence (N,), and resample when few particles carry the weight.

        Evidence that would leave next to no particle is taken in part, and the survivors are
        scattered: a wide belief has no particle at the maximum yet, it must close in on it.
        """
        params, count = self._params, len(self.weights)
        worse = log_likelihoods - log_likelihoods.max()
        for halvings in range(_MAX_HALVINGS):
            weights: FloatArray = self.weights * np.exp(worse * 0.5**halvings)
            weights /= weights.sum()
            effective = 1.0 / float(np.square(weights).sum())
            if effective >= params.survivors * count:
                break
        self.weights = weights
        if effective < params.resample_below * count:
            self._resample()
            if halvings:
                self._roughen()

    def pose(self) -> Pose2:
        """The mean of the particles about the heaviest bin."""
        keys = self._bins()
        _, inverse = np.unique(keys, return_inverse=True)
        heaviest = np.argmax(np.bincount(inverse, self.weights))
        center = self.particles[np.argmax(inverse == heaviest)]
        turned = np.cos(self.particles[:, 2] - center[2])
        offset = self.particles[:, :2] - center[:2]
        near = (np.square(offset).sum(axis=1) < self._params.cluster_m**2) & (turned > 0.5)
        return _moments(self.particles[near], self.weights[near], float(center[2]))[0]

    def covariance(self) -> FloatArray:
        """Covariance (3, 3) of all particles about their mean, one cluster or many."""
        yaw = float(self.particles[np.argmax(self.weights), 2])
        return _moments(self.particles, self.weights, yaw)[1]

    def _bins(self) -> npt.NDArray[np.int64]:
        """One number for the bin of every particle, shape (N,)."""
        params = self._params
        cells = np.floor(self.particles[:, :2] / params.bin_m).astype(np.int64)
        turns = math.ceil(math.tau / params.bin_rad)
        yaw = np.mod(self.particles[:, 2], math.tau) / math.tau * turns
        return np.asarray((cells[:, 0] * 2**20 + cells[:, 1]) * turns + yaw.astype(np.int64))

    def _resample(self) -> None:
        occupied = len(np.unique(self._bins()[self.weights > 0.1 / len(self.weights)]))
        count = kld_count(occupied, self._params)
        chosen = low_variance_indices(self.weights, count, float(self._rng.random()))
        self.particles = np.ascontiguousarray(self.particles[chosen])
        self.weights = np.full(count, 1.0 / count)

    def _roughen(self) -> None:
        """Scatter the particles by a share of their spread, a bin at most (Gordon et al. 1993)."""
        params = self._params
        deviations = np.sqrt(np.maximum(np.diag(self.covariance()), 0.0))
        bins = np.array([params.bin_m, params.bin_m, params.bin_rad])
        scatter = np.minimum(params.roughening * deviations, bins)
        self.particles += scatter * self._rng.standard_normal(self.particles.shape)


def low_variance_indices(weights: FloatArray, count: int, offset: float) -> npt.NDArray[np.int64]:
    """Systematic draw of `count` indices from weights that sum to 1; `offset` in [0, 1)."""
    positions = (np.arange(count) + offset) / count
    chosen = np.searchsorted(np.cumsum(weights), positions, side="right")
    return np.minimum(chosen, len(weights) - 1)


def kld_count(bins: int, params: ParticleParams) -> int:
    """Particles for a belief over `bins` bins, within the bounds (Fox 2003, equation 7)."""
    if bins < 2:
        return params.min_count
    part = 2.0 / (9.0 * (bins - 1))
    cube = (1.0 - part + math.sqrt(part) * params.kld_quantile) ** 3
    wanted = math.ceil((bins - 1) / (2.0 * params.kld_error) * cube)
    return min(max(wanted, params.min_count), params.max_count)


def _moments(
    particles: FloatArray, weights: FloatArray, yaw_rad: float
) -> tuple[Pose2, FloatArray]:
    """Weighted mean and covariance; headings are taken about `yaw_rad`."""
    share = weights / weights.sum()
    turned = particles[:, 2] - yaw_rad
    relative = np.column_stack((particles[:, :2], np.arctan2(np.sin(turned), np.cos(turned))))
    mean = share @ relative
    offset = relative - mean
    covariance = (offset * share[:, None]).T @ offset
    yaw = math.remainder(yaw_rad + float(mean[2]), math.tau)
    return Pose2(float(mean[0]), float(mean[1]), yaw), np.asarray(covariance)


def _square_root(covariance: FloatArray) -> FloatArray:
    """A matrix S with S S^T = covariance; also where that is only semi-definite."""
    values, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
