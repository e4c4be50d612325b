"""Where the robot goes if it follows a command a little longer and then brakes to rest.

This is the stopping distance of ISO 13855 and of the dynamic window approach (Fox, Burgard, Thrun
1997), v T + v^2 / (2 a), as a motion in the plane instead of a length: translation and rotation
brake at their own rates, so that the path straightens or tightens while braking.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray, Pose2

POSES = 25
RESTS = 5


@dataclass(frozen=True, slots=True)
class Velocity:
    """Forward [m/s] and counter-clockwise [rad/s]."""

    linear_mps: float
    angular_radps: float

    def scaled(self, factor: float) -> Velocity:
        return Velocity(self.linear_mps * factor, self.angular_radps * factor)

    def is_zero(self) -> bool:
        return self.linear_mps == 0.0 and self.angular_radps == 0.0


STILL = Velocity(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Phase:
    """The base ramps towards `target` for `duration_s`."""

    target: Velocity
    duration_s: float


@dataclass(frozen=True, slots=True)
class Ramps:
    """Rates at which the base changes its velocity, as far as they can be counted on."""

    speed_up_mps2: float
    slow_down_mps2: float
    yaw_up_radps2: float
    yaw_down_radps2: float


@dataclass(frozen=True, slots=True, eq=False)
class Manoeuvre:
    """`POSES` poses of base_link, in base_link at the start; at the last it is at rest."""

    times_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    yaw_rad: FloatArray
    speed_mps: FloatArray

    @property
    def duration_s(self) -> float:
        return float(self.times_s[-1])

    def reach_m(self) -> float:
        """Largest distance of base_link from where it started."""
        return math.sqrt(float(np.max(self.x_m * self.x_m + self.y_m * self.y_m)))

    def resting(self, duration_s: float) -> Manoeuvre:
        """The same with `RESTS` more poses, of standing at the end."""
        rest = np.arange(1, RESTS + 1) * (duration_s / RESTS)
        return Manoeuvre(
            np.concatenate((self.times_s, self.times_s[-1] + rest)),
            np.append(self.x_m, np.full(RESTS, self.x_m[-1])),
            np.append(self.y_m, np.full(RESTS, self.y_m[-1])),
            np.append(self.yaw_rad, np.full(RESTS, self.yaw_rad[-1])),
            np.append(self.speed_mps, np.zeros(RESTS)),
        )

    def pose(self, index: int) -> Pose2:
        return Pose2(float(self.x_m[index]), float(self.y_m[index]), float(self.yaw_rad[index]))


def stopping_manoeuvre(start: Velocity, phases: tuple[Phase, ...], ramps: Ramps) -> Manoeuvre:
    """From `start` through the phases, then braking to rest."""
    linear = _profile(
        start.linear_mps,
        [(phase.target.linear_mps, phase.duration_s) for phase in phases],
        ramps.speed_up_mps2,
        ramps.slow_down_mps2,
    )
    angular = _profile(
        start.angular_radps,
        [(phase.target.angular_radps, phase.duration_s) for phase in phases],
        ramps.yaw_up_radps2,
        ramps.yaw_down_radps2,
    )
    duration_s = max(linear[0][-1], angular[0][-1])
    dt_s = duration_s / (POSES - 1)
    times: FloatArray = np.arange(POSES, dtype=np.float64) * dt_s
    speed: FloatArray = np.interp(times, *linear)
    turn: FloatArray = np.interp(times, *angular)
    yaw = np.zeros(POSES)
    np.cumsum((turn[1:] + turn[:-1]) * (0.5 * dt_s), out=yaw[1:])
    middle_yaw = 0.5 * (yaw[1:] + yaw[:-1])
    step = (speed[1:] + speed[:-1]) * (0.5 * dt_s)
    x, y = np.zeros(POSES), np.zeros(POSES)
    np.cumsum(step * np.cos(middle_yaw), out=x[1:])
    np.cumsum(step * np.sin(middle_yaw), out=y[1:])
    return Manoeuvre(times, x, y, yaw, np.abs(speed))


def _profile(
    value: float, targets: list[tuple[float, float]], speed_up: float, slow_down: float
) -> tuple[list[float], list[float]]:
    """Knots (times, values) of a velocity that ramps from target to target and ends at zero."""
    times, values = [0.0], [value]
    time = 0.0
    for target, duration_s in targets:
        end = time + duration_s
        while value != target and time < end:
            goal = 0.0 if value * target < 0.0 else target
            rate = speed_up if abs(goal) > abs(value) else slow_down
            needed_s = abs(goal - value) / rate
            if time + needed_s > end:
                value += math.copysign(rate * (end - time), goal - value)
                time = end
            else:
                value, time = goal, time + needed_s
            times.append(time)
            values.append(value)
        time = end
        times.append(time)
        values.append(value)
    if value != 0.0:
        times.append(time + abs(value) / slow_down)
        values.append(0.0)
    return times, values
