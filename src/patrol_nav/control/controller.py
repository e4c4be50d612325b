"""What every local controller takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import RobotModel
from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.footprint import Footprint, footprint_of
from patrol_nav.params import FootprintParams, MotionParams


@dataclass(frozen=True, slots=True, eq=False)
class ControlRequest:
    """Where the robot is, how it moves, what it should follow and what is around. All in `map`.

    `path` (N, 5), N at least 2: x, y, yaw, distance along it from 0, and the speed allowed there;
    it begins near the robot. `people` (M, 5): x, y, vx, vy, radius.
    """

    dt_s: float
    pose: Pose2
    linear_mps: float
    angular_radps: float
    path: FloatArray
    field: DistanceField
    people: FloatArray

    def state(self) -> FloatArray:
        """x, y, yaw, v, w."""
        pose = self.pose
        return np.array([pose.x_m, pose.y_m, pose.yaw_rad, self.linear_mps, self.angular_radps])


@dataclass(frozen=True, slots=True, eq=False)
class ControlOutput:
    """Wanted velocity; `trajectory` (T, 3) is what the controller intends, in `map`.

    `blocked_by` says in words what keeps it from making headway; empty where nothing does.
    """

    linear_mps: float
    angular_radps: float
    trajectory: FloatArray
    blocked_by: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Some of the drives that were weighed at the last step: points (K, T, 2) in `map` with their
    costs (K,), the best first. K is 0 for a controller that weighs none."""

    points_m: FloatArray
    costs: FloatArray


class Controller(Protocol):
    """Follows a path for a tick at a time."""

    def step(self, request: ControlRequest) -> ControlOutput:
        """The command for now."""
        ...

    def weighed(self, most: int) -> Weighed:
        """`most` of them at most, for a viewer."""
        ...

    def reset(self) -> None:
        """Forget the past: another path, or the robot was moved."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """The robot as the controllers' kernels want it.

    `limits`: see patrol_nav.control.kernels. `half_length_m` is that of the body's axis.
    """

    footprint: Footprint
    half_length_m: float
    half_width_m: float
    center_m: float
    max_speed_mps: float
    motion: MotionParams

    def limits(self, lookahead_s: float, turn_in_place_rad: float) -> FloatArray:
        """The array of limits of the kernels."""
        m = self.motion
        return np.array(
            [
                m.acceleration_mps2,
                m.deceleration_mps2,
                m.yaw_acceleration_radps2,
                m.yaw_rate_radps,
                m.reverse_mps,
                m.lateral_mps2,
                lookahead_s,
                turn_in_place_rad,
            ]
        )


def body_of(
    robot: RobotModel, motion: MotionParams, footprint: FootprintParams | None = None
) -> Body:
    """The robot's body with limits that neither robot nor parameters exceed."""
    drive = robot.drive
    bounded = MotionParams(
        min(motion.acceleration_mps2, drive.max_acceleration_mps2),
        min(motion.deceleration_mps2, drive.max_deceleration_mps2),
        min(motion.yaw_acceleration_radps2, drive.max_yaw_acceleration_radps2),
        min(motion.yaw_rate_radps, drive.max_yaw_rate_radps),
        min(motion.reverse_mps, drive.max_reverse_mps),
        motion.lateral_mps2,
        motion.room_s,
        motion.tight_mps,
        motion.approach_m,
        motion.goal_m,
        motion.goal_yaw_rad,
    )
    half_width = robot.body.width_m / 2.0
    return Body(
        footprint_of(robot.body, footprint),
        robot.body.length_m / 2.0,
        half_width,
        robot.body.center_x_m,
        drive.max_speed_mps,
        bounded,
    )
