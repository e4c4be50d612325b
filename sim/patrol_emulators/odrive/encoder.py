"""Counts of an encoder, and the estimates of position and speed from them (encoder.cpp)."""

from __future__ import annotations

import math

BANDWIDTH_RADPS = 100.0
"""encoder.config.bandwidth as in the maker's "Hoverboard Guide"; 1000 from the factory, but that
is for the firmware's 8000 steps a second."""


class Encoder:
    """A phase-locked loop that follows whole counts; it starts at 0 when the power comes on."""

    def __init__(self, cpr: int, ticks: int, period_s: float) -> None:
        self.cpr = cpr
        self.error = 0
        """Always 0: no fault of the encoder is emulated that the firmware can see."""
        self.shadow_count = 0
        self._ticks = ticks
        self._position = 0.0
        self._speed = 0.0
        self._kp = 2.0 * BANDWIDTH_RADPS * period_s
        self._ki = BANDWIDTH_RADPS**2 * period_s
        self._period_s = period_s

    def update(self, ticks: int) -> None:
        """Take the plant's unbounded count, once a control step."""
        self.shadow_count += ticks - self._ticks
        self._ticks = ticks
        self._position += self._speed * self._period_s
        behind = self.shadow_count - math.floor(self._position)
        self._position += self._kp * behind
        self._speed += self._ki * behind
        if abs(self._speed) < 0.5 * self._ki:
            self._speed = 0.0

    def set_count(self, count: int) -> None:
        """What the command `esl` does."""
        self.shadow_count, self._position = count, float(count)

    @property
    def pos_estimate(self) -> float:
        """Turns."""
        return self._position / self.cpr

    @property
    def vel_estimate(self) -> float:
        """Turns a second."""
        return self._speed / self.cpr
