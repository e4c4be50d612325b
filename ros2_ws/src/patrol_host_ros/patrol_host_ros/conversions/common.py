"""What every message is made of: stamps, headers, poses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion
from std_msgs.msg import Header

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray, Pose2

MAP_FRAME = "map"
BASE_FRAME = "base_link"


class ConversionError(RondaError):
    """A message from outside cannot be a value of the table."""


def stamp_from_ros(stamp: Any) -> float:
    return float(stamp.sec + stamp.nanosec * 1e-9)


def stamp_to_ros(stamp_s: float) -> Time:
    seconds = math.floor(stamp_s)
    nanoseconds = round((stamp_s - seconds) * 1e9)
    if nanoseconds == 1_000_000_000:
        seconds, nanoseconds = seconds + 1, 0
    return Time(sec=seconds, nanosec=nanoseconds)


def header_to_ros(stamp_s: float, frame_id: str) -> Header:
    return Header(stamp=stamp_to_ros(stamp_s), frame_id=frame_id)


def pose_from_ros(message: Any) -> Pose2:
    rotation = message.orientation
    x, y, z, w = rotation.x, rotation.y, rotation.z, rotation.w
    yaw_rad = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return Pose2(message.position.x, message.position.y, yaw_rad)


def pose_to_ros(pose: Pose2) -> Pose:
    half_rad = pose.yaw_rad / 2.0
    return Pose(
        position=Point(x=pose.x_m, y=pose.y_m),
        orientation=Quaternion(z=math.sin(half_rad), w=math.cos(half_rad)),
    )


def poses_from_ros(messages: Iterable[Any]) -> FloatArray:
    """As an array (N, 3) of x, y, yaw."""
    poses = map(pose_from_ros, messages)
    return np.array([(p.x_m, p.y_m, p.yaw_rad) for p in poses], np.float64).reshape(-1, 3)


def poses_to_ros(poses: FloatArray) -> list[Pose]:
    return [pose_to_ros(Pose2(*row)) for row in poses.tolist()]


def check_frame(header: Any, frame_id: str = MAP_FRAME) -> None:
    """Raises ConversionError unless a pose from outside is in this frame (or says nothing)."""
    if header.frame_id not in ("", frame_id):
        raise ConversionError(
            f"the pose is in frame '{header.frame_id}'", expected=f"'{frame_id}'"
        )


def map_pose_from_ros(message: Any) -> Pose2:
    """Raises ConversionError for another frame."""
    check_frame(message.header)
    return pose_from_ros(message.pose)


def map_pose_to_ros(pose: Pose2) -> PoseStamped:
    """Of no particular time: it holds whenever it is read."""
    return PoseStamped(header=header_to_ros(0.0, MAP_FRAME), pose=pose_to_ros(pose))


def map_poses_from_ros(messages: Iterable[Any]) -> FloatArray:
    """As an array (N, 3) of x, y, yaw. Raises ConversionError for another frame."""
    poses = map(map_pose_from_ros, messages)
    return np.array([(p.x_m, p.y_m, p.yaw_rad) for p in poses], np.float64).reshape(-1, 3)


def map_poses_to_ros(poses: FloatArray) -> list[PoseStamped]:
    return [map_pose_to_ros(Pose2(*row)) for row in poses.tolist()]
