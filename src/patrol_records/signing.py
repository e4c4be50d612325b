"""The robot's key: what signs checkpoints of the log, and packages that leave the robot."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from patrol_core.errors import ConfigError, Place

KEY_FILE = "log.key"


def signing_key(file: Path) -> Ed25519PrivateKey:
    """The key in a file (PEM, PKCS 8), made at first use for this system's user alone.

    Raises ConfigError.
    """
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            pem = Ed25519PrivateKey.generate().private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
            opened = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(opened, "wb") as made:
                made.write(pem)
        key = load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"the log's key cannot be used: {error}",
            place=Place(file),
            expected="an Ed25519 key (PEM, PKCS 8) that this program may read",
            remedy="restore it; with another key, checkpoints are those of another log",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(
            "the log's key is of another kind", place=Place(file), expected="Ed25519"
        )
    return key
