"""The web application: all parts behind one guard, and the pages."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from patrol_console.web.endpoints import Call, Endpoint
from patrol_console.web.guard import Guard
from patrol_console.web.mounting import Mounting
from patrol_console.web.openapi import describe
from patrol_console.web.parts import Part
from patrol_core.errors import RondaError
from patrol_core.web.asking import RefusalError
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
        exception_handlers={
            RefusalError: _refused, HTTPException: _not_served, RondaError: _failed,
            Exception: _broken,
        },
    )  # fmt: skip
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


def _answer(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    answer = _answer(error.status, error.sentence)
    if error.status == 429:  # what else it has sent ahead is not worth reading
        answer.headers["connection"] = "close"
    return answer


async def _not_served(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(error.status_code, f"{error.detail}.")


async def _failed(_: Request, error: Exception) -> Response:
    _log.error("the console could not serve a request: %s", error)
    return _answer(503, "The robot cannot answer now; try again.")


async def _broken(_: Request, error: Exception) -> Response:
    _log.error("the console failed at a request", exc_info=error)
    return _answer(500, "The console has failed at this; it is in its log.")
