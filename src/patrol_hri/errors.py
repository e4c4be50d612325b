"""What can go wrong in a conversation."""

from __future__ import annotations

from patrol_core.errors import RondaError


class HriError(RondaError):
    """Talking with visitors went wrong."""


class UnknownTextError(HriError):
    """A language has no text under that key, or a value that the text needs was not given."""
