"""What can go wrong with schedules."""

from __future__ import annotations

from patrol_core.errors import RondaError


class ScheduleMemoryError(RondaError):
    """The file of what became of scheduled runs cannot be read or is damaged."""
