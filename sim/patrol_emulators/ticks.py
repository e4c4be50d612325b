"""Control ticks of a device: at a steady rate from a start on, however time is asked for."""

from __future__ import annotations

from collections.abc import Iterator


class Ticks:
    """Counts the ticks that have been handed out."""

    def __init__(self, rate_hz: float, start_s: float) -> None:
        self._rate_hz = rate_hz
        self._start_s = start_s
        self._count = 0

    @property
    def now_s(self) -> float:
        """The time of the last tick."""
        return self._start_s + self._count / self._rate_hz

    def until(self, now_s: float) -> Iterator[float]:
        """The times of the ticks that are due by `now_s` and were not handed out yet."""
        due = int((now_s - self._start_s) * self._rate_hz + 1e-6)
        while self._count < due:
            self._count += 1
            yield self.now_s
