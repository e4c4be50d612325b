"""The SQLite schema of stored statements, and how one is sealed.

Version 1. `statements.sealed` is AES-256-GCM (NIST SP 800-38D) under the 32 bytes of the key file,
`nonce` 12 random bytes of its own, over the JSON of `Statement.to_json`. Authenticated beside it:
`ronda statement 1`, the row's `receipt_hash` and, as two big-endian doubles, `stored_s` and
`expires_s`; so rows cannot be exchanged or kept longer unseen. `meta.key_check` is a nonce and the
sealed word `ronda statements`, beside `meta.salt`. `receipt_hash`: see `receipt.py`. `deletions`
keeps hash, time and cause of each deletion, and nothing else. `meta.removed` counts deletions,
`meta.cleaned` those of which the files hold nothing any more. All stamps are Unix time.
"""

from __future__ import annotations

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
CREATE = (
    """
    CREATE TABLE meta (
      salt BLOB NOT NULL, key_check BLOB NOT NULL,
      tries_left REAL NOT NULL, tries_s REAL NOT NULL,
      removed INTEGER NOT NULL, cleaned INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE statements (
      number INTEGER PRIMARY KEY AUTOINCREMENT, receipt_hash BLOB NOT NULL UNIQUE,
      stored_s REAL NOT NULL, expires_s REAL NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE deletions (
      receipt_hash BLOB NOT NULL, deleted_s REAL NOT NULL, cause TEXT NOT NULL
    )
    """,
    f"PRAGMA user_version={VERSION}",
)
NONCE_BYTES = 12
_WORD = b"ronda statements"


def beside(receipt_hash: bytes, stored_s: float, expires_s: float) -> bytes:
    """What is authenticated beside a sealed statement."""
    return b"ronda statement 1" + receipt_hash + struct.pack(">dd", stored_s, expires_s)


def key_check(key: bytes, nonce: bytes, salt: bytes) -> bytes:
    """Bytes by which the key is known again."""
    return nonce + AESGCM(key).encrypt(nonce, _WORD, salt)


def is_key(key: bytes, check: bytes, salt: bytes) -> bool:
    """Whether these bytes were made with this key."""
    try:
        return AESGCM(key).decrypt(check[:NONCE_BYTES], check[NONCE_BYTES:], salt) == _WORD
    except InvalidTag:
        return False
