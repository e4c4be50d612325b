"""The guard: who asks, whether from our own page, and whether he may."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from ipaddress import ip_address

from starlette.requests import HTTPConnection

from patrol_console.accounts.keys import Keys
from patrol_console.accounts.permissions import Permission
from patrol_console.accounts.sessions import OpenSession, Sessions
from patrol_core.web.asking import RefusalError
from patrol_core.web.rates import Limiter

CHANGE_HEADER, KEY_HEADER = "x-ronda", "authorization"
"""One of them is sent with every change: no other site's form or link can make a browser send
either."""
_SAFE = ("GET", "HEAD")


class Guard:
    """Decides for every request and every handshake, here and nowhere else."""

    def __init__(
        self,
        sessions: Sessions,
        keys: Keys,
        robots: Collection[str],
        cookie: str,
        limiter: Limiter,
        clock: Callable[[], float],
        names: Collection[str] = (),
        *,
        tls: bool = False,
    ) -> None:
        self._sessions, self._keys, self._robots = sessions, keys, robots
        self.cookie = cookie
        self._limiter, self._clock = limiter, clock
        self._scheme = "https" if tls else "http"
        self._names = {"localhost", *(name.lower() for name in names)}

    def check_source(self, connection: HTTPConnection) -> None:
        """That it is not too much, and not sent by another site's page. Raises RefusalError."""
        if not self._limiter.take(address_of(connection), self._clock()):
            raise RefusalError(429, "Too many requests; wait a moment.")
        host = connection.headers.get("host", "")
        if not self._is_ours(host):
            raise RefusalError(421, "This console is not known by that name ('web.names').")
        is_socket = connection.scope["type"] == "websocket"
        if not is_socket and connection.scope["method"] in _SAFE:
            return
        origin = connection.headers.get("origin")
        if origin is None and not is_socket:
            pass  # not a browser: it sends the header below by its own will
        elif (origin or "").lower() != f"{self._scheme}://{host.lower()}":
            raise RefusalError(403, "This was sent by another page than the console's own.")
        headers = connection.headers
        if not (is_socket or CHANGE_HEADER in headers or KEY_HEADER in headers):
            raise RefusalError(403, "A change carries the header 'X-Ronda: 1'.")

    def _is_ours(self, host: str) -> bool:
        """An address, or a name that was given: any other one may be a stranger's page that had
        its name resolve to this machine (DNS rebinding).
        """
        name = re.sub(r":\d*$", "", host).strip("[]").lower()
        try:
            ip_address(name)
        except ValueError:
            return name in self._names
        return True

    def session(self, connection: HTTPConnection) -> OpenSession | None:
        """Whose request it is; None where nobody is signed in."""
        token = connection.cookies.get(self.cookie, "")
        return self._sessions.find(token) if token else None

    def lives(self, session: OpenSession) -> bool:
        """Whether a session goes on: an open line is a sign of life, but not beyond its end."""
        return self._sessions.lives(session)

    def require(
        self, connection: HTTPConnection, permission: Permission, robot: str = ""
    ) -> OpenSession:
        """The session behind it. Raises RefusalError: 401 without one, 403 without the permission,
        404 for a robot that is not here, or not this user's.
        """
        session = self.session(connection)
        if session is None:
            raise RefusalError(401, "Sign in first.")
        if robot and (robot not in self._robots or not session.account.may_see(robot)):
            raise RefusalError(404, "There is no such robot for you here.")
        if permission not in session.permissions:
            if not session.account.has_chosen:
                raise RefusalError(403, "Choose a password of your own first.")
            raise RefusalError(
                403, f"A {session.role.value} may not do this ('{permission.value}')."
            )  # fmt: skip
        return session

    def require_key(self, connection: HTTPConnection, robot: str) -> str:
        """The name of the alarm system's key that is sent. Raises RefusalError (401, 404)."""
        name = self._keys.require(connection.headers.get(KEY_HEADER, ""), robot)
        if robot not in self._robots:
            raise RefusalError(404, "There is no such robot for this key here.")
        return name


def address_of(connection: HTTPConnection) -> str:
    """The other end's address, as the socket knows it: what a header claims counts for nothing."""
    return connection.client.host if connection.client else ""
