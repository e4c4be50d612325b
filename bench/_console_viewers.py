"""Pages that look at a robot, in a process of their own: how old is what they see?

Reads one JSON line: `address`, `cookies`, `seconds`, `start_s`: when the first picture was said
(Unix time), and `pages`: how many of each kind. Writes
another: by kind, `ages` of frames [s], `counts` of frames of each page, and how many were `cut`.
Kinds: `map` and `camera` draw at once. `slow`: a camera on a link of 50 kB a second. `mute`: asks
for everything and never reads. `liar`: never reads, and says that it has drawn what it was sent.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Any

import cv2
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

WANT = json.dumps({"want": ["scan", "tracks", "plan", "trajectory"]})
CLOCK = re.compile(r"\d{13}\.\d{6}")
NUMBER = re.compile(r'\{"n":(\d+)')
HEAD = 12
"""Bytes before a picture: its age when it was sent, and from the eighth on its number."""
CAMERA_HZ = 10.0
BITS, BLOCK = 8, 32
PICTURES = 2**BITS
"""Pictures are told apart by as many blocks of so many pixels at their upper edge."""
SETTLE_S = 2.0
SLOW_BYTES_PER_S = 50_000.0
ROWS = {"map": "live", "mute": "live", "liar": "live", "camera": "camera", "slow": "camera"}


def with_number(jpeg: bytes, number: int) -> bytes:
    """A picture with its number in it."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    for bit in range(BITS):
        image[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255 * (number >> bit & 1)
    return bytes(cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 70))[1])


def number_in(jpeg: bytes) -> int:
    """The number in a picture, whatever its size."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
    assert image is not None
    block = BLOCK * image.shape[1] / 640.0
    at = ((np.arange(BITS) + 0.5) * block).astype(int)
    return int(((image[int(block / 2.0), at] > 127) << np.arange(BITS)).sum())


@dataclass(slots=True)
class Page:
    """What one page was sent since it settled."""

    since_s: float
    start_s: float
    ages: list[float] = field(default_factory=list)
    count: int = 0
    is_cut: bool = False

    def take(self, said_s: float | None, again_s: float = math.inf) -> None:
        """A frame; when what is in it was said, where that is known, but for a multiple of
        `again_s`."""
        now_s = time.time()
        if now_s >= self.since_s:
            self.count += 1
            self.ages += [] if said_s is None else [(now_s - said_s) % again_s]


async def draw_map(line: ClientConnection, page: Page) -> None:
    """What the gate says has its time in it; a document without it is a frame all the same."""
    await line.send(WANT)
    async for text in line:
        stamp, number = CLOCK.search(str(text)), NUMBER.match(str(text))
        page.take(float(stamp[0]) if stamp else None)
        await line.send(f'{{"ack":{number[1] if number else 0}}}')


async def draw_camera(line: ClientConnection, page: Page, pause_s_per_byte: float = 0.0) -> None:
    """Which picture it is stands in its pixels (`with_number`)."""
    async for data in line:
        assert isinstance(data, bytes)
        await asyncio.sleep(len(data) * pause_s_per_byte)
        page.take(page.start_s + number_in(data[HEAD:]) / CAMERA_HZ, PICTURES / CAMERA_HZ)
        await line.send(str(int.from_bytes(data[8:HEAD], "little")))


async def draw_slowly(line: ClientConnection, page: Page) -> None:
    await draw_camera(line, page, 1.0 / SLOW_BYTES_PER_S)


async def stay_mute(line: ClientConnection, _: Page) -> None:
    await line.send(WANT)
    await line.wait_closed()


async def lie(line: ClientConnection, _: Page) -> None:
    await line.send(WANT)
    for number in range(10**9):
        await asyncio.sleep(0.11)
        await line.send(f'{{"ack":{number}}}')


KINDS: dict[str, Callable[[ClientConnection, Page], Awaitable[None]]] = {
    "map": draw_map, "camera": draw_camera, "slow": draw_slowly, "mute": stay_mute, "liar": lie,
}  # fmt: skip


async def look(address: str, cookie: str, kind: str, seconds: float, start_s: float) -> Page:
    """One page, until the time is over or it is cut."""
    page = Page(time.time() + SETTLE_S, start_s)
    url = f"{address.replace('http', 'ws', 1)}api/robots/ronda/{ROWS[kind]}"
    headers = {"Cookie": cookie, "Origin": address.rstrip("/")}
    keeps = None if kind in ("mute", "liar") else 20.0
    async with connect(
        url, additional_headers=headers, max_queue=1, ping_interval=keeps, close_timeout=0.5
    ) as line:
        with suppress(TimeoutError):
            with suppress(ConnectionClosed):
                await asyncio.wait_for(KINDS[kind](line, page), SETTLE_S + seconds)
            page.is_cut = True
    return page


async def look_all(asked: dict[str, Any]) -> dict[str, Any]:
    """Every page at once."""
    cookies = cycle(asked["cookies"])
    kinds = [kind for kind, count in asked["pages"].items() for _ in range(count)]
    pages = await asyncio.gather(*(
        look(asked["address"], next(cookies), kind, asked["seconds"], asked["start_s"])
        for kind in kinds
    ))  # fmt: skip
    told: dict[str, Any] = {}
    for kind in asked["pages"]:
        mine = [asdict(page) for name, page in zip(kinds, pages, strict=True) if name == kind]
        told[kind] = {
            "ages": [age for page in mine for age in page["ages"]],
            "counts": [page["count"] for page in mine],
            "cut": sum(page["is_cut"] for page in mine),
        }
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(look_all(json.loads(sys.stdin.readline())))), flush=True)
