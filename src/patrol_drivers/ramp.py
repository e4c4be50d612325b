"""Set points on their way to a target, for a controller that is told no acceleration."""

from __future__ import annotations

from patrol_drivers.motors import Sides, WheelSpeeds

AT_REST = Sides(0.0, 0.0)
LONGEST_STEP_S = 0.05
"""A cycle that comes later than this does not make up for the time that was lost."""


class Ramp:
    """Both set points go along a straight line to the target, so that the curve driven on the
    way is between the old and the new one, and neither wheel speeds up faster than allowed."""

    def __init__(self) -> None:
        self._at: Sides | None = None
        self._at_s = 0.0

    def forget(self, now_s: float) -> None:
        """The wheels were told to halt: the next step begins at what they do."""
        self._at = None
        self._at_s = now_s

    def step(self, target: WheelSpeeds, now_s: float, rolling_radps: Sides = AT_REST) -> Sides:
        """The set points for now [rad/s].

        After a halt a wheel begins at its speed `rolling_radps`, but only as far as it lies
        between rest and the target: a wrong reading must not move it where nobody sent it.
        """
        dt_s = min(max(now_s - self._at_s, 0.0), LONGEST_STEP_S)
        at = self._at or Sides(
            _between(rolling_radps.left, target.left_radps),
            _between(rolling_radps.right, target.right_radps),
        )
        ahead = Sides(target.left_radps - at.left, target.right_radps - at.right)
        farthest = max(abs(ahead.left), abs(ahead.right))
        allowed = target.acceleration_radps2 * dt_s
        part = 1.0 if farthest <= allowed else allowed / farthest
        self._at = Sides(at.left + part * ahead.left, at.right + part * ahead.right)
        if part == 1.0:
            self._at = Sides(target.left_radps, target.right_radps)
        self._at_s = now_s
        return self._at


def _between(rolling_radps: float, target_radps: float) -> float:
    low, high = min(0.0, target_radps), max(0.0, target_radps)
    return min(max(rolling_radps, low), high)
