"""Passwords: which are good enough, and how they are kept.

Rules are those of OWASP ASVS 5.0, 6.2: length and not being a common one; no rules of composition.
"""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from patrol_core.web.asking import RefusalError

SHORTEST, LONGEST = 10, 128
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with the least cost that OWASP's Password Storage Cheat Sheet names: some 30 ms and
19 MiB on a small computer, two at a time at most."""


def check_password(password: str, user: str) -> None:
    """Raises RefusalError (422): too short, too long, common, or the name itself."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise RefusalError(422, f"A password has {SHORTEST} to {LONGEST} characters.")
    lowered = password.lower()
    if lowered in _common() or lowered.strip("0123456789!?.*") in _common():
        raise RefusalError(422, "That password is one of the first that are tried: take another.")
    if user and len(lowered.replace(user.lower(), "")) < SHORTEST - 2:
        raise RefusalError(422, "The password is little more than the name: choose another.")


def hash_password(password: str) -> str:
    """What is kept of it, with its salt and parameters."""
    return _HASHER.hash(password)


def is_right(kept: str, password: str) -> bool:
    """Whether a password is the one that was kept; False for anything that is no hash."""
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobody() -> str:
    """The hash of no password: so that an unknown name takes as long as a wrong password."""
    return _HASHER.hash("\0")


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])
