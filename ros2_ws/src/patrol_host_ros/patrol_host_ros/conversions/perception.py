"""Tracks, findings, incidents, and the dock as it is seen."""

from __future__ import annotations

from typing import Any

from geometry_msgs.msg import PoseStamped
from patrol_interfaces import msg

from patrol_core.types.perception import DetectedDock, Finding, Incident, Tracks
from patrol_host_ros.conversions.common import (
    BASE_FRAME,
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


CONVERSIONS = {
    (DetectedDock, "geometry_msgs/msg/PoseStamped"): (
        detected_dock_from_ros,
        detected_dock_to_ros,
    ),
    (Tracks, "patrol_interfaces/msg/Tracks"): (tracks_from_ros, tracks_to_ros),
    (Finding, "patrol_interfaces/msg/Finding"): (finding_from_ros, finding_to_ros),
    (Incident, "patrol_interfaces/msg/Incident"): (incident_from_ros, incident_to_ros),
}
