"""From declared endpoints and sockets to routes: who asks, whether he may, what he sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from patrol_console.accounts.sessions import OpenSession
from patrol_console.station import Robot
from patrol_console.web.endpoints import Call, Endpoint, Socket
from patrol_console.web.guard import Guard
from patrol_console.web.params import WebParams
from patrol_core.web.asking import RefusalError, read_object

API = "/api"
LOOK_S = 20.0
"""How often a line's session is looked at."""
MAX_BODY = 512 * 1024
_MAX_REASON = 120
"""A close frame's reason has 123 bytes at most (RFC 6455, 5.5)."""
ENDED = "The session has ended, or a right of it: sign in again."


class Mounting:
    """Makes the routes of an application with one guard."""

    def __init__(self, guard: Guard, robots: Mapping[str, Robot], params: WebParams) -> None:
        self._guard, self._robots, self._params = guard, robots, params
        self._sockets: Counter[str] = Counter()

    def routes(self, endpoints: Sequence[Endpoint], sockets: Sequence[Socket]) -> list[BaseRoute]:
        made: list[BaseRoute] = [
            Route(API + one.path, self._handler(one), methods=[one.method]) for one in endpoints
        ]
        made += [WebSocketRoute(API + one.path, self._server(one)) for one in sockets]
        return made

    def _handler(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            self._guard.check_source(request)
            robot, key = request.path_params.get("robot", ""), ""
            if endpoint.by_key:
                session, key = None, self._guard.require_key(request, robot)
            elif endpoint.permission is None:
                session = self._guard.session(request)
            else:
                session = self._guard.require(request, endpoint.permission, robot)
            body = None
            if endpoint.body is not None:
                timeout_s = self._params.request_timeout_s
                value = await read_object(request, timeout_s, MAX_BODY)
                try:
                    body = endpoint.body.model_validate(value)
                except ValidationError as error:
                    raise RefusalError(400, _words(error)) from error
            answer = await endpoint.handle(
                Call(request, session, self._robots.get(robot), body, key)
            )  # fmt: skip
            return answer if isinstance(answer, Response) else JSONResponse(answer)

        return handle

    def _server(self, declared: Socket) -> Callable[[WebSocket], Awaitable[None]]:
        async def serve(socket: WebSocket) -> None:
            try:
                self._guard.check_source(socket)
            except RefusalError:
                await socket.close(1008)  # before it is accepted: the answer is HTTP 403
                return
            await socket.accept()
            try:
                name = socket.path_params["robot"]
                session = self._guard.require(socket, declared.permission, name)
                admitted = self._admit(session)
            except RefusalError as refusal:
                await close(socket, refusal)
                return
            try:
                await self._serve(declared, socket, session, self._robots[name])
            finally:
                self._sockets[admitted] -= 1
                self._sockets += Counter()  # drops those at zero

        return serve

    async def _serve(
        self, declared: Socket, socket: WebSocket, session: OpenSession, robot: Robot
    ) -> None:
        """Until it is closed by either side, or the session ends."""
        ended = asyncio.Event()
        forget = session.on_revoked(ended.set)
        serving = asyncio.ensure_future(declared.serve(socket, session, robot))
        ending = asyncio.ensure_future(ended.wait())
        try:
            while not (serving.done() or ending.done()) and self._guard.lives(session):
                await asyncio.wait(
                    (serving, ending), timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED
                )
            if not serving.done():
                await _cancelled(serving)
                await close(socket, RefusalError(401, ENDED))
            else:
                serving.result()
        except RefusalError as refusal:
            await close(socket, refusal)
        except WebSocketDisconnect:
            pass
        finally:
            forget()
            ending.cancel()
            await _cancelled(serving)

    def _admit(self, session: OpenSession) -> str:
        """Under what it is counted: a session's name may be another later on."""
        is_full = self._sockets.total() >= self._params.max_sockets
        name = session.session_id
        if is_full or self._sockets[name] >= self._params.session_sockets:
            raise RefusalError(429, "Too many pages are open: close some.")
        self._sockets[name] += 1
        return name


async def close(socket: WebSocket, refusal: RefusalError) -> None:
    """Close an accepted socket and say why; nothing where it is closed already."""
    with suppress(RuntimeError):
        await socket.close(4000 + refusal.status, refusal.sentence[:_MAX_REASON])


async def _cancelled(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait((task,))


def _words(error: ValidationError) -> str:
    """The first mistake, in one sentence."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"'{where}': {first['msg']}." if where else f"{first['msg']}."
