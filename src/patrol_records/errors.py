"""What can go wrong with the records."""

from __future__ import annotations

from patrol_core.errors import RondaError


class StoreError(RondaError):
    """The records cannot be opened, read or written; nothing of the failed batch was kept."""


class StoreInUseError(StoreError):
    """Another process has these records open to write."""
