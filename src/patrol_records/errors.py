"""What can go wrong with the records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from patrol_core.errors import Place, RondaError


class StoreError(RondaError):
    """The records cannot be opened, read or written; nothing of the failed batch was kept."""


class StoreInUseError(StoreError):
    """Another process has these records open to write."""


@contextmanager
def file_errors(path: Path, verb: str) -> Iterator[None]:
    """Errors of the file system as StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"cannot {verb} the records: {error.strerror}",
            place=Place(path),
            remedy="free disk space and check that the folder is writable",
        ) from error
