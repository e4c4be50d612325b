"""How a part of the console declares what it serves: one line a request, checked in one place.

From the same declarations come the routes, the checks of who may do it and of what is sent, and
the OpenAPI description.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.websockets import WebSocket

from patrol_console.accounts.permissions import Permission
from patrol_console.accounts.sessions import OpenSession
from patrol_console.station import Robot
from patrol_core.web.asking import RefusalError

BodyT = TypeVar("BodyT", bound=BaseModel)


class Body(BaseModel):
    """Base of what a request carries: exactly the fields that are declared, of their types."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed all checks. `robot` is None where the address names none; `key`:
    the name of the alarm system's key that it came with.
    """

    request: Request
    session: OpenSession | None
    robot_or_none: Robot | None
    body_or_none: BaseModel | None
    key: str = ""

    @property
    def robot(self) -> Robot:
        assert self.robot_or_none is not None, "the address names a robot"
        return self.robot_or_none

    @property
    def who(self) -> OpenSession:
        assert self.session is not None, "the endpoint asks for a permission"
        return self.session

    def body(self, kind: type[BodyT]) -> BodyT:
        """What was sent, as the endpoint's `body` declares it."""
        assert isinstance(self.body_or_none, kind)
        return self.body_or_none

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def number(self, name: str, otherwise: int, low: int, high: int) -> int:
        """A whole number of the query. Raises RefusalError (400)."""
        text = self.request.query_params.get(name, str(otherwise))
        try:
            value = int(text) if len(text) < 20 else low - 1
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise RefusalError(400, f"'{name}' is a whole number from {low} to {high}.")
        return value

    def word(self, name: str, known: tuple[str, ...], otherwise: str) -> str:
        """One of some words of the query. Raises RefusalError (400)."""
        text = self.request.query_params.get(name, otherwise)
        if text not in known:
            raise RefusalError(400, f"'{name}' is one of: {', '.join(known)}.")
        return text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A request. `permission` None: for everybody, also before signing in; with `by_key` for
    alarm systems, by their key.

    `handle` returns what becomes JSON, or a Response. A `path` with `{robot}` is about that robot.
    `query`: what may stand behind the `?`, with what it means.
    """

    method: str
    path: str
    summary: str
    permission: Permission | None
    handle: Callable[[Call], Awaitable[Any]]
    body: type[BaseModel] | None = None
    query: Mapping[str, str] | None = None
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class Socket:
    """A WebSocket about a robot, served until its page is gone or the session ends.

    `serve` may raise RefusalError: the line is closed with its sentence.
    """

    path: str
    permission: Permission
    serve: Callable[[WebSocket, OpenSession, Robot], Awaitable[None]]
