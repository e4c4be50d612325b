"""Connections that harm nobody: counted, and cut when they keep the server waiting."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar, Protocol

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Retry-After: 5\r\nConnection: close\r\nContent-Length: 44\r\n\r\n"
    b"Too many connections; try again in a moment."
)


class ConnectionLimits(Protocol):
    """How many connections there may be, in all and a client, and how long they may be silent."""

    @property
    def max_connections(self) -> int: ...
    @property
    def client_connections(self) -> int: ...
    @property
    def request_timeout_s(self) -> float: ...
    @property
    def stall_timeout_s(self) -> float: ...


class Counts:
    """The connections that a server has open: how many by client, and which of them wait for a
    request, by client, the longest waiting first.
    """

    def __init__(self, params: ConnectionLimits) -> None:
        self._params = params
        self._clients: Counter[str] = Counter()
        self._waiting: dict[str, dict[GuardedProtocol, None]] = {}

    def admit(self, client: str) -> bool:
        """Count one more; False when this client has too many, or none of the others waits.

        Where there is no room, the client with most connections that wait for a request makes
        some, by the one that has waited longest: silent connections, however many, push out each
        other and nobody who has just come to ask for something.
        """
        if self._clients[client] >= self._params.client_connections:
            return False
        if self._clients.total() >= self._params.max_connections:
            if not self._waiting:
                return False
            most = max(self._waiting.values(), key=len)
            next(iter(most)).give_way()
        self._clients[client] += 1
        return True

    def leave(self, client: str) -> None:
        """Count one less."""
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]

    def wait(self, client: str, connection: GuardedProtocol) -> None:
        """Note that it waits for a request."""
        self._waiting.setdefault(client, {})[connection] = None

    def wait_no_more(self, client: str, connection: GuardedProtocol) -> None:
        """Note that it does not; safe to call for one that did not wait."""
        waiting = self._waiting.get(client, {})
        waiting.pop(connection, None)
        if not waiting:
            self._waiting.pop(client, None)


class GuardedProtocol(H11Protocol):
    """Cuts who sends no whole request in time, or reads nothing of what is sent."""

    params: ClassVar[ConnectionLimits]
    counts: ClassVar[Counts]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._client = ""
        self._admitted = False
        self._idle_since_s = self.loop.time()
        self._unread = (0, self.loop.time())
        self._check: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._client = (transport.get_extra_info("peername") or ("",))[0]
        self._admitted = self.counts.admit(self._client)
        if not self._admitted:
            transport.write(_FULL)
            transport.close()
            return
        super().connection_made(transport)
        self.counts.wait(self._client, self)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._admitted:
            super().connection_lost(exc)
        self._let_go()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """A WebSocket is another protocol's from here on: it is counted and watched there."""
        self._let_go()
        super().handle_websocket_upgrade(event)

    def _let_go(self) -> None:
        if self._admitted:
            self._admitted = False
            self.counts.leave(self._client)
            self.counts.wait_no_more(self._client, self)
        if self._check is not None:
            self._check.cancel()

    def data_received(self, data: bytes) -> None:
        if self._admitted:
            super().data_received(data)
            if not self._idle():
                self.counts.wait_no_more(self._client, self)

    def on_response_complete(self) -> None:
        """Who has sent the next request before this answer gets it alone: no browser does so, and
        a hundred requests in one piece would hold up everybody else.
        """
        self._idle_since_s = self.loop.time()
        if self.conn.their_state is h11.DONE and self.conn.trailing_data[0]:
            self.transport.close()
            return
        if not self.transport.is_closing():
            self.counts.wait(self._client, self)
        super().on_response_complete()

    def give_way(self) -> None:
        """Make room for another."""
        self.counts.wait_no_more(self._client, self)
        if self.transport.get_write_buffer_size() == 0:
            self.transport.write(_FULL)
            self.transport.close()
        else:
            self.transport.abort()

    def _idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _watch(self) -> None:
        """Look at the connection now and again, until it is lost."""
        now_s = self.loop.time()
        size = self.transport.get_write_buffer_size()
        if size == 0 or size != self._unread[0]:
            self._unread = (size, now_s)
        too_slow = self._idle() and now_s - self._idle_since_s > self.params.request_timeout_s
        stalled = size > 0 and now_s - self._unread[1] > self.params.stall_timeout_s
        if too_slow or stalled:
            self.transport.abort()
            return
        every_s = min(self.params.request_timeout_s, self.params.stall_timeout_s) / 4.0
        self._check = self.loop.call_later(every_s, self._watch)


def guarded_protocol(params: ConnectionLimits) -> type[H11Protocol]:
    """The protocol of one server's connections."""

    class Guarded(GuardedProtocol):
        pass

    Guarded.params = params
    Guarded.counts = Counts(params)
    return Guarded
