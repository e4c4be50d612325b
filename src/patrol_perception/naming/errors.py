"""What a network that cannot be used is told with."""

from __future__ import annotations

from patrol_core.errors import ConfigError


class ModelError(ConfigError):
    """A network's file, its labels or what it gives are not what a detector has."""
