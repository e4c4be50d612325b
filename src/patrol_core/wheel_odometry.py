"""Dead reckoning of a differential drive from how far its wheels have turned."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.robot import Wheels
from patrol_core.types.motion import Covariance3, JointStates, Odometry

WHEEL_NAMES = ("left_wheel_joint", "right_wheel_joint")


class WheelOdometry:
    """The pose since the start, with a covariance that grows as slip makes it.

    Its variance is proportional to the way of each wheel: 2 % of every metre (1 sigma),
    independent from metre to metre.
    """

    distance_error = 0.02

    def __init__(self, wheels: Wheels) -> None:
        self._wheels = wheels
        self._turned_rad = [0.0, 0.0]
        self._pose = Pose2(0.0, 0.0, 0.0)
        self._covariance = np.zeros((3, 3))
        self._rates_radps = (0.0, 0.0)
        self._velocity = (0.0, 0.0)

    def step(self, left_rad: float, right_rad: float, dt_s: float) -> None:
        """Take in how far the wheels have turned during the last `dt_s`; forward is positive."""
        self._turned_rad[0] += left_rad
        self._turned_rad[1] += right_rad
        self._rates_radps = (left_rad / dt_s, right_rad / dt_s)
        left_m = left_rad * self._wheels.left_radius_m
        right_m = right_rad * self._wheels.right_radius_m
        track = self._wheels.separation_m
        ahead, turn = (left_m + right_m) / 2.0, (right_m - left_m) / track
        heading = self._pose.yaw_rad + turn / 2.0
        cos, sin = math.cos(heading), math.sin(heading)
        self._pose = Pose2(
            self._pose.x_m + ahead * cos,
            self._pose.y_m + ahead * sin,
            wrap_angle(self._pose.yaw_rad + turn),
        )
        self._velocity = (ahead / dt_s, turn / dt_s)
        if left_m or right_m:
            self._grow(left_m, right_m, ahead, cos, sin)

    def doubt(self, position_m: float, yaw_rad: float) -> None:
        """The wheels may have turned unseen: so much (1 sigma) is no longer known."""
        self._covariance += np.diag([position_m**2, position_m**2, yaw_rad**2])

    def _grow(self, left_m: float, right_m: float, ahead: float, cos: float, sin: float) -> None:
        """Propagate the covariance (Siegwart and Nourbakhsh, Autonomous Mobile Robots, 5.2.4)."""
        track = self._wheels.separation_m
        motion = np.array([[1.0, 0.0, -ahead * sin], [0.0, 1.0, ahead * cos], [0.0, 0.0, 1.0]])
        bend = ahead / (2.0 * track)
        wheels = np.array(
            [
                [cos / 2 + bend * sin, cos / 2 - bend * sin],
                [sin / 2 - bend * cos, sin / 2 + bend * cos],
                [-1.0 / track, 1.0 / track],
            ]
        )
        variance = self.distance_error**2 * np.array([abs(left_m), abs(right_m)])
        grown = motion @ self._covariance @ motion.T
        self._covariance = grown + (wheels * variance) @ wheels.T

    def odometry(self, stamp_s: float) -> Odometry:
        return Odometry(stamp_s, self._pose, *self._velocity, _row_major(self._covariance))

    def joint_states(self, stamp_s: float) -> JointStates:
        left, right = self._turned_rad
        return JointStates(stamp_s, WHEEL_NAMES, (left, right), self._rates_radps)


def _row_major(matrix: NDArray[np.float64]) -> Covariance3:
    a, b, c, d, e, f, g, h, i = matrix.ravel().tolist()
    return (a, b, c, d, e, f, g, h, i)
