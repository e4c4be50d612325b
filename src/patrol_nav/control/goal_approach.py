"""The last half metre: onto the goal, then to its heading. Also goals that begin that near."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np

from patrol_core.geometry import Pose2, wrap_angle
from patrol_nav.control.controller import Body, ControlOutput
from patrol_nav.control.kernels import approach_speed, integrate
from patrol_nav.costmap.field import DistanceField

STEP_S = 0.1
LOOK_STEPS = 8
ROOM_M = 0.03
"""Room kept while approaching: goals may lie close to things."""


class Phase(Enum):
    DRIVING = "driving"
    TURNING = "turning"
    REACHED = "reached"


class GoalApproach:
    """Drives straight at the goal, forwards or backwards, then turns on the spot.

    Once turning it does not drive again: a robot at its goal stays there. Where something is in
    the way of the shorter turn it tries the longer one.
    """

    def __init__(self, body: Body) -> None:
        self._body = body
        self.phase = Phase.DRIVING
        self._backwards: bool | None = None
        self._long_way: float | None = None

    def reset(self) -> None:
        """Another goal."""
        self.phase = Phase.DRIVING
        self._backwards = self._long_way = None

    def step(
        self,
        pose: Pose2,
        goal: Pose2,
        velocity: tuple[float, float],
        speed_mps: float,
        field: DistanceField,
        dt_s: float,
    ) -> ControlOutput:
        """The command for now; zero at the goal. `velocity`: forward and turn rate."""
        motion = self._body.motion
        if self.phase is Phase.DRIVING and pose.distance_to(goal) <= 0.6 * motion.goal_m:
            self.phase = Phase.TURNING
        linear, angular = self._driving(pose, goal, speed_mps)
        if self.phase is not Phase.DRIVING:
            linear, angular = 0.0, self._turning(wrap_angle(goal.yaw_rad - pose.yaw_rad))
        linear = approach_speed(
            velocity[0], linear, motion.acceleration_mps2, motion.deceleration_mps2, 2.0 * dt_s
        )
        yaw_acceleration = motion.yaw_acceleration_radps2
        angular = approach_speed(
            velocity[1], angular, yaw_acceleration, yaw_acceleration, 2.0 * dt_s
        )
        if self.phase is Phase.REACHED:
            linear = angular = 0.0
        return self._checked(pose, linear, angular, field)

    def _driving(self, pose: Pose2, goal: Pose2, speed_mps: float) -> tuple[float, float]:
        motion = self._body.motion
        target = goal.relative_to(pose)
        distance = math.hypot(target.x_m, target.y_m)
        bearing = math.atan2(target.y_m, target.x_m)
        if self._backwards is None:
            self._backwards = abs(bearing) > 2.0 and abs(target.yaw_rad) < 1.2
        error = wrap_angle(bearing + math.pi) if self._backwards else bearing
        if distance < 2.0 * motion.goal_m and abs(target.x_m) <= 0.3 * motion.goal_m:
            self.phase = Phase.TURNING
            return 0.0, 0.0
        angular = max(-motion.yaw_rate_radps, min(2.5 * error, motion.yaw_rate_radps))
        if abs(error) > 0.35:
            return 0.0, angular
        braking = math.sqrt(2.0 * 0.5 * motion.deceleration_mps2 * distance)
        top = motion.reverse_mps if self._backwards else speed_mps
        linear = min(top, braking, max(2.2 * distance, 0.06)) * math.cos(error)
        return (-linear if self._backwards else linear), angular * min(1.0, distance / 0.15)

    def _turning(self, error_rad: float) -> float:
        motion = self._body.motion
        if abs(error_rad) <= 0.6 * motion.goal_yaw_rad:
            self.phase = Phase.REACHED
            return 0.0
        if self._long_way is not None and self._long_way * error_rad < 0.0:
            return self._long_way * motion.yaw_rate_radps
        wanted = math.copysign(max(abs(2.5 * error_rad), 0.12), error_rad)
        return max(-motion.yaw_rate_radps, min(wanted, motion.yaw_rate_radps))

    def _checked(
        self, pose: Pose2, linear: float, angular: float, field: DistanceField
    ) -> ControlOutput:
        """Stop before obstacles on the way of the next steps."""
        controls = np.tile([linear, angular], (LOOK_STEPS, 1))
        start = np.array([pose.x_m, pose.y_m, pose.yaw_rad])
        ahead = np.empty((LOOK_STEPS, 3))
        integrate(controls, start, STEP_S, ahead)
        room = field.clearances(self._body.footprint, np.vstack((start, ahead)))
        if room[1:].min() < min(ROOM_M, room[0] - 0.01) and (linear, angular) != (0.0, 0.0):
            if self.phase is Phase.TURNING and self._long_way is None:
                self._long_way = -math.copysign(1.0, angular)
            return ControlOutput(0.0, 0.0, ahead[:1], "something stands at the goal")
        return ControlOutput(linear, angular, ahead)
