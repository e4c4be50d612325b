"""The WebSocket server of the bridge, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from asyncio import BaseTransport
from collections.abc import Callable
from http import HTTPStatus

from websockets import ConnectionClosed, Request, Response, Subprotocol
from websockets.asyncio.server import ServerConnection, serve

from patrol_console.foxglove.hub import Hub
from patrol_console.foxglove.outbox import Outbox
from patrol_console.foxglove.params import FoxgloveParams
from patrol_console.foxglove.protocol import MAX_MESSAGE, SUBPROTOCOLS
from patrol_core.web.addresses import is_loopback
from patrol_core.web.server import listening

_NAME = "Foxglove bridge"
_STOP_S = 5.0
_OPEN_S, _CLOSE_S = 5.0, 1.0
_PACE_S = 0.01
"""Between two messages of a client that are heard: others wait on its own side."""
_MAX_CONNECTIONS = 80
"""With those that have not said yet what they want."""
_SEND_BUFFER = 2**18
"""Bytes in the system on the way to a client: more would only be older."""
_TRY_AGAIN_LATER = 1013
_MAX_NOTED = 20

_log = logging.getLogger(__name__)
_unsaid = logging.getLogger(f"{__name__}.connections")
_unsaid.setLevel(logging.CRITICAL)  # what strangers send is no error of ours


class FoxgloveServer:
    """Serves a hub's channels from `start` to `stop`."""

    def __init__(self, hub: Hub, params: FoxgloveParams) -> None:
        self._hub, self._params = hub, params
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._socket: socket.socket | None = None
        self._clients: dict[ServerConnection, asyncio.Event] = {}
        self._refused: set[str] = set()
        self._thread: threading.Thread | None = None
        self.address = ""

    def start(self) -> None:
        """Begin to listen. Raises ListenError."""
        host = self._params.host
        self._socket = listening(_NAME, host, self._params.port)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"ws://{shown}:{self._socket.getsockname()[1]}"
        self._loop = loop = asyncio.new_event_loop()
        self._hub.on_news(lambda: self._in_loop(self._wake))
        self._thread = threading.Thread(target=self._run, args=(loop,), name=_NAME, daemon=True)
        self._thread.start()
        _log.warning("engineers look in with Foxglove at %s; nobody signs in there", self.address)
        if not is_loopback(host):
            _log.warning(
                "WHOEVER REACHES %s SEES WHAT THE ROBOT SEES, without signing in, and so does "
                "who listens on the way; safer: 127.0.0.1 and an SSH tunnel (docs/FOXGLOVE.md)",
                self.address,
            )

    def stop(self) -> None:
        """End every connection, and the thread. Safe to call more than once."""
        self._in_loop(self._ended.set)
        if self._thread is not None:
            self._thread.join(_STOP_S)
        if self._socket is not None:
            self._socket.close()

    def _in_loop(self, call: Callable[[], object]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just been closed
                self._loop.call_soon_threadsafe(call)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._serve())
        finally:
            loop.close()

    async def _serve(self) -> None:
        async with serve(
            self._show,
            sock=self._socket,
            subprotocols=[Subprotocol(name) for name in SUBPROTOCOLS],
            process_request=self._judge,
            create_connection=_Connection,
            compression=None,
            server_header=None,
            open_timeout=_OPEN_S,
            close_timeout=_CLOSE_S,
            max_size=MAX_MESSAGE,
            max_queue=2,
            logger=_unsaid,
        ):
            watching = asyncio.create_task(self._watch())
            await self._ended.wait()
            watching.cancel()

    def _judge(self, connection: ServerConnection, request: Request) -> Response | None:
        """A page of a stranger in a browser of this machine could read everything: refuse it."""
        for origin in request.headers.get_all("Origin"):
            if origin not in self._params.origins:
                self._note(origin)
                return connection.respond(
                    HTTPStatus.FORBIDDEN, "Pages of this origin may not look at the robot.\n"
                )
        return None

    def _note(self, origin: str) -> None:
        told = repr(origin[:100])
        if told not in self._refused and len(self._refused) < _MAX_NOTED:
            self._refused.add(told)
            _log.warning(
                "Foxglove bridge: a page of %s was refused; foxglove.origins lists who may", told
            )

    async def _show(self, connection: ServerConnection) -> None:
        """Serve one client until it is gone."""
        if len(self._clients) >= self._params.max_clients:
            await connection.close(_TRY_AGAIN_LATER, "there are too many clients already")
            return
        client = self._hub.join()
        self._clients[connection] = news = asyncio.Event()
        news.set()
        sending = asyncio.create_task(self._send(connection, client, news))
        try:
            async for said in connection:
                self._hub.answer(client, said)
                news.set()
                await asyncio.sleep(_PACE_S)
        except ConnectionClosed:
            pass
        finally:
            del self._clients[connection]
            self._hub.leave(client)
            sending.cancel()

    async def _send(
        self, connection: ServerConnection, client: Outbox, news: asyncio.Event
    ) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await news.wait()
                news.clear()
                while (frame := self._hub.take(client)) is not None:
                    await connection.send(frame)

    def _wake(self) -> None:
        self._hub.listen()
        for news in self._clients.values():
            news.set()

    async def _watch(self) -> None:
        """Cut who reads nothing of what is on its way to it."""
        unread: dict[ServerConnection, tuple[int, float]] = {}
        clock = asyncio.get_running_loop().time
        while True:
            now_s = clock()
            sizes = {one: one.transport.get_write_buffer_size() for one in self._clients}
            unread = {
                one: unread[one]
                if size and size == unread.get(one, (0, 0.0))[0]
                else (size, now_s)
                for one, size in sizes.items()
            }
            for connection, (_, since_s) in unread.items():
                if now_s - since_s > self._params.stall_timeout_s:
                    connection.transport.abort()
            await asyncio.sleep(self._params.stall_timeout_s / 4.0)


class _Connection(ServerConnection):
    """One of so many that no flood of them takes the process's files."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        if len(self.server.handlers) > _MAX_CONNECTIONS:
            self.transport.abort()
