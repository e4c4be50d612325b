"""Numbers that are given out with their time, so that a command's age needs no other clock.

The way there and back is in it: a command that carries number n was decided by somebody who had
seen the robot no later than when n was given out. Numbers are no secret: the line itself is.
"""

from __future__ import annotations

from collections import OrderedDict

KEPT = 64
"""At 20 a second: more than three seconds, far beyond the age at which a command is refused."""


class Numbers:
    """Those of one line."""

    def __init__(self) -> None:
        self._given: OrderedDict[int, float] = OrderedDict()
        self._next = 1

    def give(self, now_s: float) -> int:
        """A new number."""
        number, self._next = self._next, self._next + 1
        self._given[number] = now_s
        if len(self._given) > KEPT:
            self._given.popitem(last=False)
        return number

    def age_s(self, number: int, now_s: float) -> float | None:
        """How long ago it was given out [s]; None for one that never was, or too long ago."""
        given_s = self._given.get(number)
        return None if given_s is None else max(now_s - given_s, 0.0)
