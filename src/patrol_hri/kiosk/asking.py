"""What a request may be: small, whole, plain. Everything else is refused in one sentence."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from typing import Any

from starlette.requests import ClientDisconnect, Request

MAX_TEXT = 500
"""Characters of one sentence."""
MAX_BODY = 8192
_MAX_THROWN_AWAY, _THROW_AWAY_S = 1_000_000, 0.5
_LANGUAGE_LENGTH = 16
_BEARER = "Bearer "


class RefusalError(Exception):
    """A request that is not served: status 4xx or 503, and one sentence that says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


async def read_object(request: Request, timeout_s: float) -> dict[str, Any]:
    """The JSON object in the body. Raises RefusalError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusalError(415, "Send JSON, with the content type application/json.")
    body = await _read_body(request, timeout_s)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusalError(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise RefusalError(400, "The body is not a JSON object.")
    return value


async def _read_body(request: Request, timeout_s: float) -> bytes:
    """The body. One that is too long is read on for a moment and thrown away, so that the answer
    is not lost with what was still being sent.
    """
    announced = request.headers.get("content-length", "")
    size, parts = 0, list[bytes]()
    is_long = announced.isdecimal() and (len(announced) > 9 or int(announced) > MAX_BODY)

    async def take() -> None:
        nonlocal size
        async for part in request.stream():
            size += len(part)
            if size <= MAX_BODY:
                parts.append(part)
            elif size > _MAX_THROWN_AWAY:
                return

    try:
        await asyncio.wait_for(take(), _THROW_AWAY_S if is_long else timeout_s)
    except asyncio.TimeoutError:
        if not is_long and size <= MAX_BODY:
            raise RefusalError(408, "The request took too long to arrive.") from None
    except ClientDisconnect:
        raise RefusalError(400, "The request was broken off.") from None
    if is_long or size > MAX_BODY:
        raise RefusalError(413, f"The body is longer than {MAX_BODY} bytes.")
    return b"".join(parts)


def text_of(value: dict[str, Any]) -> str:
    """The sentence that was said, without control characters. Raises RefusalError."""
    text = value.get("text")
    if not isinstance(text, str):
        raise RefusalError(400, "There is no 'text'.")
    if len(text) > MAX_TEXT:
        raise RefusalError(413, f"A sentence has at most {MAX_TEXT} characters.")
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in text).strip()
    if not plain:
        raise RefusalError(400, "The text is empty.")
    return plain


def word_of(value: dict[str, Any], key: str) -> str:
    """A short word such as a language's code; empty where it is not given."""
    word = value.get(key, "")
    if not isinstance(word, str) or len(word) > _LANGUAGE_LENGTH or not word.isascii():
        raise RefusalError(400, f"'{key}' is not a short word.")
    return word


def number_of(value: object) -> int:
    """The number of a line. Raises RefusalError."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return value
    raise RefusalError(400, "The number of a line is missing.")


def session_of(request: Request) -> str:
    """The conversation that the request belongs to. Raises RefusalError."""
    given = request.headers.get("authorization", "")
    if not given.startswith(_BEARER) or not 0 < len(given) - len(_BEARER) <= 128:
        raise RefusalError(401, "Say which conversation this belongs to.")
    return given[len(_BEARER) :]


def client_of(request: Request) -> str:
    """The client's address."""
    return "" if request.client is None else request.client.host
