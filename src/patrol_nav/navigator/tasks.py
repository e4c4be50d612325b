"""Goals as objects: navigate to a pose, follow a route. Docking has a page of its own."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.types.mission import FollowRouteGoal
from patrol_nav.navigator.follower import Follower, Tools, plan_to
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.planning.path import arc_lengths_m, resampled, with_headings

SPACING_M = 0.1
JOIN_M = 0.4
"""A route that begins nearer than this is simply followed."""
JOIN_AHEAD_M = 1.5


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


class RouteTask:
    """Drives to the route's beginning, then along it to its end."""

    def __init__(self, goal: FollowRouteGoal, tools: Tools) -> None:
        self._goal = goal
        self._tools = tools
        self._follower: Follower | None = None

    def step(self, world: World) -> TaskStep:
        """See Task."""
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


def check_route(goal: FollowRouteGoal) -> Result | None:
    """What is wrong with a route goal, or None."""
    poses = goal.poses
    if poses.ndim != 2 or poses.shape[1:] != (3,) or len(poses) < 2:
        return Result.failure(
            ErrorCode.INVALID_GOAL, "a route is at least two poses of x, y and heading"
        )
    if not np.isfinite(poses).all():
        return Result.failure(ErrorCode.INVALID_GOAL, "the route has poses that are not numbers")
    if not 0.0 < goal.speed_limit_mps < np.inf:
        return Result.failure(
            ErrorCode.INVALID_GOAL,
            f"the route's speed limit is {goal.speed_limit_mps} m/s: expected more than 0",
        )
    return None


def _at_least_two(poses: FloatArray) -> FloatArray:
    return poses if len(poses) > 1 else np.vstack((poses, poses))
