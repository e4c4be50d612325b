"""Pedestrians: they walk their waypoints to and fro, pause, give way - or do not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from patrol_core.geometry import Pose2
from patrol_sim.scenario import Pedestrian

_LOOK_AHEAD_M = 1.8
_HALF_LANE_M = 0.75
_PATIENCE_S = 4.0
_SHOCK_S = 1.0
_LEAVING_S = 2.0
_FURNITURE_AFTER_S = 0.5
_FURNITURE_AHEAD_M = 1.1
_STRIDE_M = 1.4
_LEG_SWING_M = 0.22
_STARTING_S = 0.54
"""Who starts to walk reaches his pace exponentially with this time constant, as measured by
Moussaid et al. (2009), Proc. R. Soc. B 276:2755; outside laboratories people take longer."""
_BEHIND_M = 3.5
"""Who follows a robot keeps so far from it: nearer by, the gate holds it."""


@dataclass(frozen=True, slots=True)
class Legs:
    """How far the left and the right foot are ahead of the hips [m]."""

    left_m: float
    right_m: float


@dataclass(frozen=True, slots=True)
class SeenRobot:
    """A robot's pose, and for how long it has stood still."""

    pose: Pose2
    stood_s: float = 0.0


class Walker:
    """One pedestrian as a point on a polyline.

    One who gives way stands still while a robot is in the lane ahead, and turns round when that
    lasts. One who does not give way walks on whatever the robot does; only one that has stood for
    half a second is a thing like others, before which everybody turns round.
    """

    def __init__(self, person: Pedestrian) -> None:
        self.name = person.name
        self.gives_way = person.gives_way
        self._points = person.waypoints_m
        self._speed_mps = person.speed_mps
        self._pause_s = person.pause_s
        self._start_s = person.start_s
        self._falls_s = math.inf if person.falls_s is None else person.falls_s
        self._follows_s = person.follows_s
        self._loose: Pose2 | None = None
        self._segment = 0
        self._along_m = 0.0
        self._forward = True
        self._rest_s = 0.0
        self._waited_s = 0.0
        self._leaving_s = 0.0
        self._phase = 0.0
        self.speed_mps = 0.0
        self.started = False
        self.lies = False

    @property
    def pose(self) -> Pose2:
        """Where the person stands, facing the way of walking."""
        if self._loose is not None:
            return self._loose
        start, end = self._points[self._segment], self._points[self._segment + 1]
        heading = math.atan2(end[1] - start[1], end[0] - start[0])
        share = self._along_m / self._length_m()
        x = start[0] + share * (end[0] - start[0])
        y = start[1] + share * (end[1] - start[1])
        return Pose2(
            x, y, heading if self._forward else math.remainder(heading + math.pi, math.tau)
        )

    @property
    def legs(self) -> Legs:
        swing = 0.0 if self.speed_mps == 0.0 else _LEG_SWING_M * math.sin(self._phase)
        return Legs(swing, -swing)

    def touched(self) -> None:
        """A robot was met: stand, then go back, and on back while still touching it."""
        if self._leaving_s <= 0.0:
            self._rest_s = _SHOCK_S
            self._leaving_s = _SHOCK_S + _LEAVING_S
            self._turn_round()

    def step(self, now_s: float, dt_s: float, robots: Sequence[SeenRobot]) -> None:
        """Walk for `dt_s`, seeing the robots where they stand now."""
        pace_mps = self.speed_mps
        pace_mps -= math.expm1(-dt_s / _STARTING_S) * (self._speed_mps - pace_mps)
        self.speed_mps = 0.0
        self.started = now_s >= self._start_s
        self.lies = self.started and now_s >= self._falls_s
        if not self.started or self.lies:
            return
        if self._follows_s:
            self._follow(now_s, dt_s, robots, pace_mps)
            return
        self._leaving_s = max(self._leaving_s - dt_s, 0.0)
        if self._rest_s > 0.0:
            self._rest_s -= dt_s
            return
        if not self.gives_way and self._before_furniture(robots):
            self.touched()
            return
        if self.gives_way and self._in_the_way(robots):
            self._waited_s += dt_s
            if self._waited_s > _PATIENCE_S:
                self._waited_s = 0.0
                self._turn_round()
            return
        self._waited_s = 0.0
        self._stride(pace_mps, dt_s)
        self._walk(pace_mps * dt_s)

    def _follow(
        self, now_s: float, dt_s: float, robots: Sequence[SeenRobot], pace_mps: float
    ) -> None:
        """Walk after the nearest robot, stand, or leave."""
        own = self._loose = self.pose
        if now_s >= self._follows_s[-1][1]:
            goal, short_m = Pose2(*self._points[-1]), 0.0
        elif robots and any(start <= now_s < end for start, end in self._follows_s):
            goal = min((robot.pose for robot in robots), key=own.distance_to)
            short_m = _BEHIND_M
        else:
            return
        way_m = min(pace_mps * dt_s, own.distance_to(goal) - short_m)
        if way_m <= 0.0:
            return
        heading = math.atan2(goal.y_m - own.y_m, goal.x_m - own.x_m)
        self._loose = Pose2(own.x_m, own.y_m, heading).compose(Pose2(way_m, 0.0))
        self._stride(way_m / dt_s, dt_s)

    def _stride(self, speed_mps: float, dt_s: float) -> None:
        self.speed_mps = speed_mps
        self._phase += speed_mps * dt_s * 2.0 * math.pi / _STRIDE_M

    def _in_the_way(self, robots: Iterable[SeenRobot], reach_m: float = _LOOK_AHEAD_M) -> bool:
        own = self.pose
        for robot in robots:
            seen = robot.pose.relative_to(own)
            if 0.0 < seen.x_m < reach_m and abs(seen.y_m) < _HALF_LANE_M:
                return True
        return False

    def _before_furniture(self, robots: Sequence[SeenRobot]) -> bool:
        standing = [robot for robot in robots if robot.stood_s >= _FURNITURE_AFTER_S]
        return self._in_the_way(standing, _FURNITURE_AHEAD_M)

    def _turn_round(self) -> None:
        self._forward = not self._forward
        self.speed_mps = 0.0

    def _length_m(self) -> float:
        start, end = self._points[self._segment], self._points[self._segment + 1]
        return math.dist(start, end)

    def _walk(self, distance_m: float) -> None:
        along = self._along_m + (distance_m if self._forward else -distance_m)
        length = self._length_m()
        if 0.0 <= along <= length:
            self._along_m = along
            return
        self._rest_s = self._pause_s
        following = self._segment + (1 if self._forward else -1)
        if not 0 <= following < len(self._points) - 1:
            self._along_m = length if self._forward else 0.0
            self._turn_round()
            return
        self._segment = following
        self._along_m = 0.0 if self._forward else self._length_m()
