"""What a metre and a second cost of the battery, learned from what is driven."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray

WINDOW_S = 60.0
"""The charge is read off so often: a gauge tells it in steps of a percent or so."""
START_PER_M, START_PER_S = 1.0e-4, 1.0e-5
"""Before anything is known: a full battery lasts 10 km, or 28 h of standing."""
_TRUST = (1e-4, 1e-5)
"""Standard deviations of these [1/m, 1/s]."""
_GAUGE_STD = 0.005
"""Of the drop of charge in a window, however far the robot went."""
_WANDER = 0.02
"""A battery ages: within a window the costs may wander by this share of `_TRUST`."""


class EnergyModel:
    """drop of charge = a metres + b seconds; a and b wander slowly, followed by a Kalman filter.

    Source: Astrom, Wittenmark, Adaptive Control (2nd ed. 1995), section 2.2. Neither is held to
    be less than a fifth of what was taken for granted at the start.
    """

    def __init__(self) -> None:
        self._cost: FloatArray = np.array([START_PER_M, START_PER_S])
        self._spread: FloatArray = np.diag(np.square(_TRUST))
        self._began: tuple[float, float] | None = None
        self._metres = 0.0

    def take_over(self, per_m: float, per_s: float) -> None:
        """What an earlier model has learned; learning goes on from there."""
        self._cost = np.array([per_m, per_s])

    @property
    def per_m(self) -> float:
        return max(float(self._cost[0]), START_PER_M / 5)

    @property
    def per_s(self) -> float:
        return max(float(self._cost[1]), START_PER_S / 5)

    def note(self, charge: float, moved_m: float, charging: bool, now_s: float) -> None:
        """The charge now (0 to 1), and how far the robot has moved since the last call [m]."""
        if charging:
            self._began = None
            return
        if self._began is None or now_s < self._began[0]:
            self._begin(charge, now_s)
            return
        self._metres += moved_m
        began_s, began_charge = self._began
        if now_s - began_s >= WINDOW_S:
            self._learn(np.array([self._metres, now_s - began_s]), began_charge - charge)
            self._begin(charge, now_s)

    def cost(self, metres: float, seconds: float) -> float:
        """The share of the battery that this takes."""
        return self.per_m * metres + self.per_s * seconds

    def _begin(self, charge: float, now_s: float) -> None:
        self._began, self._metres = (now_s, charge), 0.0

    def _learn(self, done: FloatArray, drop: float) -> None:
        self._spread = self._spread + np.diag(np.square(_TRUST)) * _WANDER**2
        seen = self._spread @ done
        gain = seen / (_GAUGE_STD**2 + done @ seen)
        self._cost = self._cost + gain * (drop - done @ self._cost)
        self._spread = self._spread - np.outer(gain, seen)
