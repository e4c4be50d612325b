"""Between the robot's thread, which has messages, and the server's, which has clients.

Nothing here waits for anybody: one lock, held for as long as it takes to queue a message.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from patrol_console.foxglove.outbox import Message, Newest, Outbox
from patrol_console.foxglove.protocol import (
    Asked,
    Channel,
    Level,
    SaidError,
    advertisement,
    read,
    server_info,
    status,
    time_frame,
)


class Hub:
    """The channels of one robot, and who wants them."""

    def __init__(
        self, name: str, session: str, channels: Sequence[Channel], latched: frozenset[int]
    ) -> None:
        """`latched`: channels whose newest messages are told to those who come later."""
        self._greeting = (server_info(name, session), advertisement(channels))
        self._numbers = frozenset(channel.number for channel in channels)
        self._latched = latched
        self._kept: dict[int, Newest] = {}
        self._clients: set[Outbox] = set()
        self._lock = threading.Lock()
        self._is_told = False
        self._wake: Callable[[], None] = lambda: None

    # The robot's thread

    def wanted(self) -> frozenset[int]:
        """Channels that some client wants. Of the others nothing is kept from now on: a latched
        row comes anew when it is listened to again.
        """
        with self._lock:
            wanted = frozenset[int]().union(*(client.channels for client in self._clients))
            for channel in self._kept.keys() - wanted:
                del self._kept[channel]
            return wanted

    def publish(self, channel: int, message: Message) -> None:
        with self._lock:
            if channel in self._latched:
                self._kept.setdefault(channel, Newest()).add(message)
            for client in self._clients:
                client.put(channel, message)
        self._tell()

    def tell_time(self, now_s: float) -> None:
        if not self._clients:
            return
        frame = time_frame(now_s)
        with self._lock:
            for client in self._clients:
                client.put_time(frame)
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            is_told, self._is_told = self._is_told, True
        if not is_told:
            self._wake()

    # The server's thread

    def on_news(self, wake: Callable[[], None]) -> None:
        """`wake` is called, in any thread, when something waits; then not before `listen`."""
        self._wake = wake

    def listen(self) -> None:
        with self._lock:
            self._is_told = False

    def join(self) -> Outbox:
        client = Outbox()
        for text in self._greeting:
            client.say(text)
        with self._lock:
            self._clients.add(client)
        return client

    def leave(self, client: Outbox) -> None:
        with self._lock:
            self._clients.discard(client)

    def take(self, client: Outbox) -> str | bytes | None:
        """The next frame for a client; None: nothing waits."""
        with self._lock:
            return client.take()

    def answer(self, client: Outbox, said: str | bytes) -> None:
        """Do what a client has said, as far as it can be done, and tell it what is wrong."""
        try:
            asked, problems = read(said), []
        except SaidError as error:
            asked, problems = Asked(), [str(error)]
        with self._lock:
            problems += [self._subscribe(client, *pair) for pair in asked.subscribe]
            problems += [client.unsubscribe(subscription) for subscription in asked.unsubscribe]
            for problem in filter(None, problems):
                client.say(status(Level.ERROR, problem))

    def _subscribe(self, client: Outbox, subscription: int, channel: int) -> str:
        if channel not in self._numbers:
            return f"there is no channel {channel}"
        problem = client.subscribe(subscription, channel)
        for message in () if problem else self._kept.get(channel, ()):
            client.put(channel, message)
        return problem
