"""What a request may carry: JSON, small and whole. Everything else is refused in one sentence."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

_MAX_THROWN_AWAY, _THROW_AWAY_S = 1_000_000, 0.5


class RefusalError(Exception):
    """A request that is not served: status 4xx or 503, and one sentence that says why.

    On a WebSocket it is the close code 4000 + `status`, and the sentence its reason.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


async def read_object(request: Request, timeout_s: float, max_bytes: int = 8192) -> dict[str, Any]:
    """The JSON object in the body. Raises RefusalError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusalError(415, "Send JSON, with the content type application/json.")
    body = await _read_body(request, timeout_s, max_bytes)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusalError(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise RefusalError(400, "The body is not a JSON object.")
    return value


async def _read_body(request: Request, timeout_s: float, max_bytes: int) -> bytes:
    """The body. One that is too long is read on for a moment and thrown away, so that the answer
    is not lost with what was still being sent.
    """
    announced = request.headers.get("content-length", "")
    size, parts = 0, list[bytes]()
    is_long = announced.isdecimal() and (len(announced) > 9 or int(announced) > max_bytes)

    async def take() -> None:
        nonlocal size
        async for part in request.stream():
            size += len(part)
            if size <= max_bytes:
                parts.append(part)
            elif size > _MAX_THROWN_AWAY:
                return

    try:
        await asyncio.wait_for(take(), _THROW_AWAY_S if is_long else timeout_s)
    except asyncio.TimeoutError:
        if not is_long and size <= max_bytes:
            raise RefusalError(408, "The request took too long to arrive.") from None
    except ClientDisconnect:
        raise RefusalError(400, "The request was broken off.") from None
    if is_long or size > max_bytes:
        raise RefusalError(413, f"The body is longer than {max_bytes} bytes.")
    return b"".join(parts)
