"""The robot's links where its description says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from patrol_core.errors import ConfigError
from patrol_core.robot import load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.urdf_joints import read_joints

URDF = Path(__file__).parents[2] / "urdf"
ARM = """<robot name="r"><joint name="j" type="revolute"><parent link="a"/><child link="b"/>
<origin xyz="1 2 3" rpy="0 0 1.5707963267948966"/><axis xyz="0 1 0"/></joint></robot>"""


def test_the_rovers_sensors_are_where_its_numbers_say() -> None:
    """What the base says on tf_static is what the description says."""
    joints = {one.child: one for one in read_joints(expand_xacro(URDF / "urdf/rover.urdf.xacro"))}
    mounts = load_robot(URDF / "config" / "rover.yaml").mounts()
    for parent, child, transform in mounts:
        assert joints[child].parent == parent
        np.testing.assert_allclose(joints[child].at(0.0).matrix(), transform.matrix(), atol=1e-3)
    assert {one.name for one in joints.values() if one.axis is not None} == {
        "left_wheel_joint", "right_wheel_joint"
    }  # fmt: skip


def test_a_joint_turns_about_its_axis_in_its_own_frame() -> None:
    (arm,) = read_joints(ARM)
    ahead = arm.at(math.pi / 2.0).matrix() @ np.array([1.0, 0.0, 0.0, 1.0])
    assert ahead[:3] == pytest.approx((1.0, 2.0, 2.0))


@pytest.mark.parametrize(
    ("old", "new"),
    [("</robot>", ""), ('<parent link="a"/>', ""), ("1 2 3", "1 2"), ("1 2 3", "1 nan 3")],
)
def test_a_joint_that_cannot_be_read_is_told(old: str, new: str) -> None:
    with pytest.raises(ConfigError, match="joint that cannot be read"):
        read_joints(ARM.replace(old, new))
