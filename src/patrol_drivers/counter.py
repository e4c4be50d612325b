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

    def follows(self, count: int, most: float) -> bool:
        """Whether a value is at most `most` counts from the last one; takes nothing."""
        return abs(self._moved(count)) <= min(most, self._modulus // 2 - 1)

    def update(self, count: int, most: float) -> bool:
        """Take a new value. False: it moved by more than `most` counts, so it was reset.

        The total then stays as it is and goes on from the new value.
        """
        went_on = self.follows(count, most)
        if went_on:
            self.total += self._moved(count)
        self._last = count
        return went_on

    def _moved(self, count: int) -> int:
        if self._last is None:
            return 0
        half = self._modulus // 2
        return (count - self._last + half) % self._modulus - half


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

    def follows(self, first: int, second: int, now_s: float) -> bool:
        """Whether neither moved farther than it can; takes nothing."""
        most = self._most(now_s)
        return self._first.follows(first, most) and self._second.follows(second, most)

    def update(self, first: int, second: int, now_s: float) -> bool:
        """Take new values. False: one moved farther than it can, so both were reset."""
        most = self._most(now_s)
        self._read_s = now_s
        went_on = [self._first.update(first, most), self._second.update(second, most)]
        return all(went_on)

    def _most(self, now_s: float) -> float:
        since_s = 0.0 if self._read_s is None else now_s - self._read_s
        return self._fastest * (since_s + JITTER_S)
