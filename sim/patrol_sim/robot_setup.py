"""A robot to put into a simulated world."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrol_core.robot import RobotModel


@dataclass(frozen=True, slots=True)
class RobotSetup:
    """A robot to put into the world. `namespace` is empty for a robot alone."""

    namespace: str
    model: RobotModel
    urdf: str
    urdf_path: Path

    @property
    def key(self) -> str:
        """Its name inside the simulator, never empty."""
        return self.namespace.strip("/") or "robot"
