"""Slip, encoders and the odometry that the base computes from them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.robot import Wheels
from patrol_core.types.motion import Covariance3, JointStates, Odometry
from patrol_sim.params import WheelParams

WHEEL_NAMES = ("left_wheel_joint", "right_wheel_joint")


class WheelSlip:
    """How much further each wheel turns than it rolls, as a fraction, left and right.

    A constant part (wheel radius), a slow random part (Ornstein-Uhlenbeck) and rare events.
    """

    def __init__(self, params: WheelParams, rng: np.random.Generator) -> None:
        self._params = params
        self._rng = rng
        self._constant = params.radius_error_std * rng.standard_normal(2)
        self._random = params.slip_std * rng.standard_normal(2)
        self._event_left_s = 0.0
        self._event_wheel = 0
        self.forced = (0.0, 0.0)

    def step(self, dt_s: float, moving: bool) -> tuple[float, float]:
        """The slip of both wheels for the next `dt_s`."""
        params, rng = self._params, self._rng
        keep = math.exp(-dt_s / params.slip_correlation_s)
        fresh = params.slip_std * math.sqrt(1.0 - keep * keep)
        self._random = keep * self._random + fresh * rng.standard_normal(2)
        starts = rng.random() < params.event_rate_hz * dt_s
        wheel = int(rng.integers(2))
        if starts and moving and self._event_left_s <= 0.0:
            self._event_left_s, self._event_wheel = params.event_duration_s, wheel
        slip = self._constant + self._random + np.array(self.forced)
        if self._event_left_s > 0.0:
            self._event_left_s -= dt_s
            slip[self._event_wheel] += params.event_slip
        left, right = np.maximum(slip, -0.5).tolist()
        return left, right


class WheelOdometry:
    """Encoders and dead reckoning with the nominal geometry.

    The covariance grows with 2 % of the distance (1 sigma) per wheel, as slip makes it.
    """

    distance_error = 0.02

    def __init__(self, wheels: Wheels) -> None:
        self._wheels = wheels
        self._turned_rad = [0.0, 0.0]
        self._ticks = [0, 0]
        self._pose = Pose2(0.0, 0.0, 0.0)
        self._covariance = np.zeros((3, 3))
        self._rates_radps = (0.0, 0.0)
        self._velocity = (0.0, 0.0)

    def step(self, turned_rad: tuple[float, float], dt_s: float) -> None:
        """Take in how far the motors turned, left and right, during the last `dt_s`."""
        per_tick = 2.0 * math.pi / self._wheels.encoder_ticks_per_rev
        moved = [0.0, 0.0]
        for side in (0, 1):
            self._turned_rad[side] += turned_rad[side]
            ticks = math.floor(self._turned_rad[side] / per_tick)
            moved[side] = (ticks - self._ticks[side]) * per_tick
            self._ticks[side] = ticks
        left, right = (angle * self._wheels.radius_m for angle in moved)
        self._rates_radps = (moved[0] / dt_s, moved[1] / dt_s)
        self._integrate(left, right, dt_s)

    def _integrate(self, left_m: float, right_m: float, dt_s: float) -> None:
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

    def _grow(self, left_m: float, right_m: float, ahead: float, cos: float, sin: float) -> None:
        """Propagate the covariance (Siegwart and Nourbakhsh, Autonomous Mobile Robots, 5.2.4).

        The variance is proportional to the distance: 2 % of every metre, independent per metre.
        """
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
