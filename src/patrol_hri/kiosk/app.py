"""The kiosk's web application: a page, and a few requests that reach a desk and nothing else."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from patrol_core.web.answers import error_handlers, sentence
from patrol_core.web.asking import RefusalError, read_object
from patrol_core.web.headers import SafeHeaders
from patrol_core.web.pages import Pages
from patrol_core.web.rates import Limiter
from patrol_hri.errors import UnknownSessionError
from patrol_hri.kiosk.asking import (
    client_of,
    number_of,
    session_of,
    text_of,
    word_of,
)
from patrol_hri.kiosk.desk import Desk, PageLanguage
from patrol_hri.kiosk.documents import (
    Document,
    language_document,
    reply_document,
    start_document,
    update_document,
)
from patrol_hri.kiosk.feed import Feed
from patrol_hri.kiosk.pages import qr_code
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.speech import Voice
from patrol_hri.turn import Line, Speaker

_T = TypeVar("_T")
KEEP_ALIVE_S = 5.0
MAX_WAITING_TURNS = 64
WORKERS = 4
FOLDER = Path(__file__).parent / "static"
FRONT_ENDS = ("kiosk", "phone")
_ENDED = "This conversation is not known, or it has ended."
_log = logging.getLogger(__name__)


def create_app(
    desk: Desk,
    languages: Mapping[str, PageLanguage],
    site_map: Document,
    params: KioskParams,
    clock: Callable[[], float],
    voice: Voice | None = None,
) -> ASGIApp:
    """The application. `site_map`: from `map_document`; `clock`: the desk's time [s]; `voice`:
    what says lines aloud for the robot's own screen, where its browser cannot.
    """
    return SafeHeaders(Kiosk(desk, languages, site_map, params, clock, voice).app)


class Kiosk:
    """The requests of a page."""

    def __init__(
        self,
        desk: Desk,
        languages: Mapping[str, PageLanguage],
        site_map: Document,
        params: KioskParams,
        clock: Callable[[], float],
        voice: Voice | None,
    ) -> None:
        self._desk = desk
        self._languages = languages
        self._params = params
        self._clock = clock
        self._voice = voice
        self._start = start_document(languages, params)
        self._map = site_map
        self._pages = Pages(FOLDER)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="kiosk")
        self._in_flight = 0
        self._feed = Feed(desk, params.poll_interval_s, self._off_loop)
        p = params
        self._requests = Limiter(
            p.requests_per_s, p.client_requests_per_s, p.client_requests_burst
        )
        self._turns = Limiter(p.turns_per_s, p.client_turns_per_s, p.client_turns_burst)
        self.app = Starlette(
            routes=[
                Route("/", self._page),
                Route("/favicon.ico", _no_icon),
                Route("/static/{name:path}", self._page),
                Route("/api/start", self._start_screen),
                Route("/api/texts/{code}", self._texts),
                Route("/api/map", self._site_map),
                Route("/api/address.svg", self._address),
                Route("/api/open", self._open, methods=["POST"]),
                Route("/api/say", self._say, methods=["POST"]),
                Route("/api/lines", self._lines),
                Route("/api/speak", self._speak, methods=["POST"]),
                Route("/api/leave", self._leave, methods=["POST"]),
            ],
            exception_handlers={
                **error_handlers("the kiosk", _log), UnknownSessionError: _unknown,
            },
        )  # fmt: skip

    async def _page(self, request: Request) -> Response:
        self._admit(request, self._requests)
        return self._pages.response(request.path_params.get("name", "index.html"))

    async def _start_screen(self, request: Request) -> Response:
        self._admit(request, self._requests)
        return JSONResponse(self._start)

    async def _texts(self, request: Request) -> Response:
        self._admit(request, self._requests)
        language = self._languages.get(request.path_params["code"])
        if language is None:
            raise RefusalError(404, "That language is not spoken here.")
        return JSONResponse(language_document(language))

    async def _site_map(self, request: Request) -> Response:
        self._admit(request, self._requests)
        return JSONResponse(self._map)

    async def _address(self, request: Request) -> Response:
        self._admit(request, self._requests)
        if not self._params.phone_address:
            raise RefusalError(404, "There is no address for phones.")
        return Response(qr_code(self._params.phone_address), media_type="image/svg+xml")

    async def _open(self, request: Request) -> Response:
        value = await self._read(request)
        language = word_of(value, "language")
        if language and language not in self._languages:
            raise RefusalError(404, "That language is not spoken here.")
        front_end = word_of(value, "front_end") or FRONT_ENDS[0]
        if front_end not in FRONT_ENDS:
            raise RefusalError(400, f"'front_end' is one of {', '.join(FRONT_ENDS)}.")
        self._admit(request, self._turns)
        session = await self._turn(self._open_and_read, front_end, language)
        return JSONResponse(session)

    async def _say(self, request: Request) -> Response:
        value = await self._read(request)
        session_id, text = session_of(request), text_of(value)
        after = number_of(value.get("after", 0))
        self._admit(request, self._turns)
        return JSONResponse(await self._turn(self._hear_and_read, session_id, text, after))

    async def _lines(self, request: Request) -> Response:
        self._admit(request, self._requests)
        session_id = session_of(request)
        after = number_of(request.query_params.get("after", "0"))
        await self._turn(self._desk.holder, session_id)
        if self._feed.crowded(session_id):
            raise RefusalError(429, "This conversation is being read already.")
        updates = self._feed.read(session_id, after, KEEP_ALIVE_S)
        return StreamingResponse(_events(updates), media_type="text/event-stream")

    async def _speak(self, request: Request) -> Response:
        """Say a line of the robot's aloud, for the robot's own screen alone."""
        value = await self._read(request)
        session_id = session_of(request)
        if self._voice is None or client_of(request) != "127.0.0.1":
            raise RefusalError(404, "Only the robot's own screen can be read aloud by it.")
        number = number_of(value.get("number"))
        self._admit(request, self._turns)
        lines = await self._turn(self._desk.lines, session_id, max(number - 1, 0))
        line = next((line for line in lines if line.number == number), None)
        if line is None or line.speaker is Speaker.VISITOR:
            raise RefusalError(404, "The robot said no such line.")
        spoken = self._voice.say(line.text, word_of(value, "language"))
        return JSONResponse({"spoken": spoken})

    async def _leave(self, request: Request) -> Response:
        self._admit(request, self._requests)
        await self._turn(self._desk.close, session_of(request), self._clock())
        return JSONResponse({})

    def _open_and_read(self, front_end: str, language: str) -> Document:
        session_id = self._desk.open(front_end, self._clock(), language)
        return {"session": session_id, **self._update(session_id, 0)}

    def _hear_and_read(self, session_id: str, text: str, after: int) -> Document:
        """The visitor's line is told back with the answer: the page shows what was heard."""
        reply = self._desk.hear(session_id, text, self._clock())
        try:
            update = self._update(session_id, after)
        except UnknownSessionError:
            if not reply.ends:
                raise
            last = Line(after + 1, 0.0, Speaker.VISITOR, text)
            said = Line(after + 2, 0.0, Speaker.ROBOT, reply.text)
            update = update_document((last, said), Speaker.ROBOT)
        return {"reply": reply_document(reply), **update}

    def _update(self, session_id: str, after: int) -> Document:
        return update_document(self._desk.lines(session_id, after), self._desk.holder(session_id))

    async def _read(self, request: Request) -> Document:
        """A request's body. Only what is well formed counts as a turn: bad ones take no turns
        from others.
        """
        self._admit(request, self._requests)
        return await read_object(request, self._params.request_timeout_s)

    def _admit(self, request: Request, limiter: Limiter) -> None:
        if not limiter.take(client_of(request), self._clock()):
            raise RefusalError(429, "Too many requests; wait a moment.")

    async def _turn(self, ask: Callable[..., _T], *arguments: object) -> _T:
        """Ask the desk off the loop. Raises RefusalError when too many do, or it is too slow."""
        if self._in_flight >= MAX_WAITING_TURNS:
            raise RefusalError(503, "Many people are talking to the robot; try again.")
        self._in_flight += 1
        work = asyncio.ensure_future(self._off_loop(ask, *arguments))
        work.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(work), self._params.answer_timeout_s)
        except asyncio.TimeoutError:
            raise RefusalError(503, "The robot does not answer; try again.") from None

    async def _off_loop(self, ask: Callable[..., _T], *arguments: object) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, ask, *arguments)

    def _done(self, work: asyncio.Future[Any]) -> None:
        self._in_flight -= 1
        if not work.cancelled():
            work.exception()  # who timed out hears of it no more


async def _events(updates: AsyncIterator[Document | None]) -> AsyncIterator[str]:
    """Server-sent events; a comment where there is nothing new. The first comes at once."""
    yield ":\n\n"
    async for update in updates:
        yield ":\n\n" if update is None else f"data: {json.dumps(update)}\n\n"


async def _no_icon(_: Request) -> Response:
    return Response(status_code=204)


async def _unknown(_: Request, __: Exception) -> Response:
    return sentence(404, _ENDED)
