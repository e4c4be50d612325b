"""A GNSS receiver whose error grows where buildings hide the sky."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrol_core.geodesy import LocalFrame
from patrol_core.types.sensors import GnssFix
from patrol_sim.params import GnssParams
from patrol_sim.sdf import SphericalCoordinates

SKY_RANGE_M = 80.0
SKY_AZIMUTHS = 12
SKY_ELEVATIONS_RAD = (0.4, 0.9)
"""Whether something stands before the sky is asked in so many directions, at these heights."""


class GnssReceiver:
    """Fixes of an antenna; the slow error is a Gauss-Markov process scaled by the hidden sky."""

    def __init__(
        self, params: GnssParams, datum: SphericalCoordinates, rng: np.random.Generator
    ) -> None:
        self._params = params
        self._elevation_m = datum.elevation_m
        self._frame = LocalFrame(
            math.radians(datum.latitude_deg), math.radians(datum.longitude_deg),
            datum.elevation_m, math.radians(datum.heading_deg),
        )  # fmt: skip
        self._rng = rng
        self._error = rng.standard_normal(2)
        self._last_s = 0.0

    def measure(self, stamp_s: float, antenna_m: NDArray[np.float64], hidden: float) -> GnssFix:
        """The fix for an antenna at `antenna_m` (3,) in the world, that part of its sky hidden."""
        params = self._params
        keep = math.exp(-(stamp_s - self._last_s) / params.correlation_s)
        self._last_s = stamp_s
        draws = self._rng.standard_normal(5)
        self._error = keep * self._error + math.sqrt(1.0 - keep * keep) * draws[:2]
        slow = params.open_sky_std_m + hidden * params.multipath_std_m
        x, y = antenna_m[:2] + slow * self._error + params.white_std_m * draws[2:4]
        height = float(antenna_m[2] + 1.5 * (slow + params.white_std_m) * draws[4])
        latitude, longitude = self._frame.to_geodetic(float(x), float(y))
        variance = slow**2 + params.white_std_m**2
        return GnssFix(
            stamp_s,
            latitude,
            longitude,
            self._elevation_m + height,
            (variance, variance, 2.25 * variance),
            hidden <= params.lost_above,
        )
