"""Counter and speed of one encoder input ("?C", "?CR", "?S")."""

from __future__ import annotations

from collections import deque

TICK_RATE_HZ = 1000
"""Control ticks a second: the current is measured and corrected every millisecond (p. 84)."""
WINDOW_TICKS = 10
"""The manual does not say how the speed is measured: here, counts in the last 10 ms."""


class Counter:
    """A signed 32-bit counter; a negative EPPR turns its direction round."""

    def __init__(self, ticks: int) -> None:
        self._ticks = ticks
        self._count = 0
        self._relative = 0
        self._moves: deque[int] = deque([0] * WINDOW_TICKS, maxlen=WINDOW_TICKS)

    def sample(self, ticks: int, pulses_per_rev: int) -> None:
        """Take the encoder's unbounded count, once a control tick."""
        moved, self._ticks = ticks - self._ticks, ticks
        if pulses_per_rev < 0:
            moved = -moved
        self._moves.append(moved)
        self._count += moved
        self._relative += moved

    @property
    def count(self) -> int:
        return _signed_32(self._count)

    def preset(self, count: int) -> None:
        self._count = count

    def take_relative(self) -> int:
        """Counts since this was last asked for."""
        moved, self._relative = self._relative, 0
        return _signed_32(moved)

    @property
    def last_move(self) -> int:
        return self._moves[-1]

    def speed_rpm(self, pulses_per_rev: int) -> float:
        """Turns a minute of what the encoder sits on, by four counts a pulse."""
        if not pulses_per_rev:
            return 0.0
        counts_per_s = sum(self._moves) * TICK_RATE_HZ / WINDOW_TICKS
        return counts_per_s * 60.0 / (4.0 * abs(pulses_per_rev))


def _signed_32(value: int) -> int:
    return (value + 2**31) % 2**32 - 2**31
