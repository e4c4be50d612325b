"""SE(2) and SE(3) in SI units. Angles in radians, counter-clockwise positive (REP-103)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from transforms3d import affines, euler, quaternions

FloatArray = npt.NDArray[np.float64]
Points = tuple[tuple[float, float], ...]
Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""x, y, z, w."""
_NO_LENGTH = 1e-12


def wrap_angle(angle_rad: float) -> float:
    """The same angle in (-pi, pi]."""
    wrapped = math.remainder(angle_rad, math.tau)
    return math.pi if wrapped == -math.pi else wrapped


@dataclass(frozen=True, slots=True)
class Pose2:
    """A planar pose: position [m] and heading [rad] of a child frame in its parent frame."""

    x_m: float
    y_m: float
    yaw_rad: float = 0.0

    def compose(self, other: Pose2) -> Pose2:
        """`other`, given in this pose's frame, expressed in this pose's parent frame."""
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        return Pose2(
            self.x_m + cos * other.x_m - sin * other.y_m,
            self.y_m + sin * other.x_m + cos * other.y_m,
            wrap_angle(self.yaw_rad + other.yaw_rad),
        )

    def inverse(self) -> Pose2:
        """The pose of the parent frame in this frame."""
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        return Pose2(
            -cos * self.x_m - sin * self.y_m,
            sin * self.x_m - cos * self.y_m,
            wrap_angle(-self.yaw_rad),
        )

    def relative_to(self, reference: Pose2) -> Pose2:
        """This pose in the frame of `reference`, both given in the same parent frame."""
        return reference.inverse().compose(self)

    def distance_to(self, other: Pose2) -> float:
        """Distance between the two positions [m]."""
        return math.hypot(other.x_m - self.x_m, other.y_m - self.y_m)

    def transform_points(self, points_m: npt.ArrayLike) -> FloatArray:
        """Points (N, 2) in this pose's frame, expressed in the parent frame, shape (N, 2)."""
        points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        rotation = np.array([[cos, sin], [-sin, cos]])
        return np.asarray(points @ rotation + np.array([self.x_m, self.y_m]))

    def is_finite(self) -> bool:
        """Whether no component is NaN or infinite."""
        return all(map(math.isfinite, (self.x_m, self.y_m, self.yaw_rad)))


@dataclass(frozen=True, slots=True)
class Transform3:
    """A rigid transform of a child in its parent: translation [m] and unit quaternion."""

    translation_m: Vector
    rotation_xyzw: Quaternion = (0.0, 0.0, 0.0, 1.0)

    @classmethod
    def from_pose2(cls, pose: Pose2, z_m: float = 0.0) -> Transform3:
        """A planar pose lifted to height `z_m`."""
        half = pose.yaw_rad / 2.0
        return cls((pose.x_m, pose.y_m, z_m), (0.0, 0.0, math.sin(half), math.cos(half)))

    @classmethod
    def from_rpy(cls, xyz_m: Vector, rpy_rad: Vector) -> Transform3:
        """From a translation and fixed-axis roll, pitch, yaw (URDF's convention)."""
        w, x, y, z = euler.euler2quat(*rpy_rad, axes="sxyz")
        return cls(xyz_m, (float(x), float(y), float(z), float(w)))

    @classmethod
    def from_matrix(cls, matrix: FloatArray) -> Transform3:
        """From a homogeneous 4x4 matrix whose upper left 3x3 is a rotation."""
        w, x, y, z = quaternions.mat2quat(matrix[:3, :3])
        tx, ty, tz = matrix[:3, 3]
        return cls((float(tx), float(ty), float(tz)), (float(x), float(y), float(z), float(w)))

    def matrix(self) -> FloatArray:
        """The homogeneous 4x4 matrix."""
        x, y, z, w = self.rotation_xyzw
        rotation = quaternions.quat2mat((w, x, y, z))
        return np.asarray(affines.compose(self.translation_m, rotation, np.ones(3)))

    def pose2(self) -> Pose2:
        """The planar part: x, y and the heading of the child's x axis."""
        return Pose2(self.translation_m[0], self.translation_m[1], self.yaw_rad())

    def yaw_rad(self) -> float:
        """Heading of the child's x axis in the parent's xy plane."""
        x, y, z, w = self.rotation_xyzw
        return math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))

    def compose(self, other: Transform3) -> Transform3:
        """`other`, given in this transform's child frame, expressed in its parent frame."""
        rotation = _unit(self.rotation_xyzw)
        x, y, z = _rotate(rotation, other.translation_m)
        tx, ty, tz = self.translation_m
        turned = _unit(_multiply(rotation, other.rotation_xyzw))
        return Transform3((tx + x, ty + y, tz + z), turned)

    def inverse(self) -> Transform3:
        """The parent frame in the child frame."""
        x, y, z, w = _unit(self.rotation_xyzw)
        back = (-x, -y, -z, w)
        tx, ty, tz = _rotate(back, self.translation_m)
        return Transform3((-tx, -ty, -tz), back)

    def interpolate(self, other: Transform3, fraction: float) -> Transform3:
        """Linear in translation, spherical in rotation; `fraction` 0 is self, 1 is other."""
        start, end = np.asarray(self.translation_m), np.asarray(other.translation_m)
        tx, ty, tz = (start + (end - start) * fraction).tolist()
        qx, qy, qz, qw = _slerp(self.rotation_xyzw, other.rotation_xyzw, fraction)
        return Transform3((tx, ty, tz), (qx, qy, qz, qw))


def _multiply(first: Quaternion, second: Quaternion) -> Quaternion:
    """Hamilton's product."""
    ax, ay, az, aw = first
    bx, by, bz, bw = second
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def _unit(rotation: Quaternion) -> Quaternion:
    """The same, of length 1; of none, no rotation."""
    x, y, z, w = rotation
    length = math.sqrt(x * x + y * y + z * z + w * w)
    if length < _NO_LENGTH:
        return (0.0, 0.0, 0.0, 1.0)
    return (x / length, y / length, z / length, w / length)


def _rotate(rotation: Quaternion, vector: Vector) -> Vector:
    """v + 2 w (q x v) + 2 q x (q x v), for a unit quaternion."""
    x, y, z, w = rotation
    vx, vy, vz = vector
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return (
        vx + w * tx + y * tz - z * ty,
        vy + w * ty + z * tx - x * tz,
        vz + w * tz + x * ty - y * tx,
    )


def _slerp(first_xyzw: Quaternion, second_xyzw: Quaternion, fraction: float) -> Quaternion:
    first, second = np.asarray(first_xyzw), np.asarray(second_xyzw)
    dot = float(first @ second)
    if dot < 0.0:
        second, dot = -second, -dot
    angle = math.acos(min(dot, 1.0))
    if angle < 1e-6:
        mixed = first + (second - first) * fraction
    else:
        mixed = math.sin((1.0 - fraction) * angle) * first + math.sin(fraction * angle) * second
    x, y, z, w = (mixed / np.linalg.norm(mixed)).tolist()
    return (x, y, z, w)


def points_in_polygon(points_m: npt.ArrayLike, polygon_m: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Even-odd test of points (N, 2) against one simple polygon (M, 2), shape (N,).

    Crossing-number algorithm, Shimrat 1962 with Hacker's correction.
    """
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 2)
    polygon = np.asarray(polygon_m, dtype=np.float64).reshape(-1, 2)
    x, y = points[:, 0, None], points[:, 1, None]
    x1, y1 = polygon[:, 0], polygon[:, 1]
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    straddles = (y1 > y) != (y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing_x = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return np.asarray((np.count_nonzero(straddles & (x < crossing_x), axis=1) % 2) == 1)


def distance_to_polyline_m(points_m: npt.ArrayLike, polyline_m: npt.ArrayLike) -> FloatArray:
    """Distance of points (N, 2) to the nearest segment of a polyline (M, 2), shape (N,)."""
    points = np.asarray(points_m, dtype=np.float64).reshape(-1, 1, 2)
    line = np.asarray(polyline_m, dtype=np.float64).reshape(-1, 2)
    start, step = line[:-1], np.diff(line, axis=0)
    length2 = np.maximum(np.einsum("ij,ij->i", step, step), 1e-18)
    along = np.clip(np.einsum("nij,ij->ni", points - start, step) / length2, 0.0, 1.0)
    nearest = start + along[..., None] * step
    return np.asarray(np.min(np.linalg.norm(points - nearest, axis=2), axis=1))
