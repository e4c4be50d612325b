"""From commanded powers to the bridges: mixing, dead band, ramp and power save.

A power is -1 (full reverse) to 1 (full forward), a share of the battery's voltage: open loop.
"""

from __future__ import annotations

from patrol_emulators.plant import BRAKE, COAST, Drive

POWER_SAVE_S = 4.0
"""After so long at 0 a motor's output goes into power save (commands 0, 1, 4 and 5).

What that does to the motor the guides do not say. Their sibling for the 2x32 brakes first and then
shuts the output down; so here the motor brakes until then, and coasts afterwards.
"""


class Throttle:
    """What was commanded, in either of the two command sets ("Mixed mode commands").

    After a change between the sets both values are needed before anything moves. How drive and
    turn are mixed the guides do not say: here motor 1 is on the left, and gets the sum, motor 2
    the difference, each held to full power.
    """

    def __init__(self) -> None:
        self._is_mixed = False
        self._given: list[float | None] = [0.0, 0.0]

    def drive_motor(self, index: int, power: float) -> None:
        self._take(False, index, power)

    def drive_both(self, power: float) -> None:
        self._take(True, 0, power)

    def turn(self, power: float) -> None:
        """Positive: to the right."""
        self._take(True, 1, power)

    def stop(self) -> None:
        self._given = [0.0, 0.0]

    @property
    def powers(self) -> tuple[float, float]:
        first, second = self._given
        if first is None or second is None:
            return (0.0, 0.0)
        if self._is_mixed:
            return (_held(first + second), _held(first - second))
        return (first, second)

    def _take(self, is_mixed: bool, index: int, power: float) -> None:
        if is_mixed != self._is_mixed:
            self._is_mixed = is_mixed
            self._given = [None, None]
        self._given[index] = power


def _held(power: float) -> float:
    return min(max(power, -1.0), 1.0)


class Bridge:
    """One motor's output, once a control tick."""

    def __init__(self) -> None:
        self._duty = 0.0
        self._idle_s = POWER_SAVE_S

    def shut(self) -> None:
        """Let go of what was on the motor; it begins at 0 again."""
        self._duty = 0.0

    def tick(self, power: float, ramp_s: float, limit_a: float, dt_s: float) -> Drive:
        """Go to `power`; `ramp_s` is from full forward to full reverse."""
        step = 2.0 * dt_s / ramp_s
        self._duty = min(max(power, self._duty - step), self._duty + step)
        self._idle_s = 0.0 if self._duty or power else self._idle_s + dt_s
        if self._duty:
            return Drive(self._duty, limit_a=limit_a)
        return BRAKE if self._idle_s < POWER_SAVE_S else COAST
