"""Who is signed in: sessions by their tokens, with an end to each."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from patrol_console.accounts.permissions import Permission, Role, permissions_of
from patrol_console.accounts.store import AccountStore, KeptSession, User
from patrol_core.web.asking import RefusalError

CONFIRMED_FOR_S = 60.0
SEEN_EVERY_S = 60.0
"""How exactly it is kept when a session was last seen."""


class OpenSession:
    """Somebody who is signed in."""

    def __init__(self, kept: KeptSession, user: User) -> None:
        self.kept = kept
        self.account = user
        self.confirmed_s = 0.0
        self._told: list[Callable[[], None]] = []

    @property
    def user(self) -> str:
        return self.account.name

    @property
    def role(self) -> Role:
        return self.account.role

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it may do now: with a first password that somebody else knows, next to nothing."""
        may_all = self.account.has_chosen
        return permissions_of(self.role) if may_all else frozenset({Permission.SELF})

    @property
    def session_id(self) -> str:
        """A name for it in logs; it opens nothing."""
        return self.kept.token_hash[:12]

    def on_revoked(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Be told when the session or a right of it ends; returns what ends the telling."""
        self._told.append(callback)
        return lambda: self._told.remove(callback) if callback in self._told else None

    def revoke(self) -> None:
        """Tell everybody who asked."""
        told, self._told = self._told, []
        for callback in told:
            callback()


class Sessions:
    """All open sessions. They outlive the process, but not `lasts_s` from the sign-in, nor
    `idle_s` without a request or an open line.
    """

    def __init__(
        self, store: AccountStore, clock: Callable[[], float], lasts_s: float, idle_s: float
    ) -> None:
        self._store, self._clock = store, clock
        self._lasts_s, self._idle_s = lasts_s, idle_s
        self._open: dict[str, OpenSession] = {}
        users = {user.name: user for user in store.users()}
        for kept in store.sessions():
            if kept.user in users:
                self._open[kept.token_hash] = OpenSession(kept, users[kept.user])

    def begin(self, user: User) -> tuple[str, OpenSession]:
        """A new session and its token: 256 random bits, which nobody else learns."""
        token = secrets.token_urlsafe(32)
        now_s = self._clock()
        session = OpenSession(KeptSession(_hash(token), user.name, now_s, now_s), user)
        session.confirmed_s = now_s
        self._open[session.kept.token_hash] = session
        self._store.keep(session.kept)
        return token, session

    def find(self, token: str) -> OpenSession | None:
        """The session of a token, which is seen by this; None when there is none, or no more."""
        session = self._open.get(_hash(token))
        return session if session is not None and self.lives(session) else None

    def lives(self, session: OpenSession) -> bool:
        """Whether it goes on; a session whose time is up ends by this, any other is seen."""
        now_s, kept = self._clock(), session.kept
        if not 0.0 <= now_s - kept.made_s < self._lasts_s or now_s - kept.seen_s > self._idle_s:
            self.end(session)
            return False
        if now_s - kept.seen_s > SEEN_EVERY_S:
            session.kept = replace(kept, seen_s=now_s)
            self._store.keep(session.kept)
        return True

    def renew(self, session: OpenSession) -> str:
        """A new token for it; the old one opens nothing any more. Its sockets stay open."""
        self._open.pop(session.kept.token_hash, None)
        self._store.end(session.kept.token_hash)
        token = secrets.token_urlsafe(32)
        session.kept = replace(session.kept, token_hash=_hash(token), seen_s=self._clock())
        self._open[session.kept.token_hash] = session
        self._store.keep(session.kept)
        return token

    def check_open(self, session: OpenSession) -> None:
        """Raises RefusalError (401) when it has ended."""
        if self._open.get(session.kept.token_hash) is not session:
            raise RefusalError(401, "Sign in first.")

    def of(self, user: str) -> list[OpenSession]:
        return [session for session in self._open.values() if session.user == user]

    def follow(self, users: Sequence[User]) -> None:
        """Take in what another process has changed: sessions end with their user or password,
        sockets close with a role.
        """
        now = {user.name: user for user in users}
        for session in list(self._open.values()):
            user, before = now.get(session.user), session.account
            if user is None or user.password != before.password:
                self.end(session)
            elif (user.role, user.robots) != (before.role, before.robots):
                session.account = user
                session.revoke()

    def end(self, session: OpenSession) -> None:
        """End one: its sockets close."""
        self._open.pop(session.kept.token_hash, None)
        self._store.end(session.kept.token_hash)
        session.revoke()

    def end_all(self, user: str, but: OpenSession | None = None) -> None:
        """End all of a user's, after a new password or role."""
        for session in self.of(user):
            if session is not but:
                self.end(session)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
