"""Goals as objects: navigate to a pose, follow a route. Docking has a page of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.types.mission import FollowRouteGoal
from patrol_nav.navigator.follower import Follower
from patrol_nav.navigator.plan_to import plan_to
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.planning.path import arc_lengths_m, resampled, with_headings

SPACING_M = 0.1
JOIN_M = 0.4
"""A route that begins nearer than this is simply followed."""
JOIN_AHEAD_M = 1.5
PASSED_M = 0.7
"""A pose on the way has been passed when the robot was so near."""


class Task(Protocol):
    """Works on one goal, a tick at a time, until its step carries a result."""

    def step(self, world: World) -> TaskStep:
        """The answer for now."""
        ...


class NavigateTask:
    """Plans to a pose, then follows the plan."""

    def __init__(self, goal: Pose2, tools: Tools, speed_mps: float) -> None:
        self._goal = goal
        self._tools = tools
        self._speed_mps = speed_mps
        self._follower: Follower | None = None

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if self._follower is None:
            poses = plan_to(world, self._tools.planner, self._goal)
            if isinstance(poses, Result):
                return TaskStep(result=poses)
            poses = _at_least_two(poses)
            self._follower = Follower(self._tools, poses, self._speed_mps, is_given=False)
        return self._follower.step(world)


class ThroughPosesTask:
    """Plans from pose to pose, then follows the whole; each has to be passed near by."""

    def __init__(self, poses: FloatArray, tools: Tools, speed_mps: float) -> None:
        self._poses = poses
        self._tools = tools
        self._speed_mps = speed_mps
        self._follower: Follower | None = None
        self._passed = np.zeros(len(poses), dtype=np.bool_)

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if self._follower is None:
            path = self._plan(world)
            if isinstance(path, Result):
                return TaskStep(result=path)
            self._follower = Follower(self._tools, path, self._speed_mps)
        here = np.array([world.pose.x_m, world.pose.y_m])
        self._passed |= np.hypot(*(self._poses[:, :2] - here).T) <= PASSED_M
        remaining = int(np.sum(~self._passed))
        step = replace(self._follower.step(world), poses_remaining=remaining)
        if step.result is not None and step.result.ok and not self._passed.all():
            return replace(step, result=self._missed(int(np.argmin(self._passed))))
        return step

    def _plan(self, world: World) -> FloatArray | Result:
        pieces, start = [], world.pose
        for number, row in enumerate(self._poses.tolist(), start=1):
            goal = Pose2(*row)
            piece = plan_to(world, self._tools.planner, goal, start)
            if isinstance(piece, Result):
                which = f"pose {number} of {len(self._poses)}: {piece.message}"
                return Result.failure(piece.code, which)
            pieces.append(piece if number == 1 else piece[1:])
            start = goal
        return _at_least_two(np.vstack(pieces))

    def _missed(self, index: int) -> Result:
        x, y, _ = self._poses[index]
        return Result.failure(
            ErrorCode.GOAL_OCCUPIED,
            f"pose {index + 1} of {len(self._poses)} at ({x:.1f}, {y:.1f}) was not passed within "
            f"{PASSED_M:.1f} m: something stands there; the last pose was reached",
        )


class RouteTask:
    """Drives to the route's beginning, then along it to its end."""

    def __init__(self, goal: FollowRouteGoal, tools: Tools) -> None:
        self._goal = goal
        if goal.corridor_m > 0.0:
            narrowed = replace(tools.params, corridor_m=goal.corridor_m)
            tools = replace(tools, params=narrowed)
        self._tools = tools
        self._follower: Follower | None = None

    def step(self, world: World) -> TaskStep:
        """See Task."""
        goal = self._goal
        if goal.keep_off_radius_m > 0.0:
            disc = (goal.keep_off_x_m, goal.keep_off_y_m, goal.keep_off_radius_m)
            world.costmap.keep_off(disc)
        if self._follower is None:
            poses = self._joined(world)
            if isinstance(poses, Result):
                return TaskStep(result=poses)
            self._follower = Follower(self._tools, poses, self._goal.speed_limit_mps)
        return self._follower.step(world)

    def _joined(self, world: World) -> FloatArray | Result:
        """From the robot onto the route and along it; joins at the first free place."""
        given = self._goal.poses
        points = resampled(given, SPACING_M)
        route = _at_least_two(with_headings(points, float(given[-1, 2])))
        offsets = np.hypot(route[:, 0] - world.pose.x_m, route[:, 1] - world.pose.y_m)
        first_half = offsets[: len(offsets) // 2 + 1]
        entry = int(np.argmin(first_half))
        if offsets[entry] <= JOIN_M:
            return route[min(entry, len(route) - 2) :]
        world.costmap.refresh_planning(world.pose)
        along = arc_lengths_m(route)
        room = world.costmap.planning_field.clearances(self._tools.body.footprint, route)
        free = np.flatnonzero((along >= along[entry] + JOIN_AHEAD_M) & (room >= 0.0))
        join = int(free[0]) if len(free) else len(route) - 1
        x, y, yaw = route[join]
        plan = plan_to(world, self._tools.planner, Pose2(float(x), float(y), float(yaw)))
        if isinstance(plan, Result):
            return plan
        return np.vstack((plan[:-1], route[join:]))


def check_poses(poses: FloatArray, at_least: int) -> Result | None:
    """What is wrong with the poses of a goal, or None."""
    if poses.ndim != 2 or poses.shape[1:] != (3,) or len(poses) < at_least:
        return Result.failure(
            ErrorCode.INVALID_GOAL, f"expected {at_least} or more poses of x, y and heading"
        )
    if not np.isfinite(poses).all():
        return Result.failure(ErrorCode.INVALID_GOAL, "the goal has poses that are not numbers")
    return None


def check_route(goal: FollowRouteGoal) -> Result | None:
    """What is wrong with a route goal, or None."""
    wrong = check_poses(goal.poses, 2)
    if wrong is not None:
        return wrong
    if not 0.0 < goal.speed_limit_mps < np.inf:
        return Result.failure(
            ErrorCode.INVALID_GOAL,
            f"the route's speed limit is {goal.speed_limit_mps} m/s: expected more than 0",
        )
    if not 0.0 <= goal.corridor_m < np.inf:
        return Result.failure(
            ErrorCode.INVALID_GOAL,
            f"the route's corridor is {goal.corridor_m} m: expected 0 or more",
        )
    keep_off = (goal.keep_off_x_m, goal.keep_off_y_m, goal.keep_off_radius_m)
    if not np.isfinite(keep_off).all() or goal.keep_off_radius_m < 0.0:
        return Result.failure(
            ErrorCode.INVALID_GOAL,
            f"the disc to keep off is {keep_off}: expected x, y and a radius of 0 or more",
        )
    return None


def _at_least_two(poses: FloatArray) -> FloatArray:
    return poses if len(poses) > 1 else np.vstack((poses, poses))
