"""A square on odometry alone: four straight legs, and a turn on the spot after each."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.params import param
from patrol_core.types.motion import Odometry
from patrol_drivers.base.umbmark import Direction

_NEAR_M, _NEAR_RAD = 0.002, 0.004
_STANDS_MPS, _STANDS_RADPS = 0.005, 0.01
_HEADING_GAIN_HZ, _OFFSET_GAIN = 1.0, 1.0
_STEER_RADPS = 0.2


@dataclass(frozen=True, slots=True)
class SquareParams:
    """Slow, so that no wheel slips."""

    speed_mps: float = param(0.3, "Speed along a leg [m/s]", 0.05, 0.5)
    yaw_rate_radps: float = param(0.5, "Rate of a turn on the spot [rad/s]", 0.1, 1.0)
    slow_down_mps2: float = param(0.2, "Deceleration before a corner [m/s2]", 0.05, 1.0)
    yaw_slow_down_radps2: float = param(0.4, "Deceleration of a turn [rad/s2]", 0.05, 2.0)
    creep_mps: float = param(0.03, "Least speed up to the end of a leg [m/s]", 0.01, 0.1)
    creep_radps: float = param(0.05, "Least rate up to the end of a turn [rad/s]", 0.01, 0.2)
    settle_s: float = param(0.4, "Standing before each leg and turn [s]", 0.0, 5.0)


class SquareDrive:
    """Velocities from poses; the square begins at the first pose that it is given."""

    def __init__(
        self, side_m: float, direction: Direction, params: SquareParams | None = None
    ) -> None:
        self._side_m = side_m
        self._sign = direction.sign
        self._params = params or SquareParams()
        self._start: Pose2 | None = None
        self._part = 0
        self._stood_since_s: float | None = None
        self._moves = False

    @property
    def done(self) -> bool:
        """Whether the last turn is over."""
        return self._part == 8

    @property
    def part(self) -> str:
        """What is being driven, in words."""
        if self.done:
            return "the square is done"
        return f"{'turn' if self._part % 2 else 'leg'} {self._part // 2 + 1} of 4"

    def pose(self, odometry: Odometry) -> Pose2:
        """Where the odometry says that the robot is, in the frame of the start."""
        return odometry.pose.relative_to(self._start or odometry.pose)

    def step(self, odometry: Odometry) -> tuple[float, float]:
        """Forward [m/s] and yaw [rad/s] velocity at a new pose; zeros when all is done."""
        if self._start is None:
            self._start = odometry.pose
        if self.done or not (self._moves or self._settled(odometry)):
            return 0.0, 0.0
        pose = self.pose(odometry)
        linear, angular = self._turn(pose) if self._part % 2 else self._leg(pose)
        self._moves = linear != 0.0 or angular != 0.0
        if not self._moves:
            self._part += 1
            self._stood_since_s = None
        return linear, angular

    def _settled(self, odometry: Odometry) -> bool:
        """Whether it has stood long enough for the next leg or turn."""
        if (
            abs(odometry.linear_mps) > _STANDS_MPS
            or abs(odometry.angular_radps) > _STANDS_RADPS
            or self._stood_since_s is None
        ):
            self._stood_since_s = odometry.stamp_s
        return odometry.stamp_s - self._stood_since_s >= self._params.settle_s

    def _leg(self, pose: Pose2) -> tuple[float, float]:
        """Along the ideal line of this leg, held by heading and distance from it."""
        params = self._params
        ahead = pose.relative_to(self._corner(self._part // 2))
        left_m = self._side_m - ahead.x_m
        if left_m <= _NEAR_M:
            return 0.0, 0.0
        slowing_mps = math.sqrt(2.0 * params.slow_down_mps2 * left_m)
        linear = min(params.speed_mps, max(slowing_mps, params.creep_mps))
        steer = -_HEADING_GAIN_HZ * ahead.yaw_rad - _OFFSET_GAIN * ahead.y_m
        return linear, min(max(steer, -_STEER_RADPS), _STEER_RADPS)

    def _turn(self, pose: Pose2) -> tuple[float, float]:
        params = self._params
        wanted_rad = self._corner(self._part // 2 + 1).yaw_rad
        left_rad = self._sign * wrap_angle(wanted_rad - pose.yaw_rad)
        if left_rad <= _NEAR_RAD:
            return 0.0, 0.0
        slowing_radps = math.sqrt(2.0 * params.yaw_slow_down_radps2 * left_rad)
        return 0.0, self._sign * min(params.yaw_rate_radps, max(slowing_radps, params.creep_radps))

    def _corner(self, index: int) -> Pose2:
        """Where leg `index` begins, and its heading, in the frame of the start."""
        side = Pose2(self._side_m, 0.0, self._sign * math.pi / 2.0)
        corner = Pose2(0.0, 0.0)
        for _ in range(index):
            corner = corner.compose(side)
        return corner
