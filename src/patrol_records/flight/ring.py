"""The newest messages of every row, bounded by time and bytes, each row for itself and in all."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

OVERHEAD_BYTES = 160
"""What a message costs in memory beside its bytes (objects of CPython, rounded up)."""


class Message(NamedTuple):
    """`received_s`: the robot's time at its arrival [s]. `data`: CDR."""

    topic: str
    received_s: float
    data: bytes

    @property
    def cost_bytes(self) -> int:
        return len(self.data) + OVERHEAD_BYTES


class Rings:
    """One ring a row. A latched row keeps its newest message, however old."""

    def __init__(
        self, max_bytes: Mapping[str, int], latched: frozenset[str], keep_s: float, total: int
    ) -> None:
        """`max_bytes` by row, `total` of all [bytes]."""
        self._max_bytes, self._latched = max_bytes, latched
        self._keep_s, self._total = keep_s, total
        self._rings: dict[str, deque[Message]] = {name: deque() for name in max_bytes}
        self._bytes = dict.fromkeys(max_bytes, 0)
        self.size_bytes = 0

    def add(self, message: Message) -> None:
        """Keep a message of a known row; older ones go as bounds say."""
        name = message.topic
        ring = self._rings[name]
        ring.append(message)
        self._bytes[name] += message.cost_bytes
        self.size_bytes += message.cost_bytes
        oldest_s = message.received_s - self._keep_s
        least = 1 if name in self._latched else 0
        while len(ring) > least and (
            ring[0].received_s < oldest_s or self._bytes[name] > self._max_bytes[name]
        ):
            self._drop(name)
        while self.size_bytes > self._total:
            self._drop(max(self._bytes, key=self._bytes.__getitem__))

    def expire(self, now_s: float) -> None:
        """Let go what is too old, of rows that have fallen silent, too."""
        for name, ring in self._rings.items():
            least = 1 if name in self._latched else 0
            while len(ring) > least and ring[0].received_s < now_s - self._keep_s:
                self._drop(name)

    def since(self, start_s: float) -> list[Message]:
        """All that arrived since then in order of arrival; of latched rows also the newest before
        it, told as if it had come at `start_s`."""
        found = [m for ring in self._rings.values() for m in ring if m.received_s >= start_s]
        found.sort(key=lambda message: message.received_s)
        head = []
        for name in sorted(self._latched):
            earlier = [m for m in self._rings[name] if m.received_s < start_s]
            head += [earlier[-1]._replace(received_s=start_s)] if earlier else []
        return head + found

    def _drop(self, name: str) -> None:
        gone = self._rings[name].popleft()
        self._bytes[name] -= gone.cost_bytes
        self.size_bytes -= gone.cost_bytes
