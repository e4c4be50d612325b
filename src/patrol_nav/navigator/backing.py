"""Driving back a little: out of a tight place, or to give way to somebody.

Straight back, or, where that is too tight and for a robot that does not see behind, along the way
that it came.
"""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_nav.control.controller import ControlOutput
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.navigator.way_come import WayCome
from patrol_nav.navigator.world import World

SPEED_MPS, RETRACE_MPS = 0.25, 0.4
ROOM_M, TIGHTER_M = 0.1, 0.02
"""So much room is kept; where the robot has less, it goes back if that is not tighter yet."""
ROOM_COME_M = 0.03
"""Where it came through before."""
AHEAD = 6
"""So many poses of the way come must be free."""
SLACK_S = 6.0
SOMEBODY_BEHIND_M = 1.8
REFUSED_S = 0.6
"""When the gate lets it go back no farther, that is the end of it."""


class Backing:
    """Backs off as far as asked, or as there is room and nobody behind.

    `came`: the way come; `blind`: nothing else is known to be free behind.
    """

    def __init__(self, footprint: Footprint, came: WayCome, *, blind: bool = False) -> None:
        self._footprint = footprint
        self._came = came
        self._blind = blind
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
        if not self.active:
            self._came.note(pose)

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
        refused = self._blind and world.now_s - self._passed_s > REFUSED_S
        output = None
        if not (done or late or refused or _somebody_behind(world)):
            came = self._came.back(world.pose, RETRACE_MPS if self._blind else SPEED_MPS)
            output = came if self._blind else self._seen_free(world, came)
        if output is None:
            self.end()
        return output

    def _seen_free(self, world: World, came: ControlOutput | None) -> ControlOutput | None:
        """Straight back, else along the way come, whichever is free."""
        ways = np.array([0.1, 0.2, 0.3])
        places = world.pose.transform_points(np.column_stack((-ways, 0.0 * ways)))
        behind = np.column_stack((places, np.full(len(ways), world.pose.yaw_rad)))
        if self._is_free(world, behind, ROOM_M):
            return ControlOutput(-SPEED_MPS, 0.0, behind)
        if came is None or not self._is_free(world, came.trajectory[:AHEAD], ROOM_COME_M):
            return None
        return came

    def _is_free(self, world: World, poses: FloatArray, room_m: float) -> bool:
        pose = world.pose
        here = np.array([[pose.x_m, pose.y_m, pose.yaw_rad]])
        here_m, *rooms_m = world.field.clearances(self._footprint, np.vstack((here, poses)))
        return bool(min(rooms_m) >= max(min(room_m, here_m - TIGHTER_M), 0.0))


def _somebody_behind(world: World) -> bool:
    seen = world.pose.inverse().transform_points(world.people[:, :2])
    near = np.hypot(seen[:, 0], seen[:, 1]) < SOMEBODY_BEHIND_M
    return bool((near & (seen[:, 0] < 0.0)).any())
