"""The kiosk's server: uvicorn in a thread of its own."""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from patrol_core.web.connections import guarded_protocol
from patrol_hri.errors import KioskError
from patrol_hri.kiosk.params import KioskParams

_AT_A_TIME = 128
"""So many connections are taken in before the others are looked after again."""
_QUEUE = 4096
"""So many wait in the system to be taken in (it may allow fewer). Who finds no room there is not
told so, and tries again only after a second."""
_STOP_S = 5.0


class _Server(uvicorn.Server):
    """asyncio has one number for both; the queue is made longer once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(_QUEUE)


class KioskServer:
    """Serves an application from `start` to `stop`. Nothing that happens in it reaches others."""

    def __init__(self, app: ASGIApp, params: KioskParams) -> None:
        self._params = params
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._server = _Server(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=guarded_protocol(params),
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                date_header=False,
                backlog=_AT_A_TIME,
                forwarded_allow_ips="127.0.0.1",
                timeout_graceful_shutdown=1,
            )
        )

    def start(self) -> str:
        """Begin to listen; the address of the page. Raises KioskError."""
        host, port = self._params.host, self._params.port
        try:
            self._socket = socket.create_server((host, port), backlog=_QUEUE)
        except OSError as error:
            raise KioskError(
                f"the kiosk cannot listen on {host} port {port}: {error.strerror}",
                expected="a free port of this machine",
                remedy="choose another 'port', or end what uses it (ss -ltnp shows it)",
            ) from error
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="kiosk", daemon=True
        )
        self._thread.start()
        return f"http://{host}:{self._socket.getsockname()[1]}/"

    @property
    def alive(self) -> bool:
        """Whether pages are being served."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self) -> None:
        """End every conversation's connection, and the thread. Safe to call more than once."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_STOP_S)
        if self._socket is not None:
            self._socket.close()
