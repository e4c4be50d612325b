"""The kiosk's server."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

from patrol_core.web.connections import guarded_protocol
from patrol_core.web.server import PageServer
from patrol_hri.kiosk.params import KioskParams

_AT_A_TIME = 128
"""So many connections are taken in before the others are looked after again."""
_QUEUE = 4096


def kiosk_server(app: ASGIApp, params: KioskParams) -> PageServer:
    """Of the kiosk's application."""
    config = uvicorn.Config(
        app,
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
    return PageServer("kiosk", params.host, params.port, config, _QUEUE)
