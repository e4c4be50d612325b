"""What a visitor's request may be: small and plain. Everything else is refused in one sentence."""

from __future__ import annotations

import unicodedata
from typing import Any

from starlette.requests import Request

from patrol_core.web.asking import RefusalError

MAX_TEXT = 500
"""Characters of one sentence."""
_LANGUAGE_LENGTH = 16
_BEARER = "Bearer "


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
