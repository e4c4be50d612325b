"""What can go wrong when talking with visitors."""

from __future__ import annotations

from patrol_core.errors import RondaError


class HriError(RondaError):
    """The root of this package's errors."""


class UnknownSessionError(HriError):
    """No conversation of that id is open: it has ended, or there never was one."""


class ReceptionFullError(HriError):
    """As many conversations as may be are open, and none of them may be ended for another."""


class ForbiddenActError(HriError):
    """A conversation wanted something that the table of authority does not grant: a bug."""


class StatementStoreError(HriError):
    """Statements cannot be opened, read or written; nothing of a failed one was kept."""


class StatementKeyError(StatementStoreError):
    """The key of the statements is missing, unsafe, or another one than they were written with."""


class TooManyTriesError(StatementStoreError):
    """Too many receipt numbers that there are not were tried; even a right one has to wait."""


class UnknownTextError(HriError):
    """A language has no text under that key, or a value that the text needs was not given."""
