"""Signed checkpoints of the log, as notes that other programs read.

The text is that of C2SP tlog-checkpoint, signed as C2SP signed-note with Ed25519.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from patrol_records.log.merkle import HASH_BYTES
from patrol_records.signing import signing_key

_ED25519 = b"\x01"
_MARK = "\u2014 "
_MAX_NOTE = 10_000


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, how many entries it has, and its root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signer:
    """Signs checkpoints in a log's name."""

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        self.origin = origin
        self._key = key
        self.verifier = verifier_key(origin, key.public_key())

    @classmethod
    def of_file(cls, origin: str, file: Path) -> Signer:
        """With the key in a file, made at first use. Raises ConfigError."""
        return cls(origin, signing_key(file))

    def sign(self, size: int, root: bytes) -> str:
        """The note of a checkpoint."""
        text = Checkpoint(self.origin, size, root).text()
        signature = _key_id(self.origin, self._key.public_key()) + self._key.sign(text.encode())
        return f"{text}\n{_MARK}{self.origin} {base64.b64encode(signature).decode()}\n"


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """The public key as a line of text: name, key id, algorithm and key."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{origin}+{_key_id(origin, key).hex()}+{base64.b64encode(_ED25519 + raw).decode()}"


def open_note(note: str, verifier: str) -> Checkpoint:
    """The checkpoint in a note. Raises ValueError where it is none, or not signed by that key."""
    origin, key = _parse_verifier(verifier)
    if len(note) > _MAX_NOTE:
        raise ValueError("the checkpoint is too long")
    text, blank, signatures = note.partition("\n\n")
    if not blank:
        raise ValueError("the checkpoint has no signature")
    text += "\n"
    if not _is_signed(text, signatures, origin, key):
        raise ValueError("the checkpoint is not signed by this log's key")
    lines = text.splitlines()
    if len(lines) < 3 or lines[0] != origin or not lines[1].isascii() or not lines[1].isdecimal():
        raise ValueError("the checkpoint is not one of this log")
    root = _decoded(lines[2])
    if len(root) != HASH_BYTES or (lines[1] != "0" and lines[1].startswith("0")):
        raise ValueError("the checkpoint's size or root is not one")
    return Checkpoint(lines[0], int(lines[1]), root)


def _is_signed(text: str, signatures: str, origin: str, key: Ed25519PublicKey) -> bool:
    wanted = _key_id(origin, key)
    for line in signatures.splitlines():
        name, _, encoded = line.removeprefix(_MARK).rpartition(" ")
        if not line.startswith(_MARK) or name != origin:
            continue
        signature = _decoded(encoded)
        if signature[:4] == wanted:
            try:
                key.verify(signature[4:], text.encode())
            except InvalidSignature:
                return False
            return True
    return False


def open_verifier(verifier: str) -> bytes:
    """The public key (32 bytes) in a verifier key. Raises ValueError where it is none."""
    return _parse_verifier(verifier)[1].public_bytes(Encoding.Raw, PublicFormat.Raw)


def _parse_verifier(verifier: str) -> tuple[str, Ed25519PublicKey]:
    origin, _, rest = verifier.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _decoded(encoded)
    if not origin or raw[:1] != _ED25519 or len(raw) != 33:
        raise ValueError("the verifier key is none")
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    if _key_id(origin, key).hex() != key_id:
        raise ValueError("the verifier key does not fit its id")
    return origin, key


def _key_id(origin: str, key: Ed25519PublicKey) -> bytes:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + raw).digest()[:4]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("what should be base64 is not") from error
