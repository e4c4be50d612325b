"""What can go wrong with Gazebo."""

from __future__ import annotations

from patrol_core.errors import RondaError


class GazeboError(RondaError):
    """Gazebo is not there, does not start, or has ended."""
