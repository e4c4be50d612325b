"""Trapezoidal moves of the `t` command ("Control", Trajectory Control; trapTraj.cpp)."""

from __future__ import annotations

import math
from dataclasses import dataclass

VEL_LIMIT_TPS = 2.0
ACCEL_LIMIT_TPS2 = 0.5
"""trap_traj.config as from the factory; deceleration has the same limit."""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Speed up to a cruising speed, keep it, slow down; units are turns and seconds."""

    start: float
    start_tps: float
    goal: float
    cruise_tps: float
    up_s: float
    cruise_s: float
    down_s: float

    @property
    def duration_s(self) -> float:
        return self.up_s + self.cruise_s + self.down_s

    def at(self, t_s: float) -> tuple[float, float]:
        """Position and speed; the goal, at rest, from the end on."""
        if t_s < self.up_s:
            rate = (self.cruise_tps - self.start_tps) / self.up_s
            return self.start + (self.start_tps + rate * t_s / 2.0) * t_s, (
                self.start_tps + rate * t_s
            )
        if t_s < self.up_s + self.cruise_s:
            up = (self.start_tps + self.cruise_tps) / 2.0 * self.up_s
            return self.start + up + self.cruise_tps * (t_s - self.up_s), self.cruise_tps
        if t_s < self.duration_s:
            left_s = self.duration_s - t_s
            speed = math.copysign(ACCEL_LIMIT_TPS2, self.cruise_tps) * left_s
            return self.goal - speed * left_s / 2.0, speed
        return self.goal, 0.0


def plan(start: float, start_tps: float, goal: float) -> Trajectory:
    """The fastest move within the limits. One that is too short to cruise turns at a lower speed.

    A goal that is no number makes a move that is nowhere.
    """
    distance = goal - start
    braking = start_tps * abs(start_tps) / (2.0 * ACCEL_LIMIT_TPS2)
    sign = math.copysign(1.0, distance - braking)
    cruise_tps = sign * VEL_LIMIT_TPS
    up_s = abs(cruise_tps - start_tps) / ACCEL_LIMIT_TPS2
    down_s = VEL_LIMIT_TPS / ACCEL_LIMIT_TPS2
    needed = (start_tps + cruise_tps) / 2.0 * up_s + cruise_tps / 2.0 * down_s
    if sign * distance < sign * needed:
        peak = sign * distance * ACCEL_LIMIT_TPS2 + start_tps**2 / 2.0
        cruise_tps = sign * math.sqrt(max(peak, 0.0))
        up_s = max(sign * (cruise_tps - start_tps), 0.0) / ACCEL_LIMIT_TPS2
        down_s = abs(cruise_tps) / ACCEL_LIMIT_TPS2
        return Trajectory(start, start_tps, goal, cruise_tps, up_s, 0.0, down_s)
    cruise_s = (distance - needed) / cruise_tps
    return Trajectory(start, start_tps, goal, cruise_tps, up_s, cruise_s, down_s)
