"""Latched stops: they outlive the process, and only a human ends them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Protocol

from patrol_core.errors import ConfigError, Place
from patrol_gate.reasons import Reason

UNREADABLE = Reason("latch_file", "the record of latched stops cannot be read")


class LatchStore(Protocol):
    """Where latched stops are kept."""

    def load(self) -> tuple[Reason, ...]:
        """What is latched. A record that cannot be read counts as a latched stop."""
        ...

    def save(self, reasons: tuple[Reason, ...]) -> None:
        """Keep exactly these. Durable on return; raises OSError otherwise."""
        ...


class MemoryLatchStore:
    """Keeps latched stops as long as the object lives: for the closed loop."""

    def __init__(self) -> None:
        self._reasons: tuple[Reason, ...] = ()

    def load(self) -> tuple[Reason, ...]:
        return self._reasons

    def save(self, reasons: tuple[Reason, ...]) -> None:
        self._reasons = reasons


class FileLatchStore:
    """Keeps latched stops in a JSON file, replaced as a whole.

    The constructor proves that the folder can be written; raises ConfigError where it cannot.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write_beside(b"")
            self._beside().unlink()
        except OSError as error:
            raise ConfigError(
                f"latched stops cannot be stored: {error.strerror}",
                place=Place(path),
                remedy="make its folder writable and free some space",
            ) from error

    def load(self) -> tuple[Reason, ...]:
        try:
            document = json.loads(self._path.read_bytes())
            if not isinstance(document["latched"], list):
                return (UNREADABLE,)
            return tuple(Reason(str(key), str(text)) for key, text in document["latched"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError):
            return (UNREADABLE,)

    def save(self, reasons: tuple[Reason, ...]) -> None:
        document = {"latched": [[reason.key, reason.text] for reason in reasons]}
        self._write_beside(json.dumps(document).encode())
        self._beside().replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _beside(self) -> Path:
        return self._path.with_name(self._path.name + ".new")

    def _write_beside(self, content: bytes) -> None:
        with self._beside().open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
