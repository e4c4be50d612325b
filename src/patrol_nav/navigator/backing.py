"""Driving straight back a little: out of a tight place, or to give way to somebody."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import Pose2
from patrol_nav.control.controller import ControlOutput
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.navigator.world import World

SPEED_MPS = 0.25
ROOM_M = 0.1
SLACK_S = 6.0
SOMEBODY_BEHIND_M = 1.8


class Backing:
    """Backs off as far as asked, or as there is room and nobody behind."""

    def __init__(self, footprint: Footprint) -> None:
        self._footprint = footprint
        self._start: Pose2 | None = None
        self._began_s = -math.inf
        self._distance_m = 0.0

    @property
    def active(self) -> bool:
        return self._start is not None

    def rested(self, now_s: float, pause_s: float) -> bool:
        """Whether the last backing off began at least `pause_s` ago."""
        return not self.active and now_s - self._began_s > pause_s

    def begin(self, world: World, distance_m: float) -> None:
        """Back off from here."""
        self._start, self._began_s, self._distance_m = world.pose, world.now_s, distance_m

    def end(self) -> None:
        """That is far enough."""
        self._start = None

    def step(self, world: World) -> ControlOutput | None:
        """Backwards, or None when not backing off, or not any more."""
        if self._start is None:
            return None
        done = world.pose.distance_to(self._start) >= self._distance_m
        late = world.now_s - self._began_s > self._distance_m / SPEED_MPS + SLACK_S
        ways = np.array([0.1, 0.2, 0.3])
        places = world.pose.transform_points(np.column_stack((-ways, 0.0 * ways)))
        behind = np.column_stack((places, np.full(3, world.pose.yaw_rad)))
        room_m = world.field.clearances(self._footprint, behind).min()
        if done or late or room_m < ROOM_M or _somebody_behind(world):
            self.end()
            return None
        return ControlOutput(-SPEED_MPS, 0.0, behind)


def _somebody_behind(world: World) -> bool:
    seen = world.pose.inverse().transform_points(world.people[:, :2])
    near = np.hypot(seen[:, 0], seen[:, 1]) < SOMEBODY_BEHIND_M
    return bool((near & (seen[:, 0] < 0.0)).any())
