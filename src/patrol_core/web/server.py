"""A server of pages: uvicorn in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from patrol_core.errors import RondaError
from patrol_core.web.connections import ConnectionLimits, guarded_protocol

_STOP_S = 5.0


class ListenError(RondaError):
    """There is nowhere to listen."""


def listening(name: str, host: str, port: int, queue: int = 128) -> socket.socket:
    """A socket that listens. `name`: who cannot, in the error. Raises ListenError."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=queue)
    except OSError as error:
        raise ListenError(
            f"the {name} cannot listen on {host} port {port}: {error.strerror}",
            expected="a free port of this machine",
            remedy="choose another 'port', or end what uses it (ss -ltnp shows it)",
        ) from error


def quiet_config(app: ASGIApp, params: ConnectionLimits, **options: Any) -> uvicorn.Config:
    """uvicorn's, guarded by `params`: it logs nothing and tells nobody what it is. `options`: what
    one server has and others have not."""
    return uvicorn.Config(
        app,
        http=guarded_protocol(params),
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
        **options,
    )


class PageServer:
    """Serves an application from `start` to `stop`. Nothing that happens in it reaches others.

    `queue`: so many connections wait in the system to be taken in (it may allow fewer). Who finds
    no room there is not told so, and tries again only after a second.
    """

    def __init__(
        self, name: str, host: str, port: int, config: uvicorn.Config, queue: int = 128
    ) -> None:
        self._name, self._host, self._port, self._queue = name, host, port, queue
        self._scheme = "https" if config.ssl_certfile else "http"
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server = _Server(config, queue)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> str:
        """Begin to listen; the address of the page. Raises ListenError."""
        host = self._host
        self._socket = listening(self._name, host, self._port, self._queue)
        self._thread.start()
        shown = f"[{host}]" if ":" in host else host
        return f"{self._scheme}://{shown}:{self._socket.getsockname()[1]}/"

    @property
    def alive(self) -> bool:
        """Whether pages are being served."""
        return self._thread.is_alive()

    def in_loop(self, call: Callable[[], None]) -> None:
        """Have something called in the server's loop, from any thread; nothing after its end."""
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(call)
            except RuntimeError:  # it has just been closed
                self._loop = None

    def stop(self) -> None:
        """End every connection, and the thread. Safe to call more than once."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_STOP_S)
        if self._socket is not None:
            self._socket.close()

    def _run(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve(sockets=[self._socket] if self._socket else None)

        asyncio.run(serve())


class _Server(uvicorn.Server):
    """asyncio has one number for how many wait and how many are taken in at a time; the queue is
    made longer once it listens.
    """

    def __init__(self, config: uvicorn.Config, queue: int) -> None:
        super().__init__(config)
        self._queue = queue

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(self._queue)
