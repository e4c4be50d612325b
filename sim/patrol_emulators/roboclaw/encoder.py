"""Counter and speeds of one encoder input (manual, "Encoders", p. 86 to 89)."""

from __future__ import annotations

from collections import deque

TICK_RATE_HZ = 300
"""The raw speed counts the pulses of the last 300th of a second (p. 88)."""
FILTER_TICKS = 30
"""Commands 18 and 19 are filtered, the manual does not say how: a mean over 0.1 s here."""

_UNDERFLOW, _BACKWARD, _OVERFLOW = 1, 2, 4


class Counter:
    """A 32-bit counter with flags, and speeds in counts a second."""

    def __init__(self, ticks: int) -> None:
        self._ticks = ticks
        self._count = 0
        self._flags = 0
        self._moves: deque[int] = deque([0] * TICK_RATE_HZ, maxlen=TICK_RATE_HZ)
        self.backward = False

    def sample(self, ticks: int) -> None:
        """Take the encoder's unbounded count, once a control tick."""
        moved, self._ticks = ticks - self._ticks, ticks
        self._moves.append(moved)
        if moved:
            self.backward = moved < 0
        count = self._count + moved
        if count < 0:
            self._flags |= _UNDERFLOW
        elif count > 0xFFFFFFFF:
            self._flags |= _OVERFLOW
        self._count = count & 0xFFFFFFFF

    @property
    def count(self) -> int:
        return self._count

    def preset(self, count: int) -> None:
        self._count, self._flags = count, 0

    def take_flags(self) -> int:
        """The status byte of 16 and 17: under- and overflow are cleared by being read."""
        flags, self._flags = self._flags, 0
        return flags | (_BACKWARD if self.backward else 0)

    @property
    def last_move(self) -> int:
        return self._moves[-1]

    @property
    def raw_speed(self) -> int:
        return self.last_move * TICK_RATE_HZ

    @property
    def speed(self) -> int:
        recent = list(self._moves)[-FILTER_TICKS:]
        return round(sum(recent) * TICK_RATE_HZ / FILTER_TICKS)

    @property
    def mean_speed(self) -> int:
        """Over the last second (command 108)."""
        return sum(self._moves)
