"""Connections that harm nobody: counted, and cut when they keep the server waiting."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from patrol_hri.kiosk.params import KioskParams

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Retry-After: 5\r\nConnection: close\r\nContent-Length: 44\r\n\r\n"
    b"Too many connections; try again in a moment."
)


@dataclass(slots=True)
class Counts:
    """The connections that a server has open, by client."""

    clients: Counter[str] = field(default_factory=Counter)

    def admit(self, client: str, params: KioskParams) -> bool:
        """Count one more; False when there are too many of them, or in all."""
        if self.clients.total() >= params.max_connections:
            return False
        if self.clients[client] >= params.client_connections:
            return False
        self.clients[client] += 1
        return True

    def leave(self, client: str) -> None:
        """Count one less."""
        self.clients[client] -= 1
        if not self.clients[client]:
            del self.clients[client]


class GuardedProtocol(H11Protocol):
    """Cuts who sends no whole request in time, or reads nothing of what is sent."""

    params: ClassVar[KioskParams]
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
        self._admitted = self.counts.admit(self._client, self.params)
        if not self._admitted:
            transport.write(_FULL)
            transport.close()
            return
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._admitted:
            self.counts.leave(self._client)
            super().connection_lost(exc)
        if self._check is not None:
            self._check.cancel()

    def data_received(self, data: bytes) -> None:
        if self._admitted:
            super().data_received(data)

    def on_response_complete(self) -> None:
        self._idle_since_s = self.loop.time()
        super().on_response_complete()

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


def guarded_protocol(params: KioskParams) -> type[H11Protocol]:
    """The protocol of one server's connections."""

    class Guarded(GuardedProtocol):
        pass

    Guarded.params = params
    Guarded.counts = Counts()
    return Guarded
