"""Keys of alarm systems: programs that may report alarms over HTTP, and nothing else."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Callable

from patrol_console.accounts.store import AccountStore, Key
from patrol_core.web.asking import RefusalError

_PREFIX = "ronda-"
"""So that a key is recognised where it should not be, in a log or a repository."""
_LONGEST = 100


def new_key(
    store: AccountStore, name: str, robots: tuple[str, ...], made_s: float,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:  # fmt: skip
    """Keep a new key of 256 random bits and return it: only its hash can be read later."""
    key = _PREFIX + random_bytes(32).hex()
    store.put_key(Key(name, robots, _hash(key), made_s))
    return key


class Keys:
    """The keys as they are kept at this moment."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store

    def require(self, authorization: str, robot: str) -> str:
        """The name of the key in an `Authorization: Bearer` header (RFC 6750). Raises
        RefusalError: 401 without a known one, 404 for a robot that is not the key's."""
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(key) <= _LONGEST:
            raise RefusalError(401, "Send the header 'Authorization: Bearer KEY'.")
        try:
            known = self._store.key(_hash(key))
        except sqlite3.Error:
            raise RefusalError(503, "The keys cannot be read just now.") from None
        if known is None:
            raise RefusalError(401, "This key is not known: './ronda console keys' makes one.")
        if not known.may_see(robot):
            raise RefusalError(404, "There is no such robot for this key here.")
        return known.name


def _hash(key: str) -> str:
    """A key is random enough that nobody finds it from a plain hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
