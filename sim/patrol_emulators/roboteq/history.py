"""The last queries, called again by hand or by the clock ("#", V2.0 p. 255 and 256)."""

from __future__ import annotations

from collections import deque

from patrol_emulators.roboteq.lines import Command

MAX_QUERIES = 16
MAX_PERIOD_MS = 32000


class History:
    """A queue that goes round: the query that is called goes to its end."""

    def __init__(self) -> None:
        self._queries: deque[Command] = deque(maxlen=MAX_QUERIES)
        self._period_ms = 0
        self._left_ms = 0

    def add(self, query: Command) -> None:
        self._queries.append(query)

    def clear(self) -> None:
        """ "# C": nothing is sent any more."""
        self._queries.clear()
        self._period_ms = 0

    def start(self, period_ms: int) -> None:
        """ "# nn": one query every `period_ms`."""
        self._period_ms = self._left_ms = period_ms

    def stop(self) -> None:
        self._period_ms = 0

    def next(self) -> Command | None:
        """The query whose turn it is; None when there is none."""
        if not self._queries:
            return None
        self._queries.rotate(-1)
        return self._queries[-1]

    def pass_ms(self) -> Command | None:
        """Let a millisecond pass; the query that is due now."""
        if not self._period_ms:
            return None
        self._left_ms -= 1
        if self._left_ms > 0:
            return None
        self._left_ms = self._period_ms
        return self.next()
