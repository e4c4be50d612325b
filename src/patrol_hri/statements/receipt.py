"""Receipt numbers: unguessable, short enough to be copied by hand, with a check character.

`K7QM-2XWD-9HTB`: eleven characters drawn from 32 (no 0 and O, no 1 and I) are 55 bits; the
twelfth checks them. It is a Reed-Solomon check over GF(32): the weighted sum of all twelve, with
weights 1, a, a^2, ... is zero. So one wrong character, and two that changed places anywhere, are
always seen.

Only a salted hash is stored (scrypt, RFC 7914, 16 MiB and some 50 ms a try). One salt serves a
whole store, or else a receipt could not be looked up; who tries to invert a stolen store of 1000
statements needs 2^44 tries of scrypt for the first of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RANDOM_CHARS = 11
COST = 2**14
"""Of scrypt. Another one makes receipts unknown that were given before."""
_GROUP = 4
_MODULUS = 0b100101  # x^5 + x^2 + 1, of which x is a primitive root
_CHECKED = 31  # characters before weights repeat

RandomBytes = Callable[[int], bytes]
"""So many random bytes: `secrets.token_bytes` but in tests."""


def new_receipt(random_bytes: RandomBytes) -> str:
    """A receipt number, in groups as it is shown."""
    values = [byte % len(ALPHABET) for byte in random_bytes(RANDOM_CHARS)]  # 256 = 8 * 32
    values.append(_check(values))
    text = "".join(ALPHABET[value] for value in values)
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def canonical(text: str) -> str:
    """A receipt number as somebody typed it, without blanks and dashes; empty if it is none."""
    kept = "".join(letter for letter in text[:_CHECKED] if letter.isalnum()).upper()
    values = [ALPHABET.find(letter) for letter in kept]
    if len(values) != RANDOM_CHARS + 1 or min(values) < 0 or _sum(values) != 0:
        return ""
    return kept


def receipt_hash(canonical_receipt: str, salt: bytes) -> bytes:
    """32 bytes, slowly."""
    data = canonical_receipt.encode()
    return hashlib.scrypt(data, salt=salt, n=COST, r=8, p=1, dklen=32)


def _check(values: list[int]) -> int:
    """The value that makes the weighted sum zero, with weight 1 of its own."""
    return _sum([*values, 0])


def _sum(values: list[int]) -> int:
    """Horner's scheme: the last character has weight 1, the one before it a, ..."""
    total = 0
    for value in values:
        total <<= 1
        if total & 0b100000:
            total ^= _MODULUS
        total ^= value
    return total
