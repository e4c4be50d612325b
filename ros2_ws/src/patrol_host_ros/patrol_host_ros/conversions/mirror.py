"""Conversions of the messages that mirror a dataclass field by field: all of patrol_interfaces.

The header's stamp is `stamp_s`; enums travel as their value, optional values as a list of at most
one, arrays (N, 3) of x, y, yaw as poses. A goal's id is no field: it is the action's own.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from enum import Enum
from typing import Any

from patrol_interfaces import msg

from patrol_core.geometry import FloatArray, Pose2
from patrol_host_ros.conversions import sensors
from patrol_host_ros.conversions.common import (
    header_to_ros,
    map_pose_from_ros,
    map_pose_to_ros,
    map_poses_from_ros,
    map_poses_to_ros,
    pose_from_ros,
    pose_to_ros,
    poses_from_ros,
    poses_to_ros,
    stamp_from_ros,
)

Convert = Callable[[Any], Any]
Pair = tuple[Convert, Convert]

_BASIC = {"boolean", "double", "float", "string", "uint8", "uint16", "uint32", "int32", "int64"}


def mirror(value_type: type[Any], message_type: type[Any], frame_id: str = "") -> Pair:
    """`from_ros` and `to_ros` between a dataclass and the message with the same fields.

    `frame_id` fills the header. Raises TypeError where the two differ.
    """
    hints = typing.get_type_hints(value_type)
    ros_fields = dict(message_type.get_fields_and_field_types())
    has_header = ros_fields.pop("header", None) is not None
    if set(hints) - {"stamp_s"} != set(ros_fields) or has_header != ("stamp_s" in hints):
        raise TypeError(
            f"{message_type.__name__} does not have the fields of {value_type.__name__}"
        )
    fields = [(name, *_field(hints[name], kind)) for name, kind in ros_fields.items()]

    def from_ros(message: Any) -> Any:
        values = {name: convert(getattr(message, name)) for name, convert, _ in fields}
        if has_header:
            values["stamp_s"] = stamp_from_ros(message.header.stamp)
        return value_type(**values)

    def to_ros(value: Any) -> Any:
        message = message_type()
        if has_header:
            message.header = header_to_ros(value.stamp_s, frame_id)
        for name, _, convert in fields:
            setattr(message, name, convert(getattr(value, name)))
        return message

    return from_ros, to_ros


def mirror_part(
    value_type: type[Any], message_type: type[Any], id_field: str
) -> tuple[Callable[..., Any], Convert]:
    """`from_ros(identifier, message)` and `to_ros(value)` of one part of an action or service.

    `id_field` is the field of the value that does not travel in the message. Empty fields of the
    message (ROS knows no message without one) have none in the value.
    """
    hints = typing.get_type_hints(value_type)
    types = message_type.get_fields_and_field_types()
    ros_fields = {name: kind for name, kind in types.items() if kind != "std_msgs/Empty"}
    if set(hints) - {id_field} != set(ros_fields):
        raise TypeError(f"{message_type} does not have the fields of {value_type.__name__}")
    fields = [(name, *_field(hints[name], kind)) for name, kind in ros_fields.items()]

    def from_ros(identifier: str, message: Any) -> Any:
        values = {name: convert(getattr(message, name)) for name, convert, _ in fields}
        return value_type(**{id_field: identifier}, **values)

    def to_ros(value: Any) -> Any:
        message = message_type()
        for name, _, convert in fields:
            setattr(message, name, convert(getattr(value, name)))
        return message

    return from_ros, to_ros


def _field(hint: Any, ros_kind: str) -> Pair:
    """The pair for one field, from its Python type and its ROS type."""
    if ros_kind in _SPECIAL:
        wanted, pair = _SPECIAL[ros_kind]
        if hint == wanted:
            return pair
    if ros_kind in _BASIC:
        if isinstance(hint, type) and issubclass(hint, Enum):
            return hint, lambda value: value.value
        if hint in (bool, float, int, str):
            return hint, hint
    if ros_kind == "sequence<string>" and hint == tuple[str, ...]:
        return tuple, list
    if ros_kind.startswith("sequence<patrol_interfaces/") and typing.get_origin(hint) is tuple:
        inner_from, inner_to = mirror(typing.get_args(hint)[0], _interface(ros_kind[9:-1]))
        return (
            lambda items: tuple(map(inner_from, items)),
            lambda values: list(map(inner_to, values)),
        )
    raise TypeError(f"a field of type {hint} cannot travel as {ros_kind}")


def _interface(ros_kind: str) -> type[Any]:
    found: type[Any] = getattr(msg, ros_kind.rpartition("/")[2])
    return found


def _image_from_ros(images: Any) -> Any:
    return sensors.image_from_ros(images[0]) if images else None


def _image_to_ros(image: Any) -> list[Any]:
    return [] if image is None else [sensors.image_to_ros(image)]


_SPECIAL: dict[str, tuple[Any, Pair]] = {
    "geometry_msgs/Pose": (Pose2, (pose_from_ros, pose_to_ros)),
    "geometry_msgs/PoseStamped": (Pose2, (map_pose_from_ros, map_pose_to_ros)),
    "sequence<geometry_msgs/Pose>": (FloatArray, (poses_from_ros, poses_to_ros)),
    "sequence<geometry_msgs/PoseStamped>": (FloatArray, (map_poses_from_ros, map_poses_to_ros)),
    "sequence<sensor_msgs/CompressedImage, 1>": (
        sensors.CompressedImage | None,
        (_image_from_ros, _image_to_ros),
    ),
}
