"""Driving back a little: out of a tight place, or to give way to somebody.

Straight back, or, for a robot that does not see behind, along the way that it came.
"""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import Pose2, wrap_angle
from patrol_nav.control.controller import ControlOutput
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.navigator.world import World

SPEED_MPS = 0.25
ROOM_M, TIGHTER_M = 0.1, 0.02
"""So much room is kept; where the robot has less, it goes back if that is not tighter yet."""
SLACK_S = 6.0
SOMEBODY_BEHIND_M = 1.8
RETRACE_MPS, RETRACE_RADPS = 0.4, 1.0
REFUSED_S = 0.6
"""When the gate lets it go back no farther, that is the end of it."""
TRACE_M, TRACE_RAD = 0.05, 0.1
"""Between the poses of the way that is remembered."""
REACHED_M, ASTRAY_RAD = 0.15, 0.5
"""A pose of the way back so near is reached; so far off its heading it turns on the spot first."""


class Backing:
    """Backs off as far as asked, or as there is room and nobody behind.

    `retrace_m`: so much of the way come is remembered, and followed back; 0: straight back.
    """

    def __init__(self, footprint: Footprint, retrace_m: float = 0.0) -> None:
        self._footprint = footprint
        self._most = round(retrace_m / TRACE_M)
        self._trace: list[Pose2] = []
        self._start: Pose2 | None = None
        self._began_s = -math.inf
        self._passed_s = -math.inf
        self._distance_m = 0.0

    @property
    def active(self) -> bool:
        return self._start is not None

    def rested(self, now_s: float, pause_s: float) -> bool:
        """Whether the last backing off began at least `pause_s` ago."""
        return not self.active and now_s - self._began_s > pause_s

    def note(self, pose: Pose2) -> None:
        """The robot is here: a part of the way back, while it does not go back itself."""
        if self._most == 0 or self.active:
            return
        last = self._trace[-1] if self._trace else None
        if last is None or pose.distance_to(last) >= TRACE_M or _turn(last, pose) >= TRACE_RAD:
            self._trace = [*self._trace[1 - self._most :], pose]

    def begin(self, world: World, distance_m: float) -> None:
        """Back off from here."""
        self._start, self._began_s, self._distance_m = world.pose, world.now_s, distance_m
        self._passed_s = world.now_s

    def end(self) -> None:
        """That is far enough."""
        self._start = None

    def step(self, world: World) -> ControlOutput | None:
        """Backwards, or None when not backing off, or not any more."""
        if self._start is None:
            return None
        done = world.pose.distance_to(self._start) >= self._distance_m
        if not world.held:
            self._passed_s = world.now_s
        late = world.now_s - self._began_s > self._distance_m / SPEED_MPS + SLACK_S
        if self._most > 0:
            refused = world.now_s - self._passed_s > REFUSED_S
            output = None if done or late or refused else self._retraced(world)
            if output is None:
                self.end()
            return output
        ways = np.array([0.0, 0.1, 0.2, 0.3])
        places = world.pose.transform_points(np.column_stack((-ways, 0.0 * ways)))
        behind = np.column_stack((places, np.full(len(ways), world.pose.yaw_rad)))
        here_m, *rooms_m = world.field.clearances(self._footprint, behind)
        tight = min(rooms_m) < max(min(ROOM_M, here_m - TIGHTER_M), 0.0)
        if done or late or tight or _somebody_behind(world):
            self.end()
            return None
        return ControlOutput(-SPEED_MPS, 0.0, behind[1:])

    def _retraced(self, world: World) -> ControlOutput | None:
        """Towards the last pose of the way that lies behind; None where it ends."""
        pose, trace = world.pose, self._trace
        while trace and (
            pose.distance_to(trace[-1]) < REACHED_M or trace[-1].relative_to(pose).x_m > 0.0
        ):
            trace.pop()
        if not trace or _somebody_behind(world):
            return None
        way = np.array([[p.x_m, p.y_m, p.yaw_rad] for p in trace[:-10:-1]])
        target = trace[-1].relative_to(pose)
        if abs(target.yaw_rad) > ASTRAY_RAD:
            return ControlOutput(0.0, math.copysign(RETRACE_RADPS, target.yaw_rad), way)
        curvature = 2.0 * target.y_m / (target.x_m**2 + target.y_m**2)
        angular = max(-RETRACE_RADPS, min(-RETRACE_MPS * curvature, RETRACE_RADPS))
        return ControlOutput(-RETRACE_MPS, angular, way)


def _turn(before: Pose2, after: Pose2) -> float:
    return abs(wrap_angle(after.yaw_rad - before.yaw_rad))


def _somebody_behind(world: World) -> bool:
    seen = world.pose.inverse().transform_points(world.people[:, :2])
    near = np.hypot(seen[:, 0], seen[:, 1]) < SOMEBODY_BEHIND_M
    return bool((near & (seen[:, 0] < 0.0)).any())
