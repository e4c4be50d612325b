"""The robot's description, expanded from xacro and prepared for MuJoCo."""

from __future__ import annotations

from pathlib import Path
from xml.parsers.expat import ExpatError

import xacro

from patrol_core.errors import Place
from patrol_sim.engine import mujoco
from patrol_sim.errors import RobotDescriptionError

_MUJOCO_OPTIONS = (
    '<mujoco><compiler fusestatic="false" discardvisual="false" balanceinertia="false"/></mujoco>'
)


def expand_xacro(path: Path, robot_file: Path | None = None) -> str:
    """The URDF text of a xacro file, with the numbers of a robot file other than its own.

    Raises RobotDescriptionError when the file or one that it includes is missing or wrong.
    """
    try:
        mappings = {} if robot_file is None else {"robot_file": str(robot_file.resolve())}
        return str(xacro.process_file(str(path), mappings=mappings).toxml())
    except (xacro.XacroException, OSError, ExpatError) as error:
        raise RobotDescriptionError(
            f"the robot description cannot be expanded: {error}",
            place=Place(path),
            remedy="mend the xacro file, or give the path of another",
        ) from error


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
