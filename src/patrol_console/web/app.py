"""The web application: all parts behind one guard, and the pages."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from patrol_console.web.endpoints import Call, Endpoint
from patrol_console.web.guard import Guard
from patrol_console.web.mounting import Mounting
from patrol_console.web.openapi import describe
from patrol_console.web.parts import Part
from patrol_core.web.answers import error_handlers
from patrol_core.web.headers import SafeHeaders
from patrol_core.web.pages import Pages

FOLDER = Path(__file__).parents[1] / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_TLS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
_log = logging.getLogger(__name__)


def create_app(
    guard: Guard, mounting: Mounting, parts: Sequence[Part], *, speaks_tls: bool
) -> ASGIApp:
    """The application. Parts' background tasks run while it does."""
    pages = Pages(FOLDER)
    endpoints = [one for part in parts for one in part.endpoints]
    sockets = [one for part in parts for one in part.sockets]

    async def page(request: Request) -> Response:
        guard.check_source(request)
        return pages.response(request.path_params.get("name", "index.html"))

    async def api(_: Call) -> Any:
        return described

    endpoints.append(Endpoint("GET", "/openapi.json", "This description", None, api))
    described = describe(endpoints, guard.cookie)
    routes = [
        Route("/", page),
        Route("/static/{name:path}", page),
        *mounting.routes(endpoints, sockets),
    ]
    app = Starlette(
        routes=routes,
        lifespan=_running([task for part in parts for task in part.background]),
        exception_handlers=error_handlers("the console", _log),
    )
    more = {"Content-Security-Policy": _POLICY, "Permissions-Policy": "gamepad=(self)"}
    return SafeHeaders(app, more | _TLS_HEADERS if speaks_tls else more)


def _running(tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> Any:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            for task in tasks:
                group.start_soon(task)
            yield
            group.cancel_scope.cancel()

    return lifespan
