"""Room and pace near people who stand: they may start walking at any moment.

A robot that has stood for a moment when somebody walks into it has done nothing wrong; one that
moved has. So its speed near people is such that it could stop, and have stood, before anybody
could reach it. People who walk are predicted by the controllers and watched by the gate.
"""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_nav.navigator.people import MOVING_MPS
from patrol_nav.navigator.world import World
from patrol_nav.params import FollowerParams

BODY_M = 0.35
CREEP_MPS = 0.25
DECELERATION_MPS2 = 1.2
ROOM_STEPS = ((4.0, 0.5), (10.0, 0.15))
"""After so many seconds without headway, plans keep so much of the wanted room."""
NEAR_M = 4.0
"""Until nobody stands nearer than this."""


class Politeness:
    """Remembers whether patience has run out with those who stand near now."""

    def __init__(self, params: FollowerParams) -> None:
        self._params = params
        self._since_s: float | None = None
        self._passing = False
        self._share = 1.0
        self.reason = ""

    def speeds(self, poses: FloatArray, world: World) -> FloatArray:
        """Speed [m/s] that standing people allow at each of `poses` (N, 3); infinite far away."""
        params, standing = self._params, _standing(world.people)
        self.reason = ""
        if not len(standing):
            self._since_s, self._passing = None, False
            return np.full(len(poses), np.inf)
        gaps = np.hypot(poses[:, None, 0] - standing[:, 0], poses[:, None, 1] - standing[:, 1]) - (
            standing[:, 4] + BODY_M
        )
        spare_s = gaps.min(axis=1) / params.walking_mps - params.people_reserve_s
        allowed = np.maximum(DECELERATION_MPS2 * spare_s, 0.0)
        self._wait(float(allowed[0]), world.now_s)
        if self._passing:
            return np.asarray(np.maximum(allowed, CREEP_MPS))
        if allowed[0] < CREEP_MPS:
            self.reason = "waiting for somebody who stands near the way"
        return np.asarray(allowed)

    def _wait(self, allowed_mps: float, now_s: float) -> None:
        if allowed_mps >= 2.0 * CREEP_MPS:
            self._since_s, self._passing = None, False
            return
        if self._since_s is None:
            self._since_s = now_s
        self._passing = now_s - self._since_s > self._params.people_patience_s

    def discs(self, world: World, waited_s: float) -> FloatArray:
        """Discs (N, 3) x, y, radius round standing people that plans keep out of."""
        standing = _standing(world.people)
        away = np.hypot(standing[:, 0] - world.pose.x_m, standing[:, 1] - world.pose.y_m)
        if not (away < NEAR_M).any():
            self._share = 1.0
        for after_s, share in ROOM_STEPS:
            if waited_s > after_s:
                self._share = min(self._share, share)
        room = self._share * self._params.people_room_m
        return np.column_stack((standing[:, :2], standing[:, 4] + room))


def _standing(people: FloatArray) -> FloatArray:
    return people[np.hypot(people[:, 2], people[:, 3]) < MOVING_MPS]
