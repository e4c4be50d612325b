"""Motion from encoders and gyro: the way from the wheels, the turn from the gyro less its bias."""

from __future__ import annotations

import bisect
import math
from collections import deque
from dataclasses import dataclass

from patrol_core.geometry import Pose2, Transform3, wrap_angle
from patrol_core.types.motion import Odometry
from patrol_core.types.sensors import Imu
from patrol_nav.localization.params import MotionParams

HISTORY_S = 3.0
_EXTRAPOLATE_S = 0.2


@dataclass(frozen=True, slots=True)
class Reckoned:
    """base_link in a frame that drifts, and sums that only grow.

    `wheels` is the raw odometry at the same moment; `slip_m` sums the way that one wheel must have
    slipped for wheels and gyro to disagree as they did.
    """

    stamp_s: float
    pose: Pose2
    wheels: Pose2
    way_m: float
    turn_rad: float
    slip_m: float


class GyroBias:
    """Bias of the yaw gyro, learnt at standstill by a scalar Kalman filter."""

    def __init__(self, params: MotionParams) -> None:
        self._params = params
        self.value_radps = 0.0
        self.variance = params.gyro_bias_std_radps**2

    def predict(self, dt_s: float) -> None:
        self.variance += self._params.gyro_bias_walk**2 * dt_s

    def learn(self, rate_radps: float) -> None:
        """Take in a rate measured while the robot stands."""
        gain = self.variance / (self.variance + self._params.gyro_noise_radps**2)
        self.value_radps += gain * (rate_radps - self.value_radps)
        self.variance *= 1.0 - gain


class DeadReckoning:
    """Integrates odometry and gyro, and remembers the last seconds.

    `imu_mount` is imu_link in base_link, `track_m` the distance between the drive wheels.
    """

    def __init__(self, params: MotionParams, imu_mount: Transform3, track_m: float) -> None:
        self._params = params
        self._yaw_axis = imu_mount.matrix()[2, :3]
        self._track_m = track_m
        self._history: deque[Reckoned] = deque()
        self._last: Odometry | None = None
        self._rate_radps: float | None = None
        self._still_since_s: float | None = None
        self.bias = GyroBias(params)

    @property
    def newest(self) -> Reckoned | None:
        return self._history[-1] if self._history else None

    def update(self, odometry: Odometry, imu: Imu | None) -> None:
        """Take in an odometry sample newer than the last, and the newest IMU sample beside it."""
        last, before = self._last, self.newest
        if last is not None and odometry.stamp_s <= last.stamp_s:
            return
        rate = self._gyro_rate(odometry, imu)
        if last is None or before is None:
            first = Reckoned(odometry.stamp_s, odometry.pose, odometry.pose, 0.0, 0.0, 0.0)
            self._history.append(first)
        else:
            self._history.append(self._advance(before, last, odometry, rate))
        while self._history[0].stamp_s < odometry.stamp_s - HISTORY_S:
            self._history.popleft()
        self._last, self._rate_radps = odometry, rate

    def at(self, stamp_s: float) -> Reckoned | None:
        """The state at a time within the history or shortly after it, else None."""
        if not self._history or stamp_s < self._history[0].stamp_s:
            return None
        index = bisect.bisect_left(self._history, stamp_s, key=lambda entry: entry.stamp_s)
        if index == len(self._history):
            if stamp_s - self._history[-1].stamp_s > _EXTRAPOLATE_S:
                return None
            index -= 1
        if index == 0:
            return self._history[0]
        return _between(self._history[index - 1], self._history[index], stamp_s)

    def _gyro_rate(self, odometry: Odometry, imu: Imu | None) -> float | None:
        """Unbiased yaw rate of base_link, or None without a recent IMU sample."""
        if imu is None or odometry.stamp_s - imu.stamp_s > self._params.imu_max_age_s:
            return None
        raw = float(self._yaw_axis @ imu.angular_velocity_radps)
        if not math.isfinite(raw):
            return None
        if self._stands(odometry):
            self.bias.learn(raw)
        return raw - self.bias.value_radps

    def _stands(self, odometry: Odometry) -> bool:
        params = self._params
        still = (
            abs(odometry.linear_mps) < params.still_speed_mps
            and abs(odometry.angular_radps) < params.still_yaw_rate_radps
        )
        if not still:
            self._still_since_s = None
        elif self._still_since_s is None:
            self._still_since_s = odometry.stamp_s
        since = self._still_since_s
        return since is not None and odometry.stamp_s - since >= params.still_after_s

    def _advance(
        self, before: Reckoned, last: Odometry, odometry: Odometry, rate: float | None
    ) -> Reckoned:
        dt_s = odometry.stamp_s - last.stamp_s
        self.bias.predict(dt_s)
        step = odometry.pose.relative_to(last.pose)
        turn = step.yaw_rad
        if rate is not None:
            earlier = rate if self._rate_radps is None else self._rate_radps
            turn = 0.5 * (earlier + rate) * dt_s
        way = math.copysign(math.hypot(step.x_m, step.y_m), step.x_m)
        chord = Pose2(way * math.cos(turn / 2.0), way * math.sin(turn / 2.0), wrap_angle(turn))
        slip = abs(wrap_angle(turn - step.yaw_rad)) * self._track_m
        return Reckoned(
            odometry.stamp_s,
            before.pose.compose(chord),
            odometry.pose,
            before.way_m + abs(way),
            before.turn_rad + abs(turn),
            before.slip_m + slip,
        )


def _between(first: Reckoned, second: Reckoned, stamp_s: float) -> Reckoned:
    fraction = (stamp_s - first.stamp_s) / (second.stamp_s - first.stamp_s)

    def mix(low: float, high: float) -> float:
        return low + (high - low) * fraction

    return Reckoned(
        stamp_s,
        _mix_poses(first.pose, second.pose, fraction),
        _mix_poses(first.wheels, second.wheels, fraction),
        mix(first.way_m, second.way_m),
        mix(first.turn_rad, second.turn_rad),
        mix(first.slip_m, second.slip_m),
    )


def _mix_poses(first: Pose2, second: Pose2, fraction: float) -> Pose2:
    return Pose2(
        first.x_m + (second.x_m - first.x_m) * fraction,
        first.y_m + (second.y_m - first.y_m) * fraction,
        wrap_angle(first.yaw_rad + wrap_angle(second.yaw_rad - first.yaw_rad) * fraction),
    )
