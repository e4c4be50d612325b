"""The console's server: uvicorn in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from patrol_console.errors import ConsoleError
from patrol_console.web.params import WebParams
from patrol_core.web.connections import guarded_protocol

_STOP_S = 5.0
_PING_S = 5.0
_MAX_MESSAGE = 4096
"""Bytes of what a page may say on a WebSocket at once."""

InLoop = Callable[[Callable[[], None]], None]


class WebServer:
    """Serves an application from `start` to `stop`. Nothing that happens in it reaches others."""

    def __init__(
        self, app: ASGIApp, params: WebParams, certificate: tuple[Path, Path] | None
    ) -> None:
        self._params = params
        self._socket: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)
        self._scheme = "http" if certificate is None else "https"
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=guarded_protocol(params),
                ws="websockets-sansio",
                ws_max_size=_MAX_MESSAGE,
                ws_ping_interval=_PING_S,
                ws_ping_timeout=_PING_S,
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
                ssl_certfile=None if certificate is None else str(certificate[0]),
                ssl_keyfile=None if certificate is None else str(certificate[1]),
            )
        )

    def start(self) -> str:
        """Begin to listen; the address of the page. Raises ConsoleError."""
        host, port = self._params.host, self._params.port
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            raise ConsoleError(
                f"the console cannot listen on {host} port {port}: {error.strerror}",
                expected="a free port of this machine",
                remedy="choose another 'web.port', or end what uses it (ss -ltnp shows it)",
            ) from error
        self._thread.start()
        shown = f"[{host}]" if ":" in host else host
        return f"{self._scheme}://{shown}:{self._socket.getsockname()[1]}/"

    def in_loop(self, call: Callable[[], None]) -> None:
        """Have something called in the web's loop, from any thread; nothing when it has ended."""
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
