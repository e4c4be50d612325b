"""What can be wrong with the simulator's inputs."""

from __future__ import annotations

from patrol_core.errors import ConfigError


class SdfError(ConfigError):
    """A world file is not well-formed, or leaves the SDF subset of patrol_sim.sdf."""
