"""What can go wrong in the console."""

from __future__ import annotations

from patrol_core.errors import RondaError


class ConsoleError(RondaError):
    """The console cannot do what it was set up for."""
