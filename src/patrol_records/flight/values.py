"""Messages of a recording as values of the topic table, for those rows that a replay shows.

Works on what `mcap-ros2-support` makes of bytes: objects with the fields of the message.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from patrol_core import topics
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.topics import Topic
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.motion import Odometry, Path, PoseEstimate
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_core.types.sensors import BatteryState, CompressedImage, LaserScan
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    Health,
    HealthLevel,
    LocalizationLevel,
    LocalizationStatus,
    TeleopLease,
)

_CHARGING = 1
"""sensor_msgs/BatteryState: POWER_SUPPLY_STATUS_CHARGING."""


def _stamp(message: Any) -> float:
    return float(message.header.stamp.sec + message.header.stamp.nanosec * 1e-9)


def _pose(pose: Any) -> Pose2:
    q = pose.orientation
    yaw_rad = math.atan2(2.0 * (q.w * q.z + q.x * q.y), 1.0 - 2.0 * (q.y * q.y + q.z * q.z))
    return Pose2(pose.position.x, pose.position.y, yaw_rad)


def _estimate(message: Any) -> PoseEstimate:
    return PoseEstimate(_stamp(message), _pose(message.pose.pose))


def _odometry(message: Any) -> Odometry:
    twist = message.twist.twist
    pose = _pose(message.pose.pose)
    return Odometry(_stamp(message), pose, twist.linear.x, twist.angular.z)


def _battery(message: Any) -> BatteryState:
    return BatteryState(
        _stamp(message), message.voltage, message.current, message.percentage,
        message.power_supply_status == _CHARGING,
    )  # fmt: skip


def _scan(message: Any) -> LaserScan:
    return LaserScan(
        _stamp(message), message.header.frame_id, message.angle_min, message.angle_increment,
        message.range_min, message.range_max, np.array(message.ranges, np.float32),
    )  # fmt: skip


def _picture(message: Any) -> CompressedImage:
    frame_id = message.header.frame_id
    return CompressedImage(_stamp(message), frame_id, message.format, bytes(message.data))


def _path(message: Any) -> Path:
    poses = [_pose(stamped.pose) for stamped in message.poses]
    rows: FloatArray = np.array([(p.x_m, p.y_m, p.yaw_rad) for p in poses], np.float64)
    return Path(_stamp(message), rows.reshape(-1, 3))


def _gate(message: Any) -> GateStatus:
    return GateStatus(
        _stamp(message), GateState(message.state), Authority(message.authority),
        tuple(message.reasons), message.speed_limit_mps, message.commanded_linear_mps,
        message.commanded_angular_radps, message.passed_linear_mps, message.passed_angular_radps,
        message.clearance_m,
    )  # fmt: skip


def _lease(message: Any) -> TeleopLease:
    return TeleopLease(_stamp(message), message.holder, message.dead_man, message.override)


def _localization(message: Any) -> LocalizationStatus:
    return LocalizationStatus(
        _stamp(message), LocalizationLevel(message.level), message.reason, message.position_std_m,
        message.yaw_std_rad, message.scan_agreement,
    )  # fmt: skip


def _tracks(message: Any) -> Tracks:
    return Tracks(
        _stamp(message),
        tuple(
            Track(
                track.track_id, TrackKind(track.kind), track.x_m, track.y_m, track.vx_mps,
                track.vy_mps, track.length_m, track.width_m, track.confidence,
                track.first_seen_s, track.last_seen_s,
            )
            for track in message.tracks
        ),
    )  # fmt: skip


def _patrol(message: Any) -> PatrolStatus:
    return PatrolStatus(
        _stamp(message), message.patrol_id, PatrolState(message.state), message.route_id,
        message.lap, message.laps, message.next_checkpoint, message.fraction_done, message.message,
    )  # fmt: skip


def _health(message: Any) -> Health:
    worst = max(message.status, key=lambda status: status.level)
    values = tuple((pair.key, pair.value) for pair in worst.values)
    return Health(_stamp(message), worst.name, HealthLevel(worst.level), worst.message, values)


_MADE: tuple[tuple[Topic[Any], Callable[[Any], Any]], ...] = (
    (topics.AMCL_POSE, _estimate),
    (topics.ODOM, _odometry),
    (topics.BATTERY_STATE, _battery),
    (topics.SCAN, _scan),
    (topics.CAMERA_BLURRED, _picture),
    (topics.PLAN, _path),
    (topics.OPTIMAL_TRAJECTORY, _path),
    (topics.GATE_STATUS, _gate),
    (topics.TELEOP_LEASE, _lease),
    (topics.LOCALIZATION_STATUS, _localization),
    (topics.TRACKS, _tracks),
    (topics.PATROL_STATUS, _patrol),
    (topics.DIAGNOSTICS, _health),
)

VALUES: Mapping[str, Callable[[Any], Any]] = {topic.name: make for topic, make in _MADE}
"""By name of the row: value of a decoded message. Raises ValueError, TypeError, AttributeError
where the message is not one of that row."""
