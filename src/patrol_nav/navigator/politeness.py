"""Room and pace near people who stand: they may start walking at any moment.

A robot that has stood for a moment when somebody walks into it has done nothing wrong; one that
moved has. So its speed near people is such that it could stop, and have stood, before anybody
could reach it. People who walk are predicted by the controllers and watched by the gate.
"""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_nav.navigator.people import MOVING_MPS
from patrol_nav.navigator.world import World
from patrol_nav.params import FollowerParams

BODY_M = 0.35
CREEP_MPS = 0.25
AWAY_MPS = 0.5
"""On the way round people the robot need not wait as long as it goes away from them."""
AWAY_SLACK_M = 0.15
AWAY_POSES = 10
CLOSE_M = 1.0
CLOSE_FACTOR = 2.0
"""Next to somebody within arm's length patience lasts longer by this."""
DECELERATION_MPS2 = 1.2
ROOM_STEPS = ((4.0, 0.5), (10.0, 0.15))
"""After so many seconds without headway, plans keep so much of the wanted room."""
NEAR_M = 5.0
"""Until nobody is nearer than this."""
WAITS_WITHIN_M = 3.5
"""Who walks a few steps and stands again, that near, does not begin to be waited for anew."""
WALKED_S = 40.0
WALKED_ROOM_M = 1.7
GO_ROUND_AFTER_S = 2.5
GO_ROUND_UNTIL_S = 30.0
"""Where there is no way round in that time, plans lead through again."""


class Politeness:
    """Remembers whether patience has run out with those who stand near now.

    `pressed`: somebody has stood within arm's length all that time. Backing straight off is what
    gives them room; turning would not.
    """

    def __init__(self, params: FollowerParams) -> None:
        self._params = params
        self._since_s: float | None = None
        self._passing = False
        self._share = 1.0
        self._goes_round = False
        self._walked: list[tuple[float, float, float]] = []
        self.reason = ""
        self.pressed = False

    def speeds(self, poses: FloatArray, world: World) -> FloatArray:
        """Speed [m/s] that standing people allow at each of `poses` (N, 3); infinite far away."""
        params, standing = self._params, _standing(world.people)
        self.reason = ""
        if not len(standing):
            self.pressed = False
            if not _within(world, WAITS_WITHIN_M):
                self._since_s, self._passing = None, False
            return np.full(len(poses), np.inf)
        gaps = np.hypot(poses[:, None, 0] - standing[:, 0], poses[:, None, 1] - standing[:, 1]) - (
            standing[:, 4] + BODY_M
        )
        gap = gaps.min(axis=1)
        spare_s = gap / params.walking_mps - params.people_reserve_s
        allowed = np.maximum(DECELERATION_MPS2 * spare_s, 0.0)
        soon = gap[:AWAY_POSES]
        leaves = soon[-1] > gap[0] + AWAY_SLACK_M and soon.min() >= gap[0] - AWAY_SLACK_M
        if self._goes_round and leaves and gap[0] > CLOSE_M:
            away = np.minimum.accumulate(gap) >= gap[0] - AWAY_SLACK_M
            allowed = np.where(away, np.maximum(allowed, AWAY_MPS), allowed)
        self._wait(float(allowed[0]), float(gap[0]), world.now_s)
        if self._passing:
            return np.asarray(np.maximum(allowed, CREEP_MPS))
        if allowed[0] < CREEP_MPS:
            self.reason = "waiting for somebody who stands near the way"
        return np.asarray(allowed)

    def speed_here(self, world: World) -> float:
        """Speed [m/s] that standing people allow where the robot is."""
        pose = world.pose
        here = np.array([[pose.x_m, pose.y_m, pose.yaw_rad]])
        return float(self.speeds(here, world)[0])

    def _wait(self, allowed_mps: float, gap_m: float, now_s: float) -> None:
        if allowed_mps >= 2.0 * CREEP_MPS:
            self._since_s, self._passing, self.pressed = None, False, False
            return
        if self._since_s is None:
            self._since_s = now_s
        patience_s = self._params.people_patience_s
        self.pressed = gap_m < CLOSE_M and now_s - self._since_s > patience_s
        if gap_m < CLOSE_M:
            patience_s *= CLOSE_FACTOR
        self._passing = now_s - self._since_s > patience_s

    def discs(self, world: World, waited_s: float) -> FloatArray:
        """Discs (N, 3) x, y, radius that plans keep out of: room round standing people.

        After some waiting also where people have walked lately: who paces to and fro across the
        way is gone round as a whole.
        """
        self._remember(world)
        people, params = world.people, self._params
        if not _within(world, NEAR_M):
            self._share, self._goes_round = 1.0, False
        for after_s, share in ROOM_STEPS:
            if waited_s > after_s:
                self._share = min(self._share, share)
        if waited_s > GO_ROUND_AFTER_S:
            self._goes_round = waited_s < GO_ROUND_UNTIL_S
        standing = _standing(people)
        room_m = self._share * params.people_room_m
        discs = np.column_stack((standing[:, :2], standing[:, 4] + room_m))
        if not self._goes_round:
            return discs
        walked = np.array([(x, y, WALKED_ROOM_M) for _, x, y in self._walked]).reshape(-1, 3)
        # Where the robot itself stands it need not keep out: on from here is a way, too.
        away = np.hypot(walked[:, 0] - world.pose.x_m, walked[:, 1] - world.pose.y_m)
        return np.vstack((discs, walked[away > WALKED_ROOM_M + BODY_M]))

    def _remember(self, world: World) -> None:
        """Places where people walked lately, half a metre apart."""
        places = [p for p in self._walked if world.now_s - p[0] < WALKED_S]
        for x_m, y_m in _walking(world.people)[:, :2].tolist():
            known = [i for i, p in enumerate(places) if math.hypot(p[1] - x_m, p[2] - y_m) < 0.5]
            for index in known:
                places[index] = (world.now_s, *places[index][1:])
            if not known:
                places.append((world.now_s, x_m, y_m))
        self._walked = places


def _within(world: World, distance_m: float) -> bool:
    """Whether anybody, standing or walking, is that near."""
    offsets = world.people[:, :2] - np.array([world.pose.x_m, world.pose.y_m])
    return bool((np.hypot(offsets[:, 0], offsets[:, 1]) < distance_m).any())


def _walking(people: FloatArray) -> FloatArray:
    return people[np.hypot(people[:, 2], people[:, 3]) >= MOVING_MPS]


def _standing(people: FloatArray) -> FloatArray:
    return people[np.hypot(people[:, 2], people[:, 3]) < MOVING_MPS]
