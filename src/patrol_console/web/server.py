"""The console's server."""

from __future__ import annotations

from pathlib import Path

from starlette.types import ASGIApp

from patrol_console.web.params import WebParams
from patrol_core.web.server import PageServer, quiet_config

_PING_S = 5.0
_MAX_MESSAGE = 4096
"""Bytes of what a page may say on a WebSocket at once."""


def console_server(
    app: ASGIApp, params: WebParams, certificate: tuple[Path, Path] | None
) -> PageServer:
    """Of the console's application; with a certificate and its key it speaks TLS."""
    config = quiet_config(
        app,
        params,
        ws="websockets-sansio",
        ws_max_size=_MAX_MESSAGE,
        ws_ping_interval=_PING_S,
        ws_ping_timeout=_PING_S,
        ws_per_message_deflate=False,
        lifespan="on",
        proxy_headers=False,
        ssl_certfile=None if certificate is None else str(certificate[0]),
        ssl_keyfile=None if certificate is None else str(certificate[1]),
    )
    return PageServer("console", params.host, params.port, config)
