"""The robot's description (URDF), expanded from xacro."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from xml.parsers.expat import ExpatError

import xacro

from patrol_core.errors import ConfigError, Place

NO_ARGUMENTS: Mapping[str, str] = MappingProxyType({})


def expand_xacro(
    path: Path, robot_file: Path | None = None, arguments: Mapping[str, str] = NO_ARGUMENTS
) -> str:
    """The URDF text of a xacro file, with the numbers of a robot file other than its own, and with
    other arguments of the file (which for Gazebo: `gazebo`, `namespace`).

    Raises ConfigError when the file or one that it includes is missing or wrong.
    """
    try:
        numbers = {} if robot_file is None else {"robot_file": str(robot_file.resolve())}
        mappings = {**arguments, **numbers}
        return str(xacro.process_file(str(path), mappings=mappings).toxml())
    except (xacro.XacroException, OSError, ExpatError) as error:
        raise ConfigError(
            f"the robot description cannot be expanded: {error}",
            place=Place(path),
            remedy="mend the xacro file, or give the path of another",
        ) from error
