"""What waits for one client: never more than its newest messages, however slowly it reads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from patrol_console.foxglove.protocol import message_frame

MAX_BYTES, MAX_MESSAGES = 2**16, 100
"""Of one row; its newest message alone may be larger."""
_MAX_TEXTS = 16


class Message(NamedTuple):
    """`received_s`: the robot's time at its arrival [s]. `data`: CDR."""

    received_s: float
    data: bytes


class Newest:
    """The newest messages of one row, oldest first: the last one, and as many before as fit."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def add(self, message: Message) -> None:
        self._messages.append(message)
        self.size_bytes += len(message.data)
        while len(self) > 1 and (self.size_bytes > MAX_BYTES or len(self) > MAX_MESSAGES):
            self.take()

    def take(self) -> Message:
        """The oldest. Raises IndexError when there is none."""
        message = self._messages.popleft()
        self.size_bytes -= len(message.data)
        return message


class Outbox:
    """One client's subscriptions, and what is to be sent to it. Rows take turns."""

    def __init__(self) -> None:
        self._channels: dict[int, int] = {}
        self._subscriptions: dict[int, int] = {}
        self._waiting: dict[int, Newest] = {}
        self._turns: deque[int] = deque()
        self._texts: deque[str] = deque()
        self._time: bytes | None = None

    @property
    def channels(self) -> frozenset[int]:
        """Those that the client wants."""
        return frozenset(self._subscriptions)

    def subscribe(self, subscription: int, channel: int) -> str:
        """What is wrong with that; empty: nothing."""
        if subscription in self._channels:
            return f"subscription {subscription} is in use"
        if channel in self._subscriptions:
            return f"channel {channel} is subscribed to already"
        self._channels[subscription] = channel
        self._subscriptions[channel] = subscription
        self._waiting[subscription] = Newest()
        return ""

    def unsubscribe(self, subscription: int) -> str:
        """What is wrong with that; empty: nothing."""
        channel = self._channels.pop(subscription, None)
        if channel is None:
            return f"there is no subscription {subscription}"
        del self._subscriptions[channel], self._waiting[subscription]
        if subscription in self._turns:
            self._turns.remove(subscription)
        return ""

    def put(self, channel: int, message: Message) -> None:
        """Nothing for a channel that the client does not want."""
        subscription = self._subscriptions.get(channel)
        if subscription is not None:
            waiting = self._waiting[subscription]
            waiting.add(message)
            if subscription not in self._turns:
                self._turns.append(subscription)

    def put_time(self, frame: bytes) -> None:
        self._time = frame

    def say(self, text: str) -> None:
        """Of many that nobody reads, the last are dropped."""
        if len(self._texts) < _MAX_TEXTS:
            self._texts.append(text)

    def take(self) -> str | bytes | None:
        """The next frame; None: nothing waits."""
        if self._texts:
            return self._texts.popleft()
        if self._time is not None:
            frame, self._time = self._time, None
            return frame
        if not self._turns:
            return None
        subscription = self._turns.popleft()
        waiting = self._waiting[subscription]
        message = waiting.take()
        if waiting:
            self._turns.append(subscription)
        return message_frame(subscription, message.received_s, message.data)
