"""Geometry against independent formulas, and the transform buffer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely.geometry import LineString, Point, Polygon

from patrol_core.errors import TransformError
from patrol_core.geometry import (
    FloatArray,
    Pose2,
    Transform3,
    distance_to_polyline_m,
    points_in_polygon,
    wrap_angle,
)
from patrol_core.transforms import TransformBuffer
from patrol_core.types.motion import StampedTransform, Transforms


def random_pose(rng: np.random.Generator) -> Pose2:
    x, y, yaw = rng.uniform(-3.0, 3.0, 3)
    return Pose2(float(x), float(y), float(yaw))


def matrix(pose: Pose2) -> FloatArray:
    cos, sin = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    return np.array([[cos, -sin, pose.x_m], [sin, cos, pose.y_m], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("angle", [0.0, 3.2, -3.2, math.pi, -math.pi, 100.0])
def test_wrap_angle_is_the_same_angle_in_range(angle: float) -> None:
    wrapped = wrap_angle(angle)
    assert -math.pi < wrapped <= math.pi
    assert math.cos(wrapped) == pytest.approx(math.cos(angle))
    assert math.sin(wrapped) == pytest.approx(math.sin(angle), abs=1e-12)


def test_pose2_agrees_with_homogeneous_matrices() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        a, b = random_pose(rng), random_pose(rng)
        assert np.allclose(matrix(a.compose(b)), matrix(a) @ matrix(b))
        assert np.allclose(matrix(a.inverse()), np.linalg.inv(matrix(a)))
        assert np.allclose(matrix(b.relative_to(a)), np.linalg.inv(matrix(a)) @ matrix(b))
        points = rng.normal(size=(4, 2))
        lifted = np.column_stack((points, np.ones(4))) @ matrix(a).T
        assert np.allclose(a.transform_points(points), lifted[:, :2])


def test_transform3_inverts_composes_and_keeps_the_heading() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        tx, ty, tz, roll, pitch, yaw = map(float, rng.uniform(-1.4, 1.4, 6))
        transform = Transform3.from_rpy((tx, ty, tz), (roll, pitch, yaw))
        identity = transform.compose(transform.inverse()).matrix()
        assert np.allclose(identity, np.eye(4), atol=1e-12)
        assert transform.yaw_rad() == pytest.approx(yaw)
        assert Transform3.from_pose2(Pose2(tx, ty, yaw)).yaw_rad() == pytest.approx(yaw)


def test_transform3_agrees_with_homogeneous_matrices() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        first, second = (
            Transform3(tuple(rng.normal(size=3)), tuple(rng.normal(size=4))) for _ in range(2)
        )
        assert np.allclose(first.compose(second).matrix(), first.matrix() @ second.matrix())
        assert np.allclose(first.inverse().matrix(), np.linalg.inv(first.matrix()))
        assert np.linalg.norm(first.compose(second).rotation_xyzw) == pytest.approx(1.0)


def test_a_rotation_of_no_length_turns_nothing() -> None:
    broken = Transform3((1.0, 2.0, 3.0), (0.0, 0.0, 0.0, 0.0))
    moved = broken.compose(Transform3((1.0, 0.0, 0.0)))
    assert (moved.translation_m, moved.yaw_rad()) == ((2.0, 2.0, 3.0), 0.0)
    assert broken.inverse().translation_m == (-1.0, -2.0, -3.0)


def test_points_in_polygon_agrees_with_shapely() -> None:
    rng = np.random.default_rng(3)
    polygon = [(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (2.0, 1.0), (0.0, 3.0)]
    points = rng.uniform(-1.0, 5.0, (500, 2))
    expected = [Polygon(polygon).contains(Point(point)) for point in points]
    assert points_in_polygon(points, polygon).tolist() == expected


def test_distance_to_polyline_agrees_with_shapely() -> None:
    rng = np.random.default_rng(4)
    line = rng.uniform(-3.0, 3.0, (6, 2))
    points = rng.uniform(-5.0, 5.0, (100, 2))
    expected = [LineString(line).distance(Point(point)) for point in points]
    assert np.allclose(distance_to_polyline_m(points, line), expected)


def edge(stamp_s: float, parent: str, child: str, pose: Pose2) -> Transforms:
    stamped = StampedTransform(stamp_s, parent, child, Transform3.from_pose2(pose))
    return Transforms((stamped,))


def test_buffer_interpolates_and_walks_the_tree() -> None:
    buffer = TransformBuffer()
    buffer.update_static(edge(0.0, "base_link", "lidar_link", Pose2(0.3, 0.0, 0.0)))
    buffer.update([edge(1.0, "odom", "base_link", Pose2(0.0, 0.0, 0.0))])
    buffer.update([edge(2.0, "odom", "base_link", Pose2(1.0, 0.0, math.pi / 2))])
    buffer.update([edge(t, "map", "odom", Pose2(10.0, 0.0, 0.0)) for t in (1.0, 2.0)])
    assert buffer.pose("map", "base_link", 1.5).x_m == pytest.approx(10.5)
    assert buffer.pose("map", "base_link", 1.5).yaw_rad == pytest.approx(math.pi / 4)
    lidar = buffer.pose("map", "lidar_link", 2.0)
    assert (lidar.x_m, lidar.y_m) == (pytest.approx(11.0), pytest.approx(0.3))
    back = buffer.pose("lidar_link", "map", 2.0)
    assert lidar.compose(back).distance_to(Pose2(0.0, 0.0)) == pytest.approx(0.0, abs=1e-12)


def test_buffer_says_what_it_does_not_know() -> None:
    buffer = TransformBuffer(extrapolate_s=0.2)
    buffer.update([edge(1.0, "odom", "base_link", Pose2(0.0, 0.0))])
    assert buffer.pose("odom", "base_link", 1.15) == Pose2(0.0, 0.0, 0.0)
    with pytest.raises(TransformError, match="old"):
        buffer.pose("odom", "base_link", 2.0)
    with pytest.raises(TransformError, match="so far back"):
        buffer.pose("odom", "base_link", 0.5)
    with pytest.raises(TransformError, match="no transform from 'base_link' to 'map'"):
        buffer.pose("map", "base_link", 1.0)
    assert buffer.try_pose("map", "base_link", 1.0) is None


def test_buffer_forgets_what_is_old_and_ignores_what_is_late() -> None:
    buffer = TransformBuffer(history_s=1.0)
    for stamp in (1.0, 2.0, 3.0, 2.5):
        buffer.update([edge(stamp, "odom", "base_link", Pose2(stamp, 0.0))])
    assert buffer.pose("odom", "base_link", 2.5).x_m == pytest.approx(2.5)
    with pytest.raises(TransformError):
        buffer.pose("odom", "base_link", 1.5)
