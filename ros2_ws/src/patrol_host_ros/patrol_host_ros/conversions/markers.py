"""Shapes for viewers."""

from __future__ import annotations

from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Pose, Quaternion, Vector3
from std_msgs.msg import ColorRGBA
from visualization_msgs import msg

from patrol_core.geometry import Transform3
from patrol_core.types.markers import Marker, Markers, Shape
from patrol_host_ros.conversions.common import header_to_ros, stamp_from_ros, stamp_to_ros


def markers_from_ros(message: Any) -> Markers:
    drawn = [marker for marker in message.markers if marker.action == msg.Marker.ADD]
    return Markers(tuple(map(_marker_from_ros, drawn)), len(drawn) < len(message.markers))


def markers_to_ros(markers: Markers) -> msg.MarkerArray:
    first = [msg.Marker(action=msg.Marker.DELETEALL)] if markers.clears else []
    return msg.MarkerArray(markers=[*first, *map(_marker_to_ros, markers.markers)])


def _marker_from_ros(message: Any) -> Marker:
    at, turned, size = message.pose.position, message.pose.orientation, message.scale
    return Marker(
        stamp_from_ros(message.header.stamp),
        message.header.frame_id,
        message.ns,
        message.id,
        Shape(message.type),
        Transform3((at.x, at.y, at.z), (turned.x, turned.y, turned.z, turned.w)),
        (size.x, size.y, size.z),
        _color_from_ros(message.color),
        stamp_from_ros(message.lifetime),
        message.text,
        np.array([(p.x, p.y, p.z) for p in message.points], np.float64).reshape(-1, 3),
        np.array(list(map(_color_from_ros, message.colors)), np.float64).reshape(-1, 4),
    )


def _marker_to_ros(marker: Marker) -> msg.Marker:
    x, y, z = marker.pose.translation_m
    qx, qy, qz, qw = marker.pose.rotation_xyzw
    length, width, height = marker.size_m
    lifetime = stamp_to_ros(marker.lifetime_s)
    return msg.Marker(
        header=header_to_ros(marker.stamp_s, marker.frame_id),
        ns=marker.namespace,
        id=marker.number,
        type=marker.shape.value,
        pose=Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw)),
        scale=Vector3(x=length, y=width, z=height),
        color=_color_to_ros(marker.color),
        lifetime=Duration(sec=lifetime.sec, nanosec=lifetime.nanosec),
        text=marker.text,
        points=[Point(x=px, y=py, z=pz) for px, py, pz in marker.corners_m.tolist()],
        colors=list(map(_color_to_ros, marker.colors_rgba.tolist())),
    )


def _color_from_ros(color: Any) -> tuple[float, float, float, float]:
    return (color.r, color.g, color.b, color.a)


def _color_to_ros(color: Any) -> ColorRGBA:
    r, g, b, a = color
    return ColorRGBA(r=r, g=g, b=b, a=a)


CONVERSIONS = {(Markers, "visualization_msgs/msg/MarkerArray"): (markers_from_ros, markers_to_ros)}
