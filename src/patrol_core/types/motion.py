"""Commands, odometry, poses and paths."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.geometry import FloatArray, Pose2, Transform3

Covariance3 = tuple[float, float, float, float, float, float, float, float, float]
"""Row-major 3x3 covariance of (x [m], y [m], yaw [rad])."""

ZERO_COVARIANCE: Covariance3 = (0.0,) * 9


@dataclass(frozen=True, slots=True)
class VelocityCommand:
    """Wanted velocity of `base_link`: forward [m/s] and counter-clockwise [rad/s].

    `stamp_s` is the time at which the command was decided; it is kept on the way to the motors.
    """

    stamp_s: float
    linear_mps: float
    angular_radps: float

    def is_finite(self) -> bool:
        return all(map(math.isfinite, (self.stamp_s, self.linear_mps, self.angular_radps)))

    def is_zero(self) -> bool:
        return self.linear_mps == 0.0 and self.angular_radps == 0.0


@dataclass(frozen=True, slots=True)
class Odometry:
    """Dead reckoning: pose of `base_link` in `odom`, velocity in `base_link`."""

    stamp_s: float
    pose: Pose2
    linear_mps: float
    angular_radps: float
    covariance: Covariance3 = ZERO_COVARIANCE


@dataclass(frozen=True, slots=True)
class PoseEstimate:
    """Pose of `base_link` in `map` with its covariance."""

    stamp_s: float
    pose: Pose2
    covariance: Covariance3 = ZERO_COVARIANCE


@dataclass(frozen=True, slots=True)
class JointStates:
    """Wheel angles [rad] and rates [rad/s], in the order of `names`."""

    stamp_s: float
    names: tuple[str, ...]
    positions_rad: tuple[float, ...]
    velocities_radps: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Poses to follow in `map`: array (N, 3) of x [m], y [m], yaw [rad]."""

    stamp_s: float
    poses: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Particles:
    """Where base_link may be in `map`: array (N, 3) of x [m], y [m], yaw [rad]."""

    stamp_s: float
    poses: FloatArray


@dataclass(frozen=True, slots=True)
class StampedTransform:
    """`child` in `parent`, valid at `stamp_s`."""

    stamp_s: float
    parent: str
    child: str
    transform: Transform3


@dataclass(frozen=True, slots=True)
class Transforms:
    """One message of `tf` or `tf_static`."""

    transforms: tuple[StampedTransform, ...]


@dataclass(frozen=True, slots=True)
class RobotDescription:
    """The robot's links and joints as URDF text."""

    urdf: str
