"""Visitors at a kiosk: plain HTTP/1.1 over loopback sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

PATIENCE_S = 30.0
SENTENCES = (
    "Where is the office?", "Wo ist die Rezeption?", "When are you open?", "What do you record?",
    "How do I get to the loading bay?", "Où est le parking ?", "Who are you?", "Yes", "No",
    "Can you tell me a joke about pigeons?", "Dank je wel", "¿Dónde está la oficina?",
    "Is there a place where I can leave a parcel for somebody who works here?",
)  # fmt: skip
JSON = "Content-Type: application/json\r\n"


@dataclass(slots=True)
class Tally:
    """What visitors met: stamps and times of answers [s], mistakes, lines that never came."""

    answers: list[tuple[float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    missed_lines: int = 0


@dataclass(frozen=True, slots=True)
class Server:
    """Where to ask."""

    host: str
    port: int

    @asynccontextmanager
    async def dial(
        self, source: str
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection from one of this machine's loopback addresses."""
        reader, writer = await asyncio.open_connection(
            self.host, self.port, local_addr=(source, 0)
        )
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def post(
        self, source: str, path: str, body: bytes, session: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a request on a connection of its own."""
        async with self.dial(source) as (reader, writer):
            writer.write(head_of("POST", path, session, f"{JSON}Content-Length: {len(body)}\r\n"))
            writer.write(body)
            status, head = await read_head(reader)
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            return status, json.loads(await reader.readexactly(length))


def head_of(method: str, path: str, session: str, more: str = "") -> bytes:
    bearer = f"Authorization: Bearer {session}\r\n" if session else ""
    return f"{method} {path} HTTP/1.1\r\nHost: kiosk\r\n{bearer}{more}\r\n".encode()


async def read_head(reader: asyncio.StreamReader) -> tuple[int, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    return int(head.split(" ", 2)[1]), head


async def visit(
    server: Server, source: str, turns: int, pause_s: tuple[float, float],
    rng: np.random.Generator, tally: Tally,
) -> None:  # fmt: skip
    """A conversation as a page has it: opened, read on, said into, left."""
    try:
        await asyncio.sleep(rng.uniform(0.0, pause_s[1]))
        status, told = await server.post(source, "/api/open", b"{}")
        if status != 200:
            tally.errors.append(f"open: {status}")
            return
        session, heard = told["session"], {line["number"] for line in told["lines"]}
        following = asyncio.create_task(_follow(server, source, session, heard))
        try:
            last = await _talk(server, source, session, turns, pause_s, rng, tally)
            await asyncio.sleep(1.0)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        tally.missed_lines += max(last - len(heard), 0)
        await server.post(source, "/api/leave", b"{}", session)
    except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
        tally.errors.append(repr(error))


async def _talk(
    server: Server, source: str, session: str, turns: int,
    pause_s: tuple[float, float], rng: np.random.Generator, tally: Tally,
) -> int:  # fmt: skip
    """Turns with pauses between two bounds [s]; the number of the last line."""
    last = 1
    for _ in range(turns):
        await asyncio.sleep(rng.uniform(*pause_s))
        text = SENTENCES[int(rng.integers(len(SENTENCES)))]
        body = json.dumps({"text": text, "after": last}).encode()
        began_s = time.monotonic()
        status, told = await asyncio.wait_for(
            server.post(source, "/api/say", body, session), PATIENCE_S
        )
        tally.answers.append((began_s, time.monotonic() - began_s))
        if status != 200 or not told["reply"]["text"]:
            tally.errors.append(f"say: {status} {told.get('error', 'no text')}")
            break
        last = max(line["number"] for line in told["lines"])
        if told["reply"]["ends"]:
            break
    return last


async def _follow(server: Server, source: str, session: str, heard: set[int]) -> None:
    """Read on; notes the numbers of the lines that came by themselves."""
    async with server.dial(source) as (reader, writer):
        writer.write(head_of("GET", "/api/lines?after=0", session))
        await read_head(reader)
        while line := await reader.readline():
            if line.startswith(b"data: "):
                update = json.loads(line[6:])
                heard.update(one["number"] for one in update.get("lines", ()))


def percentile_ms(answers: Sequence[tuple[float, float]], share: float) -> float:
    """Of times of answers [ms]; infinite where there was none."""
    if not answers:
        return float("inf")
    return float(np.percentile([seconds for _, seconds in answers], share)) * 1000.0
