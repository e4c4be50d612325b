"""What can go wrong when talking with visitors."""

from __future__ import annotations

from patrol_core.errors import RondaError


class StatementStoreError(RondaError):
    """Statements cannot be opened, read or written; nothing of a failed one was kept."""


class StatementKeyError(StatementStoreError):
    """The key of the statements is missing, unsafe, or another one than they were written with."""


class TooManyTriesError(StatementStoreError):
    """Too many receipt numbers that there are not were tried; even a right one has to wait."""
