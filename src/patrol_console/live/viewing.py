"""Who looks at a robot, and what they are sent: never more than they have taken.

Each viewer has a task of its own and two documents on the way at most, so a slow one gets the
newest state seldom, and neither waits for the others nor lets them wait.
"""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket

from patrol_console.live.feed import ON_DEMAND, Feed
from patrol_console.web.lines import object_of, texts
from patrol_core.web.asking import RefusalError

PERIOD_S = 0.1
MAX_ON_THE_WAY = 2
MAX_MESSAGE = 1000


class Viewer:
    """One open page. `keys`: what it asks for; `acknowledged`: the newest document it drew."""

    def __init__(self) -> None:
        self.keys: frozenset[str] = frozenset()
        self.sent = 0
        self.acknowledged = 0
        self.version = 0
        self.news = asyncio.Event()

    def take(self, text: str) -> None:
        """A message of the page: {"want": [...]} or {"ack": n}.

        Raises RefusalError for any other.
        """
        said = object_of(text)
        if "want" in said:
            wanted = said["want"]
            if not isinstance(wanted, list) or not all(key in ON_DEMAND for key in wanted):
                raise RefusalError(400, f"'want' is a list of some of: {', '.join(ON_DEMAND)}.")
            more = frozenset(wanted)
            if more - self.keys:
                self.version = 0
            self.keys = more
        if "ack" in said:
            number = said["ack"]
            if not isinstance(number, int) or not self.acknowledged <= number <= self.sent:
                raise RefusalError(400, "'ack' is the number of a document that was sent.")
            self.acknowledged = number
        self.news.set()


class Gallery:
    """The viewers of one robot. The state is made ten times a second while somebody looks."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._viewers: set[Viewer] = set()
        self._making: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        return len(self._viewers)

    async def show(self, socket: WebSocket) -> None:
        """Serve an accepted socket until its page is gone. Raises RefusalError."""
        viewer = Viewer()
        self._viewers.add(viewer)
        if self._making is None:
            self._making = asyncio.create_task(self._make())
        sending = asyncio.create_task(self._send(socket, viewer))
        try:
            async for text in texts(socket, MAX_MESSAGE):
                viewer.take(text)
        finally:
            self._viewers.discard(viewer)
            sending.cancel()

    async def _make(self) -> None:
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        try:
            while self._viewers:
                wanted = frozenset().union(*(viewer.keys for viewer in self._viewers))
                self._feed.refresh(wanted)
                for viewer in self._viewers:
                    viewer.news.set()
                next_s = max(next_s + PERIOD_S, loop.time())
                await asyncio.sleep(next_s - loop.time())
        finally:
            self._making = None

    async def _send(self, socket: WebSocket, viewer: Viewer) -> None:
        while True:
            await viewer.news.wait()
            viewer.news.clear()
            if viewer.sent - viewer.acknowledged >= MAX_ON_THE_WAY:
                continue
            text = self._feed.changed_since(viewer.version, viewer.keys)
            if text is None:
                continue
            viewer.version = self._feed.version
            viewer.sent += 1
            await socket.send_text(f'{{"n":{viewer.sent},{text[1:]}')
