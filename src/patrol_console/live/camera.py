"""The blurred camera for many viewers: the newest picture, when the one before was drawn.

A viewer on a bad link gets smaller pictures and fewer, each as new as it can be; it keeps nobody
waiting.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

import cv2
import numpy as np
from starlette.websockets import WebSocket

from patrol_console.live.pace import Pace
from patrol_console.station import Robot
from patrol_console.web.lines import texts
from patrol_core.component import Sample
from patrol_core.topics import CAMERA_BLURRED
from patrol_core.types.sensors import CompressedImage
from patrol_core.web.asking import RefusalError

HEAD = struct.Struct("<dI")
"""Before each JPEG: how old the picture is when it is drawn [s], if its way takes as long as the
one's before; and its number."""
LOOK_S = 0.02
MAX_MESSAGE = 20
SMALL_QUALITY = 50


class Camera:
    """One robot's pictures, told to whoever watches: one look at the row serves all of them.

    `steady`: a time that never jumps [s].
    """

    def __init__(self, robot: Robot, steady: Callable[[], float]) -> None:
        self._robot, self._steady = robot, steady
        self._watching: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None
        self._small: tuple[int, asyncio.Future[bytes]] | None = None

    async def show(self, socket: WebSocket) -> None:
        """Serve an accepted socket until its page is gone, which sends numbers of what it drew.

        Raises RefusalError.
        """
        news = asyncio.Event()
        news.set()
        self._watching.add(news)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        pace = Pace()
        sending = asyncio.create_task(self._send(socket, news, pace))
        try:
            async for text in texts(socket, MAX_MESSAGE):
                if not (text.isdecimal() and pace.draw(int(text), self._steady())):
                    raise RefusalError(400, "A page sends the number of the picture it has drawn.")
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

    async def _send(self, socket: WebSocket, news: asyncio.Event, pace: Pace) -> None:
        seen = 0
        while True:
            await news.wait()
            news.clear()
            sample: Sample[CompressedImage] | None = self._robot.newest(CAMERA_BLURRED)
            if sample is None or sample.sequence == seen or not pace.may_send():
                continue
            if sample.value.encoding != "jpeg":
                continue
            seen = sample.sequence
            data = await self._small_one(sample) if pace.takes_small else sample.value.data
            age_s = max(self._robot.now_s() - sample.value.stamp_s, 0.0) + pace.delay_s
            await socket.send_bytes(HEAD.pack(age_s, pace.send(self._steady())) + data)

    async def _small_one(self, sample: Sample[CompressedImage]) -> bytes:
        """Made once, whoever asks."""
        if self._small is None or self._small[0] != sample.sequence:
            making = asyncio.ensure_future(asyncio.to_thread(smaller, sample.value.data))
            self._small = sample.sequence, making
        return await asyncio.shield(self._small[1])


def smaller(jpeg: bytes) -> bytes:
    """A picture of half the width and height, coarser; as it is where it cannot be read."""
    data = np.frombuffer(jpeg, np.uint8)
    half = cv2.imdecode(data, cv2.IMREAD_REDUCED_COLOR_2) if jpeg else None
    if half is None:
        return jpeg
    return bytes(cv2.imencode(".jpg", half, (cv2.IMWRITE_JPEG_QUALITY, SMALL_QUALITY))[1])
