"""What `ros_gz_bridge` carries between Gazebo and the node `base`, from the topic table.

All of it lies below `gazebo/` in the robot's namespace, on both sides: the node makes the rows of
the table of it, so that faults are the same as in the embedded simulator, and one process alone
publishes what the table grants to `base`. The bridge's parameter `expand_gz_topic_names` puts the
namespace before Gazebo's names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from patrol_core import topics
from patrol_core.topics import Topic

FOLDER = "gazebo"
_GAZEBO_TYPES = {
    "sensor_msgs/msg/Image": "gz.msgs.Image",
    "sensor_msgs/msg/Imu": "gz.msgs.IMU",
    "sensor_msgs/msg/JointState": "gz.msgs.Model",
    "sensor_msgs/msg/LaserScan": "gz.msgs.LaserScan",
    "sensor_msgs/msg/NavSatFix": "gz.msgs.NavSat",
    "std_msgs/msg/Float64": "gz.msgs.Double",
}
"""The pairs of ros_gz 1.0 (Jazzy), ros_gz_bridge/README.md."""


class Direction(Enum):
    """As `ros_gz_bridge` calls them."""

    GZ_TO_ROS = "GZ_TO_ROS"
    ROS_TO_GZ = "ROS_TO_GZ"


@dataclass(frozen=True, slots=True)
class Bridged:
    """One entry. `row`: what the base makes of it; None: a command to a wheel.

    `lazy`: carried (and pictures drawn) only while somebody listens.
    """

    name: str
    ros_type: str
    row: Topic[Any] | None = None
    lazy: bool = False

    @property
    def topic(self) -> str:
        """Its name in ROS and in Gazebo, relative to the robot's namespace."""
        return f"{FOLDER}/{self.name}"

    @property
    def gazebo_type(self) -> str:
        return _GAZEBO_TYPES[self.ros_type]

    @property
    def direction(self) -> Direction:
        return Direction.ROS_TO_GZ if self.row is None else Direction.GZ_TO_ROS


def _measured(name: str, row: Topic[Any], lazy: bool = False) -> Bridged:
    return Bridged(name, row.ros_type, row, lazy)


SCAN = _measured("scan", topics.SCAN)
IMU = _measured("imu", topics.IMU)
FIX = _measured("fix", topics.FIX)
JOINTS = _measured("joint_states", topics.JOINT_STATES)
DEPTH = _measured("camera/depth_image", topics.CAMERA_DEPTH, lazy=True)
IMAGE = Bridged("camera/image", "sensor_msgs/msg/Image", topics.CAMERA_RAW, lazy=True)
"""Gazebo's picture is not compressed; the base does that."""
LEFT_WHEEL = Bridged("left_wheel", "std_msgs/msg/Float64")
RIGHT_WHEEL = Bridged("right_wheel", "std_msgs/msg/Float64")
"""Rates [rad/s] that the wheels are to turn at."""

BRIDGED = (SCAN, IMU, FIX, JOINTS, IMAGE, DEPTH, LEFT_WHEEL, RIGHT_WHEEL)
