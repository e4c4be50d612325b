"""Signing in, users and their roles: every change is told to the log."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from patrol_console.accounts.attempts import Attempts
from patrol_console.accounts.passwords import check_password, hash_password, is_right, nobody
from patrol_console.accounts.permissions import Role
from patrol_console.accounts.sessions import CONFIRMED_FOR_S, OpenSession, Sessions
from patrol_console.accounts.store import AccountStore, User, check_name
from patrol_console.files import FIRST_CODE
from patrol_console.station import Audit
from patrol_core.web.asking import RefusalError

T = TypeVar("T")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 12
"""60 bits: with the waiting that follows failures, it is not guessed before it is used."""


class Accounts:
    """Lives in the web's loop; passwords are hashed in threads of their own, two at a time."""

    def __init__(
        self, store: AccountStore, sessions: Sessions, audit: Audit, clock: Callable[[], float],
        folder: Path,
    ) -> None:  # fmt: skip
        self._store, self._audit, self._clock = store, audit, clock
        self.sessions = sessions
        self._attempts = Attempts()
        self._code_file = folder / FIRST_CODE
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="passwords")

    def close(self) -> None:
        self._pool.shutdown(wait=False)

    # First start

    @property
    def is_first_start(self) -> bool:
        """Whether there is no user yet: there is no default account."""
        return not self._store.users()

    def first_code(self) -> str:
        """The code that makes the first administrator: in a file that this system's user alone
        may read, until it is used.
        """
        if self._code_file.exists():
            kept = self._code_file.read_text(encoding="ascii", errors="replace").strip()
            if len(kept) == _CODE_LENGTH and set(kept) <= set(_ALPHABET):
                return kept  # else it was cut off when it was written: no code is a weak one
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        self._code_file.touch(0o600)
        self._code_file.write_text(code + "\n", encoding="ascii")
        return code

    async def first_user(self, code: str, name: str, password: str, address: str) -> str:
        """Make the first administrator; the token of the session. Raises RefusalError."""
        if not self.is_first_start:
            raise RefusalError(409, "There is an administrator already: ask for an account.")
        self._begin_attempt("", address)
        if not hmac.compare_digest(_plain(code), _plain(self.first_code())):
            self._failed("", address)
            raise RefusalError(403, "That is not the code that was printed at the start.")
        self._attempts.succeeded("", address)
        check_name(name)
        check_password(password, name)
        hashed = await self._off_loop(hash_password, password)
        if not self.is_first_start:  # somebody was quicker, with the same code
            raise RefusalError(409, "There is an administrator already: ask for an account.")
        user = self._made(name, Role.ADMINISTRATOR, ("*",), hashed)
        self._code_file.unlink(missing_ok=True)
        self._audit(name, user.role.value, "user_added", name, "the first administrator")
        return self._begin(user)

    # Sessions

    async def sign_in(self, name: str, password: str, address: str) -> str:
        """The token of a new session. Raises RefusalError: 401, and 429 with the time to wait."""
        self._begin_attempt(name, address)
        user = self._store.user(name)
        kept = nobody() if user is None else user.password
        is_good = await self._off_loop(is_right, kept, password)
        if not is_good or user is None or self._store.user(name) != user:
            self._failed(name, address)
            raise RefusalError(401, "The name or the password is wrong.")
        self._attempts.succeeded(name, address)
        return self._begin(user)

    def sign_out(self, session: OpenSession) -> None:
        self.sessions.end(session)
        self._audit(session.user, session.role.value, "signed_out", session.user)

    async def confirm(self, session: OpenSession, password: str, address: str) -> str:
        """Take the password again, before what must not be done by whoever finds a screen.

        The session goes on under the new token that is returned. Raises RefusalError.
        """
        await self._check_own(session, password, address)
        session.confirmed_s = self._clock()
        return self.sessions.renew(session)

    def is_confirmed(self, session: OpenSession) -> bool:
        return 0.0 <= self._clock() - session.confirmed_s < CONFIRMED_FOR_S

    async def change_password(
        self, session: OpenSession, old: str, new: str, address: str
    ) -> None:
        """Raises RefusalError. All other sessions of this user end."""
        await self._check_own(session, old, address)
        if new == old:
            raise RefusalError(422, "The new password is the old one: choose another.")
        check_password(new, session.user)
        hashed = await self._off_loop(hash_password, new)
        self.sessions.check_open(session)  # it may have ended meanwhile, and the user with it
        session.account = replace(session.account, password=hashed, has_chosen=True)
        self._store.put(session.account)
        self.sessions.end_all(session.user, but=session)
        self._audit(session.user, session.role.value, "password_changed", session.user)

    # Users, as administrators change them

    def users(self) -> list[User]:
        return self._store.users()

    async def add(
        self, by: OpenSession, name: str, role: Role, robots: tuple[str, ...], password: str
    ) -> None:
        """Add a user, with a first password. Raises RefusalError: 409 for a name that is taken,
        422."""
        if self._store.user(check_name(name)) is not None:
            raise RefusalError(409, f"There is a user '{name}' already.")
        check_password(password, name)
        hashed = await self._off_loop(hash_password, password)
        if self._store.user(name) is not None:  # added by another administrator meanwhile
            raise RefusalError(409, f"There is a user '{name}' already.")
        self._made(name, role, robots, hashed, has_chosen=False)
        told = f"{role.value}, robots: {', '.join(robots)}"
        self._audit(by.user, by.role.value, "user_added", name, told)

    def change(
        self, by: OpenSession, name: str, role: Role | None, robots: tuple[str, ...] | None
    ) -> None:
        """Another role or other robots, in force at once: open sockets close.

        Raises RefusalError.
        """
        user = self._known(name)
        changed = replace(user, role=role or user.role, robots=robots or user.robots)
        if user.role is Role.ADMINISTRATOR and changed.role is not user.role:
            self._check_last(name)
        self._store.put(changed)
        for session in self.sessions.of(name):
            session.account = changed
            session.revoke()
        told = f"{changed.role.value}, robots: {', '.join(changed.robots)}"
        self._audit(by.user, by.role.value, "user_changed", name, told)

    def remove(self, by: OpenSession, name: str) -> None:
        """Raises RefusalError: 404, 409 for the last administrator."""
        if self._known(name).role is Role.ADMINISTRATOR:
            self._check_last(name)
        self.sessions.end_all(name)
        self._store.remove(name)
        self._audit(by.user, by.role.value, "user_removed", name)

    async def reset_password(self, by: OpenSession, name: str, password: str) -> None:
        """A first password again, for somebody who has lost his. Raises RefusalError."""
        self._known(name)
        check_password(password, name)
        hashed = await self._off_loop(hash_password, password)
        self._store.put(replace(self._known(name), password=hashed, has_chosen=False))
        self.sessions.end_all(name)
        self._audit(by.user, by.role.value, "password_reset", name)

    def take_in(self) -> None:
        """What `./ronda console users` has changed counts from now on, and is logged."""
        if not self._store.has_changed_elsewhere():
            return
        self.sessions.follow(self._store.users())
        for number, kind, subject, details in self._store.notes():
            self._audit("at the machine", "", kind, subject, details)
            self._store.forget_notes(number)

    # Helpers

    def _begin(self, user: User) -> str:
        token, session = self.sessions.begin(user)
        self._audit(user.name, user.role.value, "signed_in", user.name, session.session_id)
        return token

    async def _check_own(self, session: OpenSession, password: str, address: str) -> None:
        self._begin_attempt(session.user, address)
        if not await self._off_loop(is_right, session.account.password, password):
            self._failed(session.user, address)
            raise RefusalError(403, "The password is wrong.")
        self.sessions.check_open(session)
        self._attempts.succeeded(session.user, address)

    def _begin_attempt(self, name: str, address: str) -> None:
        """Counts as failed until it has succeeded: many at once are no way round the waiting."""
        wait_s = self._attempts.wait_s(name, address, self._clock())
        if wait_s > 0.0:
            raise RefusalError(429, f"Too many attempts have failed: wait for {wait_s:.0f} s.")
        self._attempts.failed(name, address, self._clock())

    def _failed(self, name: str, address: str) -> None:
        known = name if name and self._store.user(name) else "an unknown name"
        self._audit(known, "", "sign_in_failed", known, f"from {address}")

    def _known(self, name: str) -> User:
        user = self._store.user(name)
        if user is None:
            raise RefusalError(404, f"There is no user '{name}'.")
        return user

    def _check_last(self, name: str) -> None:
        others = (u for u in self._store.users() if u.name != name)
        if not any(user.role is Role.ADMINISTRATOR for user in others):
            raise RefusalError(409, f"'{name}' is the only administrator.")

    def _made(
        self, name: str, role: Role, robots: tuple[str, ...], hashed: str, *,
        has_chosen: bool = True,
    ) -> User:  # fmt: skip
        user = User(name, role, robots, hashed, self._clock(), has_chosen)
        self._store.put(user)
        return user

    async def _off_loop(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


def _plain(code: str) -> bytes:
    return "".join(code.upper().split()).replace("-", "").encode()
