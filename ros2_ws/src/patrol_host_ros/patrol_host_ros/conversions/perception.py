"""Tracks, findings, incidents, and the dock as it is seen."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
from geometry_msgs.msg import PoseStamped
from patrol_interfaces import msg
from sensor_msgs.msg import PointCloud2, PointField

from patrol_core.types.perception import DepthObstacles, DetectedDock, Finding, Incident, Tracks
from patrol_host_ros.conversions.common import (
    BASE_FRAME,
    ConversionError,
    check_frame,
    header_to_ros,
    pose_from_ros,
    pose_to_ros,
    stamp_from_ros,
)
from patrol_host_ros.conversions.mirror import mirror

tracks_from_ros, tracks_to_ros = mirror(Tracks, msg.Tracks, "map")
finding_from_ros, finding_to_ros = mirror(Finding, msg.Finding, "map")
incident_from_ros, incident_to_ros = mirror(Incident, msg.Incident, "map")


def detected_dock_from_ros(message: Any) -> DetectedDock:
    check_frame(message.header, BASE_FRAME)
    return DetectedDock(stamp_from_ros(message.header.stamp), pose_from_ros(message.pose))


def detected_dock_to_ros(dock: DetectedDock) -> PoseStamped:
    return PoseStamped(header=header_to_ros(dock.stamp_s, BASE_FRAME), pose=pose_to_ros(dock.pose))


_POINT_BYTES = 12


def depth_obstacles_from_ros(message: Any) -> DepthObstacles:
    check_frame(message.header, BASE_FRAME)
    count = message.width * message.height
    if (
        list(message.fields) != _point_fields()
        or message.point_step != _POINT_BYTES
        or len(message.data) != _POINT_BYTES * count
        or message.is_bigendian
    ):
        raise ConversionError(
            "a point cloud of another layout", expected="x, y, z as float32, little endian"
        )
    points = np.frombuffer(message.data, np.float32).reshape(-1, 3)[:, :2]
    return DepthObstacles(stamp_from_ros(message.header.stamp), points.astype(np.float64))


def depth_obstacles_to_ros(obstacles: DepthObstacles) -> PointCloud2:
    count = len(obstacles.points_m)
    points = np.zeros((count, 3), np.float32)
    points[:, :2] = obstacles.points_m
    return PointCloud2(
        header=header_to_ros(obstacles.stamp_s, BASE_FRAME),
        height=1,
        width=count,
        fields=_point_fields(),
        point_step=_POINT_BYTES,
        row_step=_POINT_BYTES * count,
        data=array.array("B", points.tobytes()),
        is_dense=True,
    )


def _point_fields() -> list[PointField]:
    return [
        PointField(name=name, offset=4 * place, datatype=PointField.FLOAT32, count=1)
        for place, name in enumerate("xyz")
    ]


CONVERSIONS = {
    (DepthObstacles, "sensor_msgs/msg/PointCloud2"): (
        depth_obstacles_from_ros,
        depth_obstacles_to_ros,
    ),
    (DetectedDock, "geometry_msgs/msg/PoseStamped"): (
        detected_dock_from_ros,
        detected_dock_to_ros,
    ),
    (Tracks, "patrol_interfaces/msg/Tracks"): (tracks_from_ros, tracks_to_ros),
    (Finding, "patrol_interfaces/msg/Finding"): (finding_from_ros, finding_to_ros),
    (Incident, "patrol_interfaces/msg/Incident"): (incident_from_ros, incident_to_ros),
}
