"""Waypoints: poses that are driven to one after the other, with a stop at each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.types.mission import FollowWaypointsGoal
from patrol_nav.navigator.tasks import Task
from patrol_nav.navigator.world import TaskStep, World


class WaypointsTask:
    """The first pose that cannot be reached ends it. `drive_to` makes the task for one pose."""

    def __init__(self, goal: FollowWaypointsGoal, drive_to: Callable[[Pose2], Task]) -> None:
        self._poses = [Pose2(*row) for row in goal.poses.tolist()]
        self._index, self._loops = goal.first, goal.loops
        self._drive_to = drive_to
        self._task: Task | None = None

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if self._task is None:
            self._task = self._drive_to(self._poses[self._index])
        step = replace(self._task.step(world), waypoint=self._index)
        return step if step.result is None else self._ended(step, step.result)

    def _ended(self, step: TaskStep, result: Result) -> TaskStep:
        """At a waypoint, or on the way to one."""
        if not result.ok:
            which = f"waypoint {self._index + 1} of {len(self._poses)}: {result.message}"
            return replace(step, result=replace(result, message=which))
        self._task = None
        self._index += 1
        if self._index < len(self._poses):
            return replace(step, result=None)
        self._index, self._loops = 0, self._loops - 1
        return step if self._loops < 0 else replace(step, result=None)


def check_waypoints(goal: FollowWaypointsGoal) -> Result | None:
    """What is wrong with the count of the first, or None."""
    if goal.first < len(goal.poses):
        return None
    return Result.failure(
        ErrorCode.INVALID_GOAL,
        f"it shall begin with waypoint {goal.first} (from 0): there are {len(goal.poses)}",
    )
