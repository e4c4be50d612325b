"""Accelerations, for a controller that is told speeds only."""

from __future__ import annotations

import dataclasses

from patrol_drivers.motors import WheelSpeeds

MAX_STEP_S = 0.05
"""A cycle that comes later does not make up for the time: it would be a jump of the wheels."""


class Ramp:
    """Follows commands no faster than their acceleration, on a straight line from one pair of
    speeds to the next, so that the wheels keep in step."""

    def __init__(self) -> None:
        self._left_radps = 0.0
        self._right_radps = 0.0
        self._at_s: float | None = None

    def rest(self) -> None:
        """The wheels are taken to stand still."""
        self._left_radps = self._right_radps = 0.0
        self._at_s = None

    def step(self, target: WheelSpeeds, now_s: float) -> WheelSpeeds:
        """What to send at `now_s` on the way to `target`; nothing moves in the first step."""
        since_s = 0.0 if self._at_s is None else now_s - self._at_s
        self._at_s = now_s
        reach_radps = target.acceleration_radps2 * min(max(since_s, 0.0), MAX_STEP_S)
        left_radps = target.left_radps - self._left_radps
        right_radps = target.right_radps - self._right_radps
        away_radps = max(abs(left_radps), abs(right_radps))
        if away_radps <= reach_radps:
            self._left_radps, self._right_radps = target.left_radps, target.right_radps
            return target
        share = reach_radps / away_radps
        self._left_radps += share * left_radps
        self._right_radps += share * right_radps
        return dataclasses.replace(
            target, left_radps=self._left_radps, right_radps=self._right_radps
        )
