"""How a page's server answers what goes wrong: one sentence, as JSON."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from patrol_core.errors import RondaError
from patrol_core.web.asking import RefusalError

Handlers = Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]]


def sentence(status: int, words: str) -> Response:
    """An answer of one sentence."""
    return JSONResponse({"error": words}, status)


def error_handlers(who: str, log: logging.Logger) -> Handlers:
    """For an application; `who` it is, for its log: "the kiosk"."""

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, RefusalError)
        answer = sentence(error.status, error.sentence)
        if error.status == 429:  # what else it has sent ahead is not worth reading
            answer.headers["connection"] = "close"
        return answer

    async def not_served(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return sentence(error.status_code, f"{error.detail}.")

    async def failed(_: Request, error: Exception) -> Response:
        log.error("%s could not serve a request: %s", who, error)
        return sentence(503, "The robot cannot answer now; try again.")

    async def broken(_: Request, error: Exception) -> Response:
        log.error("%s failed at a request", who, exc_info=error)
        return sentence(500, "The robot cannot answer now.")

    return {
        RefusalError: refused, HTTPException: not_served, RondaError: failed, Exception: broken,
    }  # fmt: skip
