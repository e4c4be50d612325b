"""What can be wrong with what an emulator is asked to do."""

from __future__ import annotations

from patrol_core.errors import RondaError


class FaultTextError(RondaError):
    """A fault is written in a way that nobody understands."""


class PortError(RondaError):
    """The port's name is taken, or the port cannot be made."""
