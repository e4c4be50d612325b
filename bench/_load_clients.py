"""Visitors at a kiosk, and others who mean no good: plain HTTP/1.1 over loopback sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
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
_JSON = "Content-Type: application/json\r\n"


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
            writer.write(_head("POST", path, session, f"{_JSON}Content-Length: {len(body)}\r\n"))
            writer.write(body)
            status, head = await _read_head(reader)
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            return status, json.loads(await reader.readexactly(length))


def _head(method: str, path: str, session: str, more: str = "") -> bytes:
    bearer = f"Authorization: Bearer {session}\r\n" if session else ""
    return f"{method} {path} HTTP/1.1\r\nHost: kiosk\r\n{bearer}{more}\r\n".encode()


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, str]:
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
        writer.write(_head("GET", "/api/lines?after=0", session))
        await _read_head(reader)
        while line := await reader.readline():
            if line.startswith(b"data: "):
                update = json.loads(line[6:])
                heard.update(one["number"] for one in update.get("lines", ()))


@dataclass(frozen=True, slots=True)
class Attack:
    """Something bad that is done many times: its name, its part, and how many at once."""

    name: str
    count: int
    at_once: int
    run: Callable[[Server, str], Awaitable[bool]]


async def bad_json(server: Server, source: str) -> bool:
    """Whether it was refused with a 4xx and a sentence."""
    status, told = await server.post(source, "/api/open", b'{"language": [[[')
    return 400 <= status < 500 and bool(told["error"])


async def huge_body(server: Server, source: str) -> bool:
    """Whether 10 GB are refused before they have come."""
    async with server.dial(source) as (reader, writer):
        writer.write(_head("POST", "/api/open", "", f"{_JSON}Content-Length: 10000000000\r\n"))
        writer.write(b"x" * 40_000)
        status, _ = await _read_head(reader)
        return status == 413


async def slow_reader(server: Server, source: str) -> bool:
    """Whether who asks for much and reads nothing is cut."""
    async with server.dial(source) as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(_head("GET", "/static/vendor/htm-preact.js", "") * 100)
        return await _is_cut(writer)


async def slow_sender(server: Server, source: str) -> bool:
    """Whether who sends a byte now and again is cut."""
    async with server.dial(source) as (_, writer):
        return await _is_cut(writer)


async def _is_cut(writer: asyncio.StreamWriter) -> bool:
    """Whether writing a byte now and again fails some time."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        writer.write(b"G")
        if writer.transport.is_closing():
            return True
        await asyncio.sleep(0.5)
    return False


async def silent_connection(server: Server, source: str) -> bool:
    """Whether a connection that asks nothing is ended, with or without a word."""
    async with server.dial(source) as (reader, _):
        with suppress(ConnectionResetError):
            words = await asyncio.wait_for(reader.read(), PATIENCE_S)
            return words == b"" or words.startswith(b"HTTP/1.1 503 ")
        return True


ATTACKS = (
    Attack("bad JSON", 2000, 20, bad_json),
    Attack("huge bodies", 200, 20, huge_body),
    Attack("slow readers", 100, 100, slow_reader),
    Attack("slow senders", 100, 100, slow_sender),
    Attack("silent connections", 10_000, 2500, silent_connection),
)


async def make_attack(server: Server, attack: Attack, share: float) -> tuple[int, int]:
    """How many of how many ended as they should; from fifty addresses."""
    free = asyncio.Semaphore(attack.at_once)
    count = max(int(attack.count * share), 1)

    async def one(index: int) -> bool:
        async with free:
            with suppress(OSError, EOFError, ValueError, asyncio.TimeoutError):
                return await attack.run(server, f"127.2.0.{index % 50 + 1}")
            return False

    return sum(await asyncio.gather(*map(one, range(count)))), count


def percentile_ms(answers: Sequence[tuple[float, float]], share: float) -> float:
    """Of times of answers [ms]; infinite where there was none."""
    if not answers:
        return float("inf")
    return float(np.percentile([seconds for _, seconds in answers], share)) * 1000.0
