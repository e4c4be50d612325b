"""What two VESCs told last: whoever does not go on from there was reset."""

from __future__ import annotations

from collections.abc import Sequence

from patrol_drivers.counter import CounterPair
from patrol_drivers.motors import Sides
from patrol_drivers.vesc.params import VescParams
from patrol_drivers.vesc.state import Values, wheels_from_motors
from patrol_drivers.vesc.values import COUNTER_BITS


class Memory:
    """Tachometers start at 0 with the controller, and one of the two that each VESC has only
    ever grows: it shows a reset of any wheel that turned at all."""

    def __init__(self, params: VescParams) -> None:
        self._params = params
        fastest = params.jump_factor * params.max_speed_radps * params.steps_per_rad
        self._counters = CounterPair(COUNTER_BITS, fastest)
        self._turned: list[int] = []

    def positions_rad(self) -> Sides:
        """Wheel angles since the first reading, over resets."""
        first, second = (total / self._params.steps_per_rad for total in self._counters.totals)
        return wheels_from_motors(first, second, self._params)

    def forget(self) -> None:
        """A controller was reset: the positions go on from the next values."""
        self._counters.forget()

    def update(self, both: Sequence[Values], now_s: float) -> str:
        """Take new values. Says why a controller must have been reset, or nothing."""
        before, self._turned = self._turned, [values.tachometer_abs for values in both]
        began_anew = any(map(_fell, before, self._turned))
        if began_anew:
            self.forget()
        went_on = self._counters.update(both[0].tachometer, both[1].tachometer, now_s)
        if began_anew:
            return "a tachometer began anew"
        return "" if went_on else "a tachometer jumped farther than the wheel can turn"


def _fell(before: int, after: int) -> bool:
    """Whether a counter that only grows, and wraps around, is less than it was."""
    return (after - before) % (1 << COUNTER_BITS) >= 1 << (COUNTER_BITS - 1)
