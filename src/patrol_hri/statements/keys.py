"""The key of the statements: 32 random bytes in a file that its owner alone may read."""

from __future__ import annotations

import os
from pathlib import Path

from patrol_core.errors import Place
from patrol_core.whole_file import sync_folder
from patrol_hri.errors import StatementKeyError
from patrol_hri.statements.receipt import RandomBytes

KEY_BYTES = 32


def read_key(path: Path) -> bytes:
    """The key in the file. Raises StatementKeyError where there is none, or others may read it."""
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise StatementKeyError(
            f"the key of the statements cannot be read: {error.strerror}",
            place=Place(path), expected="the file that was made with the first statement",
            remedy="put it back from where you keep a copy; without it no statement can be read",
        ) from error  # fmt: skip
    if mode & 0o077:
        raise StatementKeyError(
            f"others may read the key of the statements (mode {mode & 0o777:o})",
            place=Place(path), expected="mode 600", remedy=f"chmod 600 {path}",
        )  # fmt: skip
    if len(data) != KEY_BYTES:
        raise StatementKeyError(
            f"the key of the statements has {len(data)} bytes", place=Place(path),
            expected=f"{KEY_BYTES} bytes", remedy="put the right file back from your copy",
        )  # fmt: skip
    return data


def make_key(path: Path, random_bytes: RandomBytes) -> bytes:
    """A new key in a new file of mode 0600, durable before this returns.

    Raises StatementKeyError where there is a file already, or none can be written.
    """
    partial = path.with_name(f"{path.name}.new")
    key = random_bytes(KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # fails where there is one: no key is ever overwritten
        partial.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise StatementKeyError(
            f"the key of the statements cannot be made: {error.strerror}", place=Place(path),
            remedy="choose a folder that can be written (`key_file`), and keep what is there",
        ) from error  # fmt: skip
    return key
