"""What a page says on a WebSocket: short texts, most of them one JSON object each."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.websockets import WebSocket

from patrol_core.web.asking import RefusalError


async def texts(socket: WebSocket, longest: int) -> AsyncIterator[str]:
    """One after the other, until the page is gone.

    Raises RefusalError for bytes, and for more than `longest` characters: the line is closed with
    its sentence (`web/mounting.py`).
    """
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        text = message.get("text")
        if text is None:
            raise RefusalError(400, "A message is a text.")
        if len(text) > longest:
            raise RefusalError(413, f"A message has {longest} characters at most.")
        yield text


def object_of(text: str) -> dict[str, Any]:
    """The JSON object in a message. Raises RefusalError."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, "A message is one JSON object.") from error
    if not isinstance(said, dict):
        raise RefusalError(400, "A message is one JSON object.")
    return said
