"""Room and pace near people: who stands may start walking, who walks may stop, at any moment.

A robot that has stood for a moment when somebody walks into it has done nothing wrong; one that
moved has. So its speed is such that it could stop before anybody could reach it, and have stood
for a moment; less of one before who walks, for to turn round takes a moment, too. Where somebody
who stands delays it for long, it comes closer bit by bit rather than wait for ever; no delay
makes it come closer to who walks. Of who paces it knows where he is, though, not where he will be
back: it may come nearer while he is at the far end. The gate watches all the same.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_nav.navigator.people import distances_m, walking
from patrol_nav.navigator.world import World
from patrol_nav.params import FollowerParams

BODY_M = 0.35
CREEP_MPS = 0.25
AWAY_MPS = 0.5
"""Away from people the robot need not wait as long as it need towards them."""
AWAY_SLACK_M = 0.15
AWAY_POSES = 20
CLOSE_M = 1.0
TOUCH_M = 0.05
"""Who stands closer than `CLOSE_M` and cannot get away is left, too, once all have waited."""
DECELERATION_MPS2 = 1.2
NEAR_M = 5.0
HEADWAY_M = 3.0
"""The delay is the time since the robot was so far away, with people near all along."""
URGE_S = 7.0
LEAST_SHARE = 0.3
"""In that time, once patience is over, the room to those who stand, and the reserve before them,
shrink to so much of what is wanted."""
NOT_YET_M = 3.5
"""Who has just stopped that near will mostly go on sooner than the robot could go round."""
GO_ROUND_AFTER_S = 6.0
GIVE_WAY_AFTER_S = 20.0
GIVE_WAY_WITHIN_M = 3.0
GO_ON_M = 2.5
"""Nobody needs to be given way to where the robot may drive so far."""
PACE_MPS = 1.0
"""At about this pace the robot gets to the poses ahead."""
SURELY_S = 0.5
AHEAD_S = 4.0
"""Where who walks will be later than that nobody knows."""
RESTLESS_S = 6.0
"""Who walked so lately may walk again at once, and back."""
WALKED_S = 40.0
WALKED_ROOM_M = 1.7

NOBODY = np.empty((0, 3))


class Politeness:
    """Remembers for how long people have delayed the robot, and where they walked."""

    def __init__(self, params: FollowerParams) -> None:
        self._params = params
        self._anchor: Pose2 | None = None
        self._anchor_s = 0.0
        self._walked: list[tuple[float, float, float]] = []
        self.delay_s = 0.0
        self.reason = ""

    def speeds(self, poses: FloatArray, world: World) -> FloatArray:
        """Speed [m/s] that people allow at each of `poses` (N, 3); infinite far away."""
        self._note_headway(world)
        self.reason = ""
        params, people = self._params, world.people
        walks = walking(people)
        gaps = _gaps(poses, people)
        restless = walks | self._walked_here(world)
        moving = gaps[:, restless]
        allowed = self._allowed(moving, params.walkers_reserve_s)
        walkers = self._leaving(moving, allowed, comes=_comes_nearer(world, gaps[0]))
        standing = self._near_standing(gaps[:, ~walks])
        if min(standing[0], walkers[0]) < CREEP_MPS:
            does = "walks" if walkers[0] < standing[0] else "stands"
            self.reason = f"waiting for somebody who {does} near the way"
        return np.minimum(standing, walkers)

    def speed_here(self, world: World) -> float:
        """Speed [m/s] that people allow where the robot is."""
        pose = world.pose
        here = np.array([[pose.x_m, pose.y_m, pose.yaw_rad]])
        return float(self.speeds(here, world)[0])

    def discs(self, world: World) -> FloatArray:
        """Discs (N, 3) x, y, radius that plans keep out of: room round standing people."""
        self._note_headway(world)
        standing = world.people[~walking(world.people)]
        room_m = self._share() * self._params.people_room_m
        if self.delay_s < self._params.people_patience_s:
            standing = standing[distances_m(standing, world.pose) > NOT_YET_M]
        return np.column_stack((standing[:, :2], standing[:, 4] + room_m))

    def paced(self, world: World) -> FloatArray:
        """Discs (N, 3) where people walked lately, once they delay the robot.

        Who paces to and fro across the way is best gone round as a whole.
        """
        self._remember(world)
        if self.delay_s < GO_ROUND_AFTER_S:
            return NOBODY
        walked = np.array([(x, y, WALKED_ROOM_M) for _, x, y in self._walked]).reshape(-1, 3)
        # Where the robot itself stands it need not keep out: on from here is a way, too.
        return np.asarray(walked[distances_m(walked, world.pose) > WALKED_ROOM_M + BODY_M])

    def should_give_way(self, poses: FloatArray, world: World, *, blocked: bool) -> bool:
        """Whether it and somebody ahead keep each other from going on, as they have for long.

        `poses` (N, 3) is the way ahead; `blocked`: plans do not lead through there. Backing
        straight off is what gives them room; turning would not.
        """
        if self.delay_s < GIVE_WAY_AFTER_S:
            return False
        away = np.hypot(poses[:, 0] - world.pose.x_m, poses[:, 1] - world.pose.y_m)
        goes_on = self.speeds(poses, world)[away < GO_ON_M].min(initial=np.inf) > 0.0
        seen = world.pose.inverse().transform_points(world.people[:, :2])
        near = np.hypot(seen[:, 0], seen[:, 1]) < GIVE_WAY_WITHIN_M
        return bool((near & (seen[:, 0] > 0.0)).any()) and (blocked or not goes_on)

    def _note_headway(self, world: World) -> None:
        pose = world.pose
        near = distances_m(world.people, pose) < NEAR_M
        if self._anchor is None or not near.any() or pose.distance_to(self._anchor) > HEADWAY_M:
            self._anchor, self._anchor_s = pose, world.now_s
        self.delay_s = world.now_s - self._anchor_s

    def _share(self) -> float:
        """How much of the wanted room and reserve is left after the delay."""
        over_s = self.delay_s - self._params.people_patience_s
        return min(max(1.0 - (1.0 - LEAST_SHARE) * over_s / URGE_S, LEAST_SHARE), 1.0)

    def _near_standing(self, gaps: FloatArray) -> FloatArray:
        """Speed at each pose, from its gaps (N, M) to those who stand."""
        return self._leaving(
            gaps, self._allowed(gaps, self._share() * self._params.people_reserve_s)
        )

    def _leaving(
        self, gaps: FloatArray, allowed: FloatArray, *, comes: bool = False
    ) -> FloatArray:
        """The same, where the way leads away from everybody: nobody is better off if it stays.

        Who is close is left at once only with room between, else when all have waited, and never
        while he comes nearer (`comes`).
        """
        gap = gaps.min(axis=1, initial=np.inf)
        soon = gap[:AWAY_POSES]
        waited = self.delay_s > self._params.people_patience_s
        least, slack, speed = CLOSE_M, AWAY_SLACK_M, AWAY_MPS
        if gap[0] < CLOSE_M and waited and not comes:
            least, slack, speed = TOUCH_M, TOUCH_M, CREEP_MPS
        if least <= gap[0] < soon[-1] - AWAY_SLACK_M and soon.min() >= gap[0] - slack:
            away = np.minimum.accumulate(gap) >= gap[0] - slack
            allowed = np.where(away, np.maximum(allowed, speed), allowed)
        return allowed

    def _allowed(self, gaps: FloatArray, reserve_s: float) -> FloatArray:
        """Speed from which to stop, and have stood for the reserve, before anybody is there."""
        gap = gaps.min(axis=1, initial=np.inf)
        spare_s = gap / self._params.walking_mps - reserve_s
        allowed = np.maximum(DECELERATION_MPS2 * spare_s, CREEP_MPS)
        return np.asarray(np.where(spare_s > 0.0, allowed, 0.0))

    def _walked_here(self, world: World) -> npt.NDArray[np.bool_]:
        """Who of the people walked a moment ago, where each is now: who paces turns round (M,)."""
        lately = [(x, y) for at_s, x, y in self._walked if world.now_s - at_s < RESTLESS_S]
        places = np.array(lately).reshape(-1, 2)
        offset = world.people[:, None, :2] - places
        return np.asarray((np.hypot(offset[..., 0], offset[..., 1]) < 0.5).any(axis=1))

    def _remember(self, world: World) -> None:
        """Places where people walked lately, half a metre apart."""
        places = [p for p in self._walked if world.now_s - p[0] < WALKED_S]
        for x_m, y_m in world.people[walking(world.people), :2].tolist():
            known = [i for i, p in enumerate(places) if math.hypot(p[1] - x_m, p[2] - y_m) < 0.5]
            for index in known:
                places[index] = (world.now_s, *places[index][1:])
            if not known:
                places.append((world.now_s, x_m, y_m))
        self._walked = places


def _comes_nearer(world: World, gaps: FloatArray) -> bool:
    """Whether, of those who walk, who is nearest to the robot by `gaps` (M,) comes nearer."""
    walks = walking(world.people)
    if not walks.any():
        return False
    x_m, y_m, vx, vy, _ = world.people[np.argmin(np.where(walks, gaps, np.inf))]
    return bool((x_m - world.pose.x_m) * vx + (y_m - world.pose.y_m) * vy < 0.0)


def _gaps(poses: FloatArray, people: FloatArray) -> FloatArray:
    """Gaps (N, M) between the body at `poses` (N, 3) and where people may be by then.

    Who walks may stop anywhere on the way straight on.
    """
    steps = np.hypot(np.diff(poses[:, 0]), np.diff(poses[:, 1]))
    along_m = np.concatenate(([0.0], np.cumsum(steps)))
    times_s = np.minimum(along_m / PACE_MPS + SURELY_S, AHEAD_S)
    velocities = np.where(walking(people)[:, None], people[:, 2:4], 0.0)
    way = times_s[:, None, None] * velocities
    offset = poses[:, None, :2] - people[:, :2]
    length = np.einsum("nmk,nmk->nm", way, way)
    share = np.einsum("nmk,nmk->nm", offset, way) / np.maximum(length, 1e-9)
    nearest = offset - np.clip(share, 0.0, 1.0)[..., None] * way
    return np.asarray(np.hypot(nearest[..., 0], nearest[..., 1]) - people[:, 4] - BODY_M)
