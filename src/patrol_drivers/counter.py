"""Positions that go on for ever, from counters that wrap around and may be reset."""

from __future__ import annotations

JITTER_S = 0.05
"""How much more time than the clock shows may lie between two readings."""


class Counter:
    """Unwraps a counter of `bits` bits. The first value seen is position zero."""

    def __init__(self, bits: int) -> None:
        self._modulus = 1 << bits
        self._last: int | None = None
        self.total = 0

    def forget(self) -> None:
        """The counter was reset: the total goes on from the next value, whatever it is."""
        self._last = None

    def update(self, count: int, most: float) -> bool:
        """Take a new value. False: it moved by more than `most` counts, so it was reset.

        The total then stays as it is and goes on from the new value.
        """
        last, self._last = self._last, count
        if last is None:
            return True
        half = self._modulus // 2
        moved = (count - last + half) % self._modulus - half
        if abs(moved) > min(most, half - 1):
            return False
        self.total += moved
        return True


class CounterPair:
    """The counters of two motors, of which none is faster than `fastest` counts a second."""

    def __init__(self, bits: int, fastest: float) -> None:
        self._first = Counter(bits)
        self._second = Counter(bits)
        self._fastest = fastest
        self._read_s: float | None = None

    @property
    def totals(self) -> tuple[int, int]:
        """Counts since the first reading; negative is backwards."""
        return self._first.total, self._second.total

    def forget(self) -> None:
        """Both counters were reset."""
        self._first.forget()
        self._second.forget()

    def update(self, first: int, second: int, now_s: float) -> bool:
        """Take new values. False: one moved farther than it can, so both were reset."""
        since_s = 0.0 if self._read_s is None else now_s - self._read_s
        self._read_s = now_s
        most = self._fastest * (since_s + JITTER_S)
        went_on = [self._first.update(first, most), self._second.update(second, most)]
        return all(went_on)
