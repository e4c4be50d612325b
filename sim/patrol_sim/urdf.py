"""The robot's description, prepared for MuJoCo."""

from __future__ import annotations

from pathlib import Path

from patrol_core.errors import Place
from patrol_sim.engine import mujoco
from patrol_sim.errors import RobotDescriptionError

_MUJOCO_OPTIONS = (
    '<mujoco><compiler fusestatic="false" discardvisual="false" balanceinertia="false"/></mujoco>'
)


def urdf_spec(urdf: str, path: Path) -> mujoco.MjSpec:
    """A MuJoCo model of the robot alone: every link a body, visuals group 1, solids group 0."""
    end_of_tag = urdf.index(">", urdf.index("<robot")) + 1
    try:
        return mujoco.MjSpec.from_string(urdf[:end_of_tag] + _MUJOCO_OPTIONS + urdf[end_of_tag:])
    except ValueError as error:
        raise RobotDescriptionError(
            f"MuJoCo refuses the robot description: {error}",
            place=Place(path),
            remedy="mend the link or joint that it names",
        ) from error
