"""One request to an application, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

from patrol_hri.kiosk.documents import Document


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Document:
        """The body, a JSON object."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


async def call(
    app: ASGIApp,
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    query: str = "",
    client: str = "127.0.0.1",
) -> Answer:
    """Ask the application; the body goes in one piece."""
    given = {"host": "localhost", **(headers or {})}
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": method, "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "", "server": ("localhost", 80),
        "client": (client, 40000),
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in given.items()],
    }  # fmt: skip
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.sleep(3600.0)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    told = {k.decode("latin-1"): v.decode("latin-1") for k, v in start["headers"]}
    return Answer(start["status"], told, b"".join(m.get("body", b"") for m in sent[1:]))


def ask(app: ASGIApp, method: str, path: str, body: bytes = b"", **more: Any) -> Answer:
    """`call`, in a loop of its own."""
    return asyncio.run(call(app, method, path, body, **more))


def post(app: ASGIApp, path: str, value: object, session: str = "", **more: Any) -> Answer:
    """A JSON request as the page sends it."""
    headers = {"content-type": "application/json"}
    if session:
        headers["authorization"] = f"Bearer {session}"
    return ask(app, "POST", path, json.dumps(value).encode(), headers=headers, **more)
