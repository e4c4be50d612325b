"""Mailboxes (what a component has received) and the in-memory bus that joins them.

The ROS host fills mailboxes from subscriptions; the closed loop fills them from the bus.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Iterable
from typing import Any, TypeVar

from patrol_core.component import Inputs, Sample
from patrol_core.errors import QueueOverflowError
from patrol_core.topics import Topic, TopicKind

T = TypeVar("T")


class Mailbox:
    """Received values of the rows that one component reads.

    A late reader of a latched event row gets `queue` of them at once, and as many may follow
    before it ticks.
    """

    def __init__(self, reads: Iterable[Topic[Any]]) -> None:
        self.reads = tuple(reads)
        self._states: dict[str, Sample[Any]] = {}
        self._events: dict[str, deque[Any]] = {
            topic.name: deque() for topic in self.reads if topic.kind is TopicKind.EVENT
        }

    def store(self, topic: Topic[T], value: T, received_s: float) -> None:
        """Keep one value. Raises QueueOverflowError when an event row is full."""
        if topic.kind is TopicKind.STATE:
            previous = self._states.get(topic.name)
            sequence = 1 if previous is None else previous.sequence + 1
            self._states[topic.name] = Sample(value, received_s, sequence)
            return
        queue = self._events[topic.name]
        bound = 2 * topic.queue if topic.latched else topic.queue
        if len(queue) >= bound:
            raise QueueOverflowError(
                f"more than {bound} events on '{topic.name}' between two ticks",
                remedy="the reader is too slow or the writer runs wild: see the process load",
            )
        queue.append(value)

    def snapshot(self) -> Inputs:
        """The newest states and the events since the last snapshot."""
        events = {name: tuple(queue) for name, queue in self._events.items() if queue}
        for queue in self._events.values():
            queue.clear()
        return Inputs(dict(self._states), events)


class Bus:
    """Delivers what is published to every mailbox that reads the row, after `latency_s`.

    Mailboxes and messages belong to a process; a process does not hear itself here, because its
    components hand on to each other within the tick. Values are shared, not copied: they are
    immutable by convention. Order is that of publication.
    """

    def __init__(self, latency_s: float = 0.0) -> None:
        self._latency_s = latency_s
        self._readers: dict[str, list[tuple[str, Mailbox]]] = {}
        self._latched: dict[str, tuple[str, Any]] = {}
        self._pending: list[tuple[float, int, Topic[Any], Any, str]] = []
        self._order = itertools.count()

    def attach(self, mailbox: Mailbox, process: str) -> None:
        """Let `mailbox` receive from now on; latched rows deliver their last value at once."""
        for topic in mailbox.reads:
            self._readers.setdefault(topic.name, []).append((process, mailbox))
            sender, value = self._latched.get(topic.name, (process, None))
            if sender != process:
                mailbox.store(topic, value, 0.0)

    def publish(self, topic: Topic[T], value: T, now_s: float, process: str) -> None:
        """Queue one value for delivery at `now_s + latency_s`."""
        item = (now_s + self._latency_s, next(self._order), topic, value, process)
        heapq.heappush(self._pending, item)

    def deliver(self, now_s: float) -> None:
        """Hand over everything that is due at `now_s`."""
        while self._pending and self._pending[0][0] <= now_s + 1e-9:
            _, _, topic, value, sender = heapq.heappop(self._pending)
            if topic.latched:
                self._latched[topic.name] = (sender, value)
            for process, mailbox in self._readers.get(topic.name, ()):
                if process != sender:
                    mailbox.store(topic, value, now_s)
