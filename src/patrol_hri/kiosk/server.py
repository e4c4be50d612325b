"""The kiosk's server."""

from __future__ import annotations

from starlette.types import ASGIApp

from patrol_core.web.server import PageServer, quiet_config
from patrol_hri.kiosk.params import KioskParams

_AT_A_TIME = 128
"""So many connections are taken in before the others are looked after again."""
_QUEUE = 4096


def kiosk_server(app: ASGIApp, params: KioskParams) -> PageServer:
    """Of the kiosk's application."""
    config = quiet_config(
        app,
        params,
        ws="none",
        lifespan="off",
        backlog=_AT_A_TIME,
        forwarded_allow_ips="127.0.0.1",
    )
    return PageServer("kiosk", params.host, params.port, config, _QUEUE)
