"""A MEMS inertial unit: rates and specific force with noise, bias and drift of the bias."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrol_core.types.sensors import Imu
from patrol_sim.params import ImuParams


class ImuModel:
    """Adds the errors of one unit, drawn once at the start."""

    def __init__(self, params: ImuParams, rng: np.random.Generator) -> None:
        self._params = params
        self._rng = rng
        self._gyro_bias = params.gyro_bias_std_radps * rng.standard_normal(3)
        self._accel_bias = params.accel_bias_std_mps2 * rng.standard_normal(3)

    def measure(
        self,
        stamp_s: float,
        rate_radps: NDArray[np.float64],
        force_mps2: NDArray[np.float64],
        dt_s: float,
    ) -> Imu:
        """The reading for true rate and specific force in imu_link, `dt_s` after the last one."""
        params, draws = self._params, self._rng.standard_normal((3, 3))
        self._gyro_bias += params.gyro_walk_radps_sqrt_s * math.sqrt(dt_s) * draws[0]
        gyro = rate_radps + self._gyro_bias + params.gyro_noise_radps * draws[1]
        accel = force_mps2 + self._accel_bias + params.accel_noise_mps2 * draws[2]
        return Imu(stamp_s, _triple(gyro), _triple(accel))


def _triple(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = vector.tolist()
    return (x, y, z)
