"""The console's server."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from patrol_console.web.params import WebParams
from patrol_core.web.connections import guarded_protocol
from patrol_core.web.server import PageServer

_PING_S = 5.0
_MAX_MESSAGE = 4096
"""Bytes of what a page may say on a WebSocket at once."""


def console_server(
    app: ASGIApp, params: WebParams, certificate: tuple[Path, Path] | None
) -> PageServer:
    """Of the console's application; with a certificate and its key it speaks TLS."""
    config = uvicorn.Config(
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
    return PageServer("console", params.host, params.port, config)
