"""Commands, odometry, poses, paths and transforms."""

from __future__ import annotations

import array
import math
from typing import Any

import numpy as np
from geometry_msgs import msg
from nav_msgs.msg import Odometry as OdometryMessage
from nav_msgs.msg import Path as PathMessage
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage

from patrol_core.geometry import FloatArray, Pose2, Transform3
from patrol_core.types.motion import (
    Covariance3,
    JointStates,
    Odometry,
    Particles,
    Path,
    PoseEstimate,
    RobotDescription,
    StampedTransform,
    Transforms,
    VelocityCommand,
)
from patrol_host_ros.conversions.common import (
    BASE_FRAME,
    MAP_FRAME,
    check_frame,
    header_to_ros,
    pose_from_ros,
    pose_to_ros,
    poses_from_ros,
    poses_to_ros,
    stamp_from_ros,
)

_PLANAR = np.array([0, 1, 5, 6, 7, 11, 30, 31, 35])
"""Where x, y and yaw are in a row-major 6x6 covariance of (x, y, z, roll, pitch, yaw)."""


def _covariance_from_ros(covariance: FloatArray) -> Covariance3:
    a, b, c, d, e, f, g, h, i = covariance[_PLANAR].tolist()
    return (a, b, c, d, e, f, g, h, i)


def _covariance_to_ros(covariance: Covariance3) -> FloatArray:
    full = np.zeros(36)
    full[_PLANAR] = covariance
    return full


def twist_from_ros(message: Any) -> VelocityCommand:
    twist = message.twist
    return VelocityCommand(stamp_from_ros(message.header.stamp), twist.linear.x, twist.angular.z)


def twist_to_ros(command: VelocityCommand) -> msg.TwistStamped:
    message = msg.TwistStamped(header=header_to_ros(command.stamp_s, BASE_FRAME))
    message.twist.linear.x = command.linear_mps
    message.twist.angular.z = command.angular_radps
    return message


def bare_twist_from_ros(message: Any) -> VelocityCommand:
    """A command without a stamp: its reader has to put the time of arrival in place of NaN."""
    return VelocityCommand(math.nan, message.linear.x, message.angular.z)


def bare_twist_to_ros(command: VelocityCommand) -> msg.Twist:
    message = msg.Twist()
    message.linear.x = command.linear_mps
    message.angular.z = command.angular_radps
    return message


def odometry_from_ros(message: Any) -> Odometry:
    twist = message.twist.twist
    return Odometry(
        stamp_from_ros(message.header.stamp),
        pose_from_ros(message.pose.pose),
        twist.linear.x,
        twist.angular.z,
        _covariance_from_ros(message.pose.covariance),
    )


def odometry_to_ros(odometry: Odometry) -> OdometryMessage:
    message = OdometryMessage(
        header=header_to_ros(odometry.stamp_s, "odom"), child_frame_id=BASE_FRAME
    )
    message.pose.pose = pose_to_ros(odometry.pose)
    message.pose.covariance = _covariance_to_ros(odometry.covariance)
    message.twist.twist.linear.x = odometry.linear_mps
    message.twist.twist.angular.z = odometry.angular_radps
    return message


def pose_estimate_from_ros(message: Any) -> PoseEstimate:
    check_frame(message.header)
    return PoseEstimate(
        stamp_from_ros(message.header.stamp),
        pose_from_ros(message.pose.pose),
        _covariance_from_ros(message.pose.covariance),
    )


def pose_estimate_to_ros(estimate: PoseEstimate) -> msg.PoseWithCovarianceStamped:
    message = msg.PoseWithCovarianceStamped(header=header_to_ros(estimate.stamp_s, MAP_FRAME))
    message.pose.pose = pose_to_ros(estimate.pose)
    message.pose.covariance = _covariance_to_ros(estimate.covariance)
    return message


def goal_pose_from_ros(message: Any) -> PoseEstimate:
    check_frame(message.header)
    return PoseEstimate(stamp_from_ros(message.header.stamp), pose_from_ros(message.pose))


def goal_pose_to_ros(estimate: PoseEstimate) -> msg.PoseStamped:
    return msg.PoseStamped(
        header=header_to_ros(estimate.stamp_s, MAP_FRAME), pose=pose_to_ros(estimate.pose)
    )


def joints_from_ros(message: Any) -> JointStates:
    return JointStates(
        stamp_from_ros(message.header.stamp),
        tuple(message.name),
        tuple(message.position),
        tuple(message.velocity),
    )


def joints_to_ros(joints: JointStates) -> JointState:
    return JointState(
        header=header_to_ros(joints.stamp_s, ""),
        name=list(joints.names),
        position=array.array("d", joints.positions_rad),
        velocity=array.array("d", joints.velocities_radps),
    )


def path_from_ros(message: Any) -> Path:
    check_frame(message.header)
    poses = [pose_from_ros(stamped.pose) for stamped in message.poses]
    rows = [(pose.x_m, pose.y_m, pose.yaw_rad) for pose in poses]
    return Path(stamp_from_ros(message.header.stamp), np.array(rows, np.float64).reshape(-1, 3))


def path_to_ros(path: Path) -> PathMessage:
    header = header_to_ros(path.stamp_s, MAP_FRAME)
    poses = [
        msg.PoseStamped(header=header, pose=pose_to_ros(Pose2(*row)))
        for row in path.poses.tolist()
    ]
    return PathMessage(header=header, poses=poses)


def particles_from_ros(message: Any) -> Particles:
    check_frame(message.header)
    return Particles(stamp_from_ros(message.header.stamp), poses_from_ros(message.poses))


def particles_to_ros(particles: Particles) -> msg.PoseArray:
    header = header_to_ros(particles.stamp_s, MAP_FRAME)
    return msg.PoseArray(header=header, poses=poses_to_ros(particles.poses))


def transforms_from_ros(message: Any) -> Transforms:
    return Transforms(tuple(map(_transform_from_ros, message.transforms)))


def transforms_to_ros(transforms: Transforms) -> TFMessage:
    return TFMessage(transforms=list(map(_transform_to_ros, transforms.transforms)))


def _transform_from_ros(message: Any) -> StampedTransform:
    moved, turned = message.transform.translation, message.transform.rotation
    return StampedTransform(
        stamp_from_ros(message.header.stamp),
        message.header.frame_id,
        message.child_frame_id,
        Transform3((moved.x, moved.y, moved.z), (turned.x, turned.y, turned.z, turned.w)),
    )


def _transform_to_ros(stamped: StampedTransform) -> msg.TransformStamped:
    x, y, z = stamped.transform.translation_m
    qx, qy, qz, qw = stamped.transform.rotation_xyzw
    return msg.TransformStamped(
        header=header_to_ros(stamped.stamp_s, stamped.parent),
        child_frame_id=stamped.child,
        transform=msg.Transform(
            translation=msg.Vector3(x=x, y=y, z=z),
            rotation=msg.Quaternion(x=qx, y=qy, z=qz, w=qw),
        ),
    )


def description_from_ros(message: Any) -> RobotDescription:
    return RobotDescription(message.data)


def description_to_ros(description: RobotDescription) -> String:
    return String(data=description.urdf)


CONVERSIONS = {
    (RobotDescription, "std_msgs/msg/String"): (description_from_ros, description_to_ros),
    (VelocityCommand, "geometry_msgs/msg/TwistStamped"): (twist_from_ros, twist_to_ros),
    (VelocityCommand, "geometry_msgs/msg/Twist"): (bare_twist_from_ros, bare_twist_to_ros),
    (Odometry, "nav_msgs/msg/Odometry"): (odometry_from_ros, odometry_to_ros),
    (PoseEstimate, "geometry_msgs/msg/PoseWithCovarianceStamped"): (
        pose_estimate_from_ros,
        pose_estimate_to_ros,
    ),
    (PoseEstimate, "geometry_msgs/msg/PoseStamped"): (goal_pose_from_ros, goal_pose_to_ros),
    (JointStates, "sensor_msgs/msg/JointState"): (joints_from_ros, joints_to_ros),
    (Particles, "geometry_msgs/msg/PoseArray"): (particles_from_ros, particles_to_ros),
    (Path, "nav_msgs/msg/Path"): (path_from_ros, path_to_ros),
    (Transforms, "tf2_msgs/msg/TFMessage"): (transforms_from_ros, transforms_to_ros),
}
