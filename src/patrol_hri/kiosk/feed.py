"""New lines as they come: one look at all open conversations serves every page that reads on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from patrol_hri.errors import UnknownSessionError
from patrol_hri.kiosk.desk import Desk
from patrol_hri.kiosk.documents import Document, update_document
from patrol_hri.turn import Line, Speaker

MAX_WAITING = 16
"""Updates kept for a page that does not take them; then it is let go and has to come again."""
MAX_READERS = 3
"""Pages that read one conversation at once."""

_News = tuple[tuple[Line, ...], Speaker] | None


@dataclass(slots=True, eq=False)
class _Reader:
    session_id: str
    after: int
    holder: Speaker | None = None
    waiting: asyncio.Queue[Document] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    gone: bool = False


class Feed:
    """Looks for new lines every `interval_s` while anybody reads; `run` calls off the loop."""

    def __init__(
        self, desk: Desk, interval_s: float, run: Callable[..., Awaitable[list[_News]]]
    ) -> None:
        self._desk = desk
        self._interval_s = interval_s
        self._run = run
        self._readers: set[_Reader] = set()
        self._looking: asyncio.Task[None] | None = None

    def crowded(self, session_id: str) -> bool:
        """Whether as many pages read a conversation as may."""
        return sum(r.session_id == session_id for r in self._readers) >= MAX_READERS

    async def read(
        self, session_id: str, after: int, keep_alive_s: float
    ) -> AsyncIterator[Document | None]:
        """Updates from line `after` on; None every `keep_alive_s` in which there was none.

        Ends with the conversation (the last update is {"ended": true}), or when too much waits.
        """
        reader = _Reader(session_id, after)
        self._readers.add(reader)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            while not (reader.gone and reader.waiting.empty()):
                try:
                    yield await asyncio.wait_for(reader.waiting.get(), keep_alive_s)
                except asyncio.TimeoutError:
                    yield None
        finally:
            self._readers.discard(reader)

    async def _look(self) -> None:
        try:
            while self._readers:
                readers = [reader for reader in self._readers if not reader.gone]
                asked = [(reader.session_id, reader.after) for reader in readers]
                for reader, news in zip(readers, await self._run(self._ask, asked), strict=True):
                    _deliver(reader, news)
                await asyncio.sleep(self._interval_s)
        finally:
            self._looking = None
            for reader in self._readers:
                reader.gone = True

    def _ask(self, asked: list[tuple[str, int]]) -> list[_News]:
        news: list[_News] = []
        for session_id, after in asked:
            try:
                news.append((self._desk.lines(session_id, after), self._desk.holder(session_id)))
            except UnknownSessionError:
                news.append(None)
        return news


def _deliver(reader: _Reader, news: _News) -> None:
    if news is None:
        reader.gone = True
        update: Document = {"ended": True}
    else:
        lines, holder = news
        if not lines and holder is reader.holder:
            return
        reader.after = lines[-1].number if lines else reader.after
        reader.holder = holder
        update = update_document(lines, holder)
    try:
        reader.waiting.put_nowait(update)
    except asyncio.QueueFull:
        reader.gone = True
