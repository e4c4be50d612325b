"""When simulated time asks for a tick."""

from __future__ import annotations

import math

_SLACK_S = 1e-6


class TickGrid:
    """Multiples of 1 / rate, one tick for each; those that time jumped over are left out."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._next = -math.inf

    def due(self, now_s: float) -> bool:
        """Whether a tick is due at `now_s`; the next one is then a grid step later."""
        index = math.floor((now_s + _SLACK_S) * self._rate_hz)
        if index < self._next:
            return False
        self._next = index + 1
        return True
