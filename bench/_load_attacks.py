"""Those who mean no good to a kiosk, in a process of their own: a visitor's browser does not wait
for them. `python bench/_load_attacks.py HOST PORT NUMBER SHARE` prints how many ended as they
should, of how many.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from _load_clients import JSON, PATIENCE_S, Server, head_of, read_head

_MOST_FILES = 8192


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
        writer.write(head_of("POST", "/api/open", "", f"{JSON}Content-Length: 10000000000\r\n"))
        writer.write(b"x" * 40_000)
        status, _ = await read_head(reader)
        return status == 413


async def slow_reader(server: Server, source: str) -> bool:
    """Whether who asks for much and reads nothing is cut."""
    async with server.dial(source) as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(head_of("GET", "/static/vendor/htm-preact.js", "") * 100)
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


async def in_a_process(server: Server, number: int, share: float) -> tuple[int, int]:
    """`make_attack` with one of ATTACKS, in a process of its own."""
    words = (__file__, server.host, str(server.port), str(number), str(share))
    child = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await child.communicate()
    ended, count = told.split()
    return int(ended), int(count)


def raise_limit() -> None:
    """As many connections as the system allows this process, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _MOST_FILES)), hard))


def main() -> None:
    host, port, number, share = sys.argv[1:]
    raise_limit()
    attack = make_attack(Server(host, int(port)), ATTACKS[int(number)], float(share))
    print(*asyncio.run(attack))


if __name__ == "__main__":
    main()
