"""The blurred camera for many viewers: the newest picture, when the one before was drawn.

A viewer on a bad link gets fewer pictures, each as new as it can be; it keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
import struct

from starlette.websockets import WebSocket

from patrol_console.station import Robot
from patrol_console.web.lines import texts
from patrol_core.component import Sample
from patrol_core.topics import CAMERA_BLURRED
from patrol_core.types.sensors import CompressedImage
from patrol_core.web.asking import RefusalError

HEAD = struct.Struct("<dI")
"""Before each JPEG: how old the picture was when it was sent [s], and its number."""
LOOK_S = 0.02
MAX_ON_THE_WAY = 2
MAX_MESSAGE = 20


class Camera:
    """One robot's pictures, told to whoever watches: one look at the row serves all of them."""

    def __init__(self, robot: Robot) -> None:
        self._robot = robot
        self._watching: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None

    async def show(self, socket: WebSocket) -> None:
        """Serve an accepted socket until its page is gone, which sends numbers of what it drew.

        Raises RefusalError.
        """
        news = asyncio.Event()
        news.set()
        self._watching.add(news)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        progress = {"sent": 0, "drawn": 0}
        sending = asyncio.create_task(self._send(socket, news, progress))
        try:
            async for text in texts(socket, MAX_MESSAGE):
                if not text.isdecimal() or not progress["drawn"] <= int(text) <= progress["sent"]:
                    raise RefusalError(400, "A page sends the number of the picture it has drawn.")
                progress["drawn"] = int(text)
                news.set()
        finally:
            self._watching.discard(news)
            sending.cancel()

    async def _look(self) -> None:
        seen = 0
        try:
            while self._watching:
                sample = self._robot.newest(CAMERA_BLURRED)
                if sample is not None and sample.sequence != seen:
                    seen = sample.sequence
                    for news in self._watching:
                        news.set()
                await asyncio.sleep(LOOK_S)
        finally:
            self._looking = None

    async def _send(
        self, socket: WebSocket, news: asyncio.Event, progress: dict[str, int]
    ) -> None:
        seen = 0
        while True:
            await news.wait()
            news.clear()
            sample: Sample[CompressedImage] | None = self._robot.newest(CAMERA_BLURRED)
            on_the_way = progress["sent"] - progress["drawn"]
            if sample is None or sample.sequence == seen or on_the_way >= MAX_ON_THE_WAY:
                continue
            if sample.value.encoding != "jpeg":
                continue
            seen = sample.sequence
            progress["sent"] += 1
            age_s = max(self._robot.now_s() - sample.value.stamp_s, 0.0)
            await socket.send_bytes(HEAD.pack(age_s, progress["sent"]) + sample.value.data)
