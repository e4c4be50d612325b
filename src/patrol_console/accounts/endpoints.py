"""Requests about signing in and about users."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import Any

from pydantic import Field
from starlette.responses import JSONResponse, Response

from patrol_console.accounts.accounts import Accounts
from patrol_console.accounts.passwords import LONGEST
from patrol_console.accounts.permissions import Permission, Role
from patrol_console.accounts.sessions import OpenSession
from patrol_console.accounts.store import User
from patrol_console.station import Station
from patrol_console.web.endpoints import Body, Call, Endpoint
from patrol_console.web.guard import address_of
from patrol_console.web.parts import Part
from patrol_core.web.asking import RefusalError

_Name = Field(min_length=1, max_length=32)
_Password = Field(min_length=1, max_length=LONGEST)
_log = logging.getLogger(__name__)
_LOOK_S = 2.0
"""How soon a change at the machine counts."""
_Role = Field(strict=False)
_Robots = Field(min_length=1, max_length=100)


class SignIn(Body):
    user: str = _Name
    password: str = _Password


class FirstUser(Body):
    code: str = Field(min_length=1, max_length=32)
    user: str = _Name
    password: str = _Password


class Confirmation(Body):
    password: str = _Password


class NewPassword(Body):
    old: str = _Password
    new: str = _Password


class NewUser(Body):
    user: str = _Name
    role: Role = _Role
    robots: list[str] = _Robots
    password: str = _Password


class UserChange(Body):
    """What is not named stays as it is. A password is set for somebody who has lost his."""

    role: Role | None = Field(None, strict=False)
    robots: list[str] | None = None
    password: str | None = Field(None, min_length=1, max_length=LONGEST)


def accounts_part(accounts: Accounts, station: Station, cookie: str, *, tls: bool) -> Part:
    """The requests of this part; `cookie`: the name of the session's."""
    desk = _Desk(accounts, station, cookie, tls)
    users = Permission.USERS
    return Part((
        Endpoint("GET", "/session", "Who is signed in, and what he may do", None, desk.show),
        Endpoint("POST", "/session", "Sign in", None, desk.sign_in, SignIn),
        Endpoint("DELETE", "/session", "Sign out", Permission.SELF, desk.sign_out),
        Endpoint("POST", "/session/confirm", "Give the password again: good for a minute",
                 Permission.VIEW, desk.confirm, Confirmation),
        Endpoint("POST", "/session/password", "Change the own password", Permission.SELF,
                 desk.change_password, NewPassword),
        Endpoint("POST", "/first-user", "Make the first administrator, with the code that was "
                 "printed", None, desk.first_user, FirstUser),
        Endpoint("GET", "/users", "All users", users, desk.users),
        Endpoint("POST", "/users", "Add a user", users, desk.add, NewUser),
        Endpoint("PATCH", "/users/{user}", "Change a user's role, robots or password", users,
                 desk.change, UserChange),
        Endpoint("DELETE", "/users/{user}", "Remove a user", users, desk.remove),
    ), background=(desk.look,))  # fmt: skip


class _Desk:
    def __init__(self, accounts: Accounts, station: Station, cookie: str, tls: bool) -> None:
        self._accounts, self._station = accounts, station
        self._cookie, self._tls = cookie, tls

    async def look(self) -> None:
        while True:
            try:
                self._accounts.take_in()
            except sqlite3.Error as error:
                _log.error("the accounts cannot be looked at: %s", error)
            await asyncio.sleep(_LOOK_S)

    async def show(self, call: Call) -> Any:
        if call.session is None:
            return {"user": None, "first_start": self._accounts.is_first_start}
        return self._document(call.session)

    async def sign_in(self, call: Call) -> Response:
        body, address = call.body(SignIn), address_of(call.request)
        token = await self._accounts.sign_in(body.user, body.password, address)
        if call.session is not None:
            self._accounts.sessions.end(call.session)
        return self._signed_in(token)

    async def first_user(self, call: Call) -> Response:
        body, address = call.body(FirstUser), address_of(call.request)
        token = await self._accounts.first_user(body.code, body.user, body.password, address)
        return self._signed_in(token)

    async def sign_out(self, call: Call) -> Response:
        self._accounts.sign_out(call.who)
        answer = JSONResponse({})
        answer.delete_cookie(
            self._cookie, secure=self._tls, httponly=True, samesite="strict"
        )  # fmt: skip
        return answer

    async def confirm(self, call: Call) -> Response:
        password, address = call.body(Confirmation).password, address_of(call.request)
        return self._signed_in(await self._accounts.confirm(call.who, password, address))

    async def change_password(self, call: Call) -> Any:
        body = call.body(NewPassword)
        address = address_of(call.request)
        await self._accounts.change_password(call.who, body.old, body.new, address)
        return {}

    async def users(self, _: Call) -> Any:
        return {"users": [_user(user) for user in self._accounts.users()]}

    async def add(self, call: Call) -> Any:
        body = call.body(NewUser)
        robots = self._known(body.robots)
        await self._accounts.add(call.who, body.user, body.role, robots, body.password)
        return await self.users(call)

    async def change(self, call: Call) -> Any:
        body, name = call.body(UserChange), call.path("user")
        if body.password is not None:
            await self._accounts.reset_password(call.who, name, body.password)
        if body.role is not None or body.robots is not None:
            robots = None if body.robots is None else self._known(body.robots)
            self._accounts.change(call.who, name, body.role, robots)
        return await self.users(call)

    async def remove(self, call: Call) -> Any:
        self._accounts.remove(call.who, call.path("user"))
        return await self.users(call)

    def _known(self, robots: list[str]) -> tuple[str, ...]:
        known = ("*", *self._station.robots)
        if not robots or any(robot not in known for robot in robots):
            raise RefusalError(422, f"Robots are some of: {', '.join(known)}.")
        return tuple(robots)

    def _signed_in(self, token: str) -> Response:
        session = self._accounts.sessions.find(token)
        assert session is not None, "it has just begun"
        answer = JSONResponse(self._document(session))
        answer.set_cookie(
            self._cookie, token, secure=self._tls, httponly=True, samesite="strict", path="/"
        )  # fmt: skip
        return answer

    def _document(self, session: OpenSession) -> dict[str, Any]:
        robots = [
            {"name": name, "site": robot.site.name}
            for name, robot in self._station.robots.items()
            if session.account.may_see(name)
        ]
        return {
            "user": session.user,
            "role": session.role.value,
            "permissions": sorted(p.value for p in session.permissions),
            "robots": robots,
            "confirmed": self._accounts.is_confirmed(session),
        }


def _user(user: User) -> dict[str, Any]:
    return {"name": user.name, "role": user.role.value, "robots": list(user.robots)}
