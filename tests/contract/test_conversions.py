"""Every row of the topic and action tables survives the way to ROS, over the wire, and back."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

from rclpy.serialization import deserialize_message, serialize_message

from patrol_core.actions import ACTIONS, SERVICES, Action, Service
from patrol_core.result import ErrorCode, Result
from patrol_core.topics import CMD_VEL, DEPTH_OBSTACLES, GOAL_POSE, TOPICS, Topic
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.mission import GoalResult
from patrol_core.types.motion import PoseEstimate, VelocityCommand
from patrol_core.types.perception import DepthObstacles
from patrol_core.types.sensors import DepthImage, LaserScan
from patrol_host_ros.conversions import conversion_of, interface_type
from patrol_host_ros.conversions.actions import (
    action_conversion_of,
    goal_id_from_ros,
    goal_id_to_ros,
    result_from_ros,
    result_to_ros,
)
from patrol_host_ros.conversions.common import ConversionError, stamp_from_ros, stamp_to_ros
from patrol_host_ros.conversions.mirror import mirror_part

GOAL_ID = "00112233445566778899aabbccddeeff"


_BY_NAME: dict[str, Callable[[np.random.Generator], Any]] = {
    "ranges_m": lambda rng: np.array([1.5, math.inf, math.nan, 30.0], np.float32),
    "depth_m": lambda rng: rng.random((4, 6), np.float32),
    "counts": lambda rng: rng.integers(0, 65536, (4, 6)).astype(np.uint16),
    "cells": lambda rng: rng.integers(-1, 101, (4, 6)).astype(np.int8),
    "points_m": lambda rng: rng.integers(-50, 50, (9, 2)) / 4.0,
    "corners_m": lambda rng: rng.integers(-50, 50, (9, 3)) / 4.0,
    "colors_rgba": lambda rng: rng.integers(0, 5, (9, 4)) / 4.0,
    "poses": lambda rng: np.column_stack((rng.normal(size=(7, 2)), rng.uniform(-3.0, 3.0, 7))),
    "rotation_xyzw": lambda rng: (0.5, -0.5, 0.5, 0.5),
    "goal_id": lambda rng: GOAL_ID,
    "yaw_rad": lambda rng: float(rng.uniform(-3.0, 3.0)),
    "latitude_rad": lambda rng: float(rng.uniform(-1.5, 1.5)),
    "longitude_rad": lambda rng: float(rng.uniform(-1.5, 1.5)),
}
_BY_TYPE: dict[Any, Callable[[np.random.Generator], Any]] = {
    bool: lambda rng: True,
    int: lambda rng: int(rng.integers(1, 1000)),
    float: lambda rng: float(rng.integers(1, 1000)),
    str: lambda rng: f"word {rng.integers(1000)} äöü",
    bytes: lambda rng: rng.bytes(50),
    tuple[str, str]: lambda rng: ("key", "value"),
}


def sample(hint: Any, rng: np.random.Generator, name: str = "") -> Any:
    """A random value of a type of the table; whole numbers so that float32 fields lose nothing."""
    if name in _BY_NAME:
        return _BY_NAME[name](rng)
    if hint in _BY_TYPE:
        return _BY_TYPE[hint](rng)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{field: sample(kind, rng, field) for field, kind in hints.items()})  # type: ignore[operator]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    kinds = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        kinds = (kinds[0],) * 3 if kinds[-1] is Ellipsis else kinds
        return tuple(sample(kind, rng) for kind in kinds)
    return sample(kinds[0], rng)  # the value of an optional field


def assert_same(first: Any, second: Any) -> None:
    """Equal in every field, numbers to 1e-6."""
    assert type(first) is type(second)
    if dataclasses.is_dataclass(first):
        for field in dataclasses.fields(first):
            assert_same(getattr(first, field.name), getattr(second, field.name))
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    elif isinstance(first, np.ndarray):
        assert first.dtype == second.dtype
        np.testing.assert_allclose(first, second, atol=1e-9)
    elif isinstance(first, float):
        assert first == pytest.approx(second, abs=1e-6, nan_ok=True)
    else:
        assert first == second


def over_the_wire(message: Any) -> Any:
    return deserialize_message(serialize_message(message), type(message))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_topic_round_trip(topic: Topic[Any]) -> None:
    conversion = conversion_of(topic)
    value = sample(topic.value_type, np.random.default_rng(7))
    if topic is GOAL_POSE:  # has no place for a covariance
        value = PoseEstimate(value.stamp_s, value.pose)
    message = conversion.to_ros(value)
    assert isinstance(message, conversion.message_type)
    assert_same(conversion.from_ros(over_the_wire(message)), value)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_action_round_trip(action: Action) -> None:
    conversion = action_conversion_of(action)
    rng = np.random.default_rng(8)
    goal = sample(action.goal.value_type, rng)
    sent = over_the_wire(conversion.goal_to_ros(goal))
    assert_same(conversion.goal_from_ros(GOAL_ID, sent), goal)
    feedback = sample(action.feedback.value_type, rng)
    said = over_the_wire(conversion.feedback_to_ros(feedback))
    assert_same(conversion.feedback_from_ros(GOAL_ID, said), feedback)
    result = Result.failure(ErrorCode.BLOCKED, "a van stands in the way")
    ended = over_the_wire(result_to_ros(conversion.action_type, result))
    assert result_from_ros(GOAL_ID, 6, ended) == GoalResult(GOAL_ID, result)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_service_round_trip(service: Service) -> None:
    kind = interface_type(service.ros_type)
    rows = ((service.request, kind.Request), (service.response, kind.Response))
    for row, message_type in rows:
        value = sample(row.value_type, np.random.default_rng(9))
        from_ros, to_ros = mirror_part(row.value_type, message_type, "request_id")
        assert_same(from_ros(value.request_id, over_the_wire(to_ros(value))), value)


def test_an_unknown_error_code_counts_as_internal() -> None:
    action_type = action_conversion_of(ACTIONS[0]).action_type
    message = action_type.Result(error_code=54321, error_msg="from another stack")
    assert result_from_ros(GOAL_ID, 6, message).result.code is ErrorCode.INTERNAL


def test_goal_ids_are_uuids() -> None:
    assert goal_id_from_ros(goal_id_to_ros(GOAL_ID)) == GOAL_ID
    with pytest.raises(ValueError, match="hexadecimal"):
        goal_id_to_ros("lap 3")


@pytest.mark.parametrize("stamp_s", [0.0, 0.02, 1.9999999999, 1763856000.123456])
def test_stamps(stamp_s: float) -> None:
    stamp = stamp_to_ros(stamp_s)
    assert 0 <= stamp.nanosec < 1_000_000_000
    assert stamp_from_ros(stamp) == pytest.approx(stamp_s, abs=1e-6)


def test_a_pose_in_another_frame_is_refused() -> None:
    topic = next(topic for topic in TOPICS if topic.name == "initialpose")
    conversion = conversion_of(topic)
    message = conversion.to_ros(sample(topic.value_type, np.random.default_rng(9)))
    message.header.frame_id = "odom"
    with pytest.raises(ConversionError, match="odom"):
        conversion.from_ros(message)


def test_arrays_are_moved_as_buffers() -> None:
    """A scan and a grid read from a message share its memory: nothing is copied one by one."""
    for name, field, kind in (
        ("scan", "ranges_m", LaserScan),
        ("camera/depth/image_raw", "depth_m", DepthImage),
        ("map", "cells", OccupancyGrid),
    ):
        topic = next(topic for topic in TOPICS if topic.name == name)
        conversion = conversion_of(topic)
        message = conversion.to_ros(sample(kind, np.random.default_rng(10)))
        assert not getattr(conversion.from_ros(message), field).flags.owndata


def test_a_command_without_a_stamp_keeps_its_velocity() -> None:
    row = dataclasses.replace(CMD_VEL, ros_type="geometry_msgs/msg/Twist")
    conversion = conversion_of(row)
    command = conversion.from_ros(conversion.to_ros(VelocityCommand(3.0, 0.7, -0.2)))
    assert (command.linear_mps, command.angular_radps) == (0.7, -0.2)
    assert math.isnan(command.stamp_s)


def test_a_point_cloud_of_another_layout_is_refused() -> None:
    conversion = conversion_of(DEPTH_OBSTACLES)
    message = conversion.to_ros(DepthObstacles(1.0, np.ones((3, 2))))
    message.fields = message.fields[::-1]
    with pytest.raises(ConversionError, match="layout"):
        conversion.from_ros(message)
    message = conversion.to_ros(DepthObstacles(1.0, np.ones((3, 2))))
    message.data = message.data[:-5]
    with pytest.raises(ConversionError, match="layout"):
        conversion.from_ros(message)
