"""Slip and encoders."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.robot import Wheels
from patrol_sim.params import WheelParams


class WheelSlip:
    """How much further each wheel turns than it rolls, as a fraction, left and right.

    A constant part (wheel radius), a slow random part (Ornstein-Uhlenbeck) and rare events.
    """

    def __init__(self, params: WheelParams, rng: np.random.Generator) -> None:
        self._params = params
        self._rng = rng
        self._constant = params.radius_error_std * rng.standard_normal(2)
        self._random = params.slip_std * rng.standard_normal(2)
        self._event_left_s = 0.0
        self._event_wheel = 0
        self.forced = (0.0, 0.0)

    def step(self, dt_s: float, moving: bool) -> tuple[float, float]:
        """The slip of both wheels for the next `dt_s`."""
        params, rng = self._params, self._rng
        keep = math.exp(-dt_s / params.slip_correlation_s)
        fresh = params.slip_std * math.sqrt(1.0 - keep * keep)
        self._random = keep * self._random + fresh * rng.standard_normal(2)
        starts = rng.random() < params.event_rate_hz * dt_s
        wheel = int(rng.integers(2))
        if starts and moving and self._event_left_s <= 0.0:
            self._event_left_s, self._event_wheel = params.event_duration_s, wheel
        slip = self._constant + self._random + np.array(self.forced)
        if self._event_left_s > 0.0:
            self._event_left_s -= dt_s
            slip[self._event_wheel] += params.event_slip
        left, right = np.maximum(slip, -0.5).tolist()
        return left, right


class Encoders:
    """Whole ticks of both wheels, left and right."""

    def __init__(self, wheels: Wheels) -> None:
        self._per_tick_rad = 2.0 * math.pi / wheels.encoder_ticks_per_rev
        self._turned_rad = [0.0, 0.0]
        self._ticks = [0, 0]

    def step(self, turned_rad: tuple[float, float]) -> tuple[float, float]:
        """Take in how far the motors turned; how far the encoders say they did."""
        moved = [0.0, 0.0]
        for side in (0, 1):
            self._turned_rad[side] += turned_rad[side]
            ticks = math.floor(self._turned_rad[side] / self._per_tick_rad)
            moved[side] = (ticks - self._ticks[side]) * self._per_tick_rad
            self._ticks[side] = ticks
        left, right = moved
        return left, right
