"""How the links of a robot's description hang together."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import numpy as np
from transforms3d import quaternions

from patrol_core.errors import ConfigError
from patrol_core.geometry import Transform3

Vector = tuple[float, float, float]
_TURNS = ("continuous", "revolute")


@dataclass(frozen=True, slots=True)
class Joint:
    """`origin`: of `child` in `parent` where it stands at 0; it turns about `axis`, if at all.

    Joints that slide or float stay where they are: a rover has none.
    """

    name: str
    parent: str
    child: str
    origin: Transform3
    axis: Vector | None

    def at(self, angle_rad: float) -> Transform3:
        """The child in its parent, turned so far."""
        if self.axis is None:
            return self.origin
        w, x, y, z = quaternions.axangle2quat(np.array(self.axis), angle_rad)
        return self.origin.compose(Transform3((0.0, 0.0, 0.0), (x, y, z, w)))


def read_joints(urdf: str) -> tuple[Joint, ...]:
    """Every joint of an expanded URDF, in its order. Raises ConfigError for what is none."""
    try:
        return tuple(_joint(element) for element in ET.fromstring(urdf).findall("joint"))  # noqa: S314 - the robot's own
    except (ET.ParseError, AttributeError, KeyError, ValueError) as error:
        raise ConfigError(
            f"the robot description has a joint that cannot be read: {error}",
            expected="<joint name type> with <parent link>, <child link>, <origin xyz rpy>",
        ) from error


def _joint(element: ET.Element) -> Joint:
    origin, axis = element.find("origin"), element.find("axis")
    xyz, rpy = ("0 0 0", "0 0 0")
    if origin is not None:
        xyz, rpy = origin.get("xyz", xyz), origin.get("rpy", rpy)
    turns = None
    if element.attrib["type"] in _TURNS:
        turns = _vector("1 0 0" if axis is None else axis.attrib["xyz"])
    return Joint(
        element.attrib["name"],
        _link(element, "parent"),
        _link(element, "child"),
        Transform3.from_rpy(_vector(xyz), _vector(rpy)),
        turns,
    )


def _link(element: ET.Element, role: str) -> str:
    found = element.find(role)
    if found is None:
        raise ValueError(f"joint '{element.attrib['name']}' has no {role}")
    return found.attrib["link"]


def _vector(text: str) -> Vector:
    x, y, z = map(float, text.split())
    if not all(map(math.isfinite, (x, y, z))):
        raise ValueError(f"'{text}' are not three numbers")
    return (x, y, z)
