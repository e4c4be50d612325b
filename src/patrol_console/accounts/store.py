"""Users and their sessions, in a file that only the console reads."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from patrol_console.accounts.permissions import Role
from patrol_console.errors import ConsoleError
from patrol_core.web.asking import RefusalError

ALL_ROBOTS = "*"
_USER = "name, role, robots, password, made_s, chosen"
_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_VERSION = 1
"""Of the tables, kept as `user_version`; 0 from before they had a number."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, robots TEXT NOT NULL, password TEXT NOT NULL,
  made_s REAL NOT NULL, chosen INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  token_hash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE,
  made_s REAL NOT NULL, seen_s REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS keys (
  name TEXT PRIMARY KEY, robots TEXT NOT NULL, key_hash TEXT NOT NULL UNIQUE, made_s REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS acts_at_machine (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class User:
    """`robots`: names of those that this user may see, or `ALL_ROBOTS` alone. `has_chosen`: the
    password is the user's own, and not a first one that somebody else knows."""

    name: str
    role: Role
    robots: tuple[str, ...]
    password: str
    made_s: float
    has_chosen: bool = True

    def may_see(self, robot: str) -> bool:
        return ALL_ROBOTS in self.robots or robot in self.robots


@dataclass(frozen=True, slots=True)
class Key:
    """An alarm system's key, of which only the hash is kept; `robots` as of a user."""

    name: str
    robots: tuple[str, ...]
    key_hash: str
    made_s: float

    def may_see(self, robot: str) -> bool:
        return ALL_ROBOTS in self.robots or robot in self.robots


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session as kept: of its token only the hash."""

    token_hash: str
    user: str
    made_s: float
    seen_s: float


class AccountStore:
    """One process at a time writes; a command at the machine may, too, in between."""

    def __init__(self, file: Path) -> None:
        """Opens or makes it, readable by this system's user alone. Raises ConsoleError."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
            file.chmod(0o600)
            self._db = sqlite3.connect(file, timeout=5.0, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA foreign_keys=ON")
            self._refuse_newer(file)
            self._db.executescript(_SCHEMA)
            self._bring_up_to_date()
            self._version = -1
        except (OSError, sqlite3.Error) as error:
            raise ConsoleError(
                f"the accounts in {file} cannot be opened: {error}",
                expected="a file of this program, that this user may write",
                remedy="move it away to begin with no accounts, or mend its owner",
            ) from error

    def close(self) -> None:
        self._db.close()

    def users(self) -> list[User]:
        rows = self._db.execute(f"SELECT {_USER} FROM users")
        return sorted((_user(row) for row in rows), key=lambda user: user.name)

    def user(self, name: str) -> User | None:
        row = self._db.execute(f"SELECT {_USER} FROM users WHERE name = ?", (name,)).fetchone()
        return None if row is None else _user(row)

    def put(self, user: User) -> None:
        """Add a user, or change one."""
        with self._change() as db:
            db.execute(
                f"INSERT INTO users ({_USER}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(name) DO "
                "UPDATE SET role = excluded.role, robots = excluded.robots, "
                "password = excluded.password, chosen = excluded.chosen",
                (
                    user.name,
                    user.role.value,
                    json.dumps(user.robots),
                    user.password,
                    user.made_s,
                    user.has_chosen,
                ),
            )

    def remove(self, name: str) -> None:
        """Remove a user with all sessions."""
        with self._change() as db:
            db.execute("DELETE FROM users WHERE name = ?", (name,))

    def keys(self) -> list[Key]:
        rows = self._db.execute("SELECT * FROM keys ORDER BY name")
        return [_key(row) for row in rows]

    def key(self, key_hash: str) -> Key | None:
        row = self._db.execute("SELECT * FROM keys WHERE key_hash = ?", (key_hash,)).fetchone()
        return None if row is None else _key(row)

    def put_key(self, key: Key) -> None:
        """Add a key. Raises RefusalError (409) when there is one of that name."""
        values = (key.name, json.dumps(key.robots), key.key_hash, key.made_s)
        try:
            with self._change() as db:
                db.execute("INSERT INTO keys VALUES (?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            raise RefusalError(409, f"There is a key '{key.name}' already.") from None

    def remove_key(self, name: str) -> bool:
        """Whether there was one."""
        with self._change() as db:
            return db.execute("DELETE FROM keys WHERE name = ?", (name,)).rowcount > 0

    def sessions(self) -> list[KeptSession]:
        rows = self._db.execute("SELECT token_hash, user, made_s, seen_s FROM sessions")
        return [KeptSession(*row) for row in rows]

    def keep(self, session: KeptSession) -> None:
        """Add a session, or note when it was last seen."""
        with self._change() as db:
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?) "
                "ON CONFLICT(token_hash) DO UPDATE SET seen_s = excluded.seen_s",
                (session.token_hash, session.user, session.made_s, session.seen_s),
            )

    def end(self, token_hash: str) -> None:
        with self._change() as db:
            db.execute("DELETE FROM sessions WHERE token_hash = ?", (token_hash,))

    def note(self, kind: str, subject: str, details: str = "") -> None:
        """What was done by a command at the machine, for the console to tell the log."""
        with self._change() as db:
            db.execute(
                "INSERT INTO acts_at_machine (kind, subject, details) VALUES (?, ?, ?)",
                (kind, subject, details),
            )

    def notes(self) -> list[tuple[int, str, str, str]]:
        """Number, kind, subject and details of each act that was noted, in order."""
        return self._db.execute("SELECT * FROM acts_at_machine ORDER BY number").fetchall()

    def forget_notes(self, last: int) -> None:
        with self._change() as db:
            db.execute("DELETE FROM acts_at_machine WHERE number <= ?", (last,))

    def has_changed_elsewhere(self) -> bool:
        """Whether another process has written since the last call; True at the first."""
        before = self._version
        (self._version,) = self._db.execute("PRAGMA data_version").fetchone()
        return self._version != before

    def _refuse_newer(self, file: Path) -> None:
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found > _VERSION:
            self._db.close()
            raise ConsoleError(
                f"the accounts in {file} have version {found}",
                expected=f"version {_VERSION} or older",
                remedy="use the program that wrote them ('./ronda upgrade')",
            )

    def _bring_up_to_date(self) -> None:
        """A file of before passwords were told apart by who has chosen them."""
        known = {row[1] for row in self._db.execute("PRAGMA table_info(users)")}
        if "chosen" not in known:
            with self._change() as db:
                db.execute("ALTER TABLE users ADD COLUMN chosen INTEGER NOT NULL DEFAULT 1")
        self._db.execute(f"PRAGMA user_version={_VERSION}")

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._db:
            yield self._db


def check_name(name: str) -> str:
    """A user's name. Raises RefusalError (422)."""
    if not _NAME.fullmatch(name):
        raise RefusalError(
            422, "A name has 2 to 32 characters: small letters, digits, '.', '_', '-', and "
            "begins with a letter."
        )  # fmt: skip
    return name


def _key(row: tuple[str, str, str, float]) -> Key:
    name, robots, key_hash, made_s = row
    return Key(name, tuple(json.loads(robots)), key_hash, made_s)


def _user(row: tuple[str, str, str, str, float, int]) -> User:
    name, role, robots, password, made_s, chosen = row
    return User(name, Role(role), tuple(json.loads(robots)), password, made_s, bool(chosen))
