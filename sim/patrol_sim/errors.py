"""What can be wrong with the simulator's inputs."""

from __future__ import annotations

from patrol_core.errors import ConfigError


class SdfError(ConfigError):
    """A world file is not well-formed, or leaves the SDF subset of patrol_sim.sdf."""


class RobotDescriptionError(ConfigError):
    """The robot's URDF is not well-formed or lacks a link or joint that the simulator needs."""


class ScenarioError(ConfigError):
    """A scenario file is wrong, or what it asks for does not fit into the world."""


class CameraUnavailableError(ConfigError):
    """Pictures are wanted, but there is no EGL to make them with."""
