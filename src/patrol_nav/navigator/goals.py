"""What is asked of the navigator, made a task; and how far it has come, in the goal's terms."""

from __future__ import annotations

from typing import Any

import numpy as np

from patrol_core.actions import Action
from patrol_core.geometry import FloatArray, Pose2, points_in_polygon
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Site
from patrol_core.types.mission import (
    DockGoal,
    FollowRouteGoal,
    FollowWaypointsGoal,
    NavigateFeedback,
    NavigateThroughFeedback,
    NavigateThroughGoal,
    NavigationFeedback,
    WaypointFeedback,
)
from patrol_nav.navigator.docking import DockTask
from patrol_nav.navigator.lane_task import LaneTask
from patrol_nav.navigator.lanes import Lanes
from patrol_nav.navigator.pose_tracker import PoseTracker
from patrol_nav.navigator.tasks import (
    NavigateTask,
    RouteTask,
    Task,
    ThroughPosesTask,
    check_poses,
    check_route,
)
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.undocking import OffDockTask, UndockTask
from patrol_nav.navigator.waypoints import WaypointsTask, check_waypoints
from patrol_nav.navigator.world import TaskStep
from patrol_nav.params import NavigatorParams


class TaskMaker:
    """Makes the task for a goal. `lanes`: of the site, where it has any."""

    def __init__(
        self, params: NavigatorParams, site: Site, tools: Tools, lanes: Lanes | None,
        tracker: PoseTracker,
    ) -> None:  # fmt: skip
        self._params, self._site, self._tools = params, site, tools
        self._lanes, self._tracker = lanes, tracker

    def task(self, goal: Any) -> Task | Result:
        """The task, or what is wrong with the goal."""
        if isinstance(goal, DockGoal):
            return self._dock(goal)
        task = self._drive(goal)
        if isinstance(task, Result):
            return task
        poses = len(goal.poses) if isinstance(goal, NavigateThroughGoal) else 0
        return OffDockTask(task, poses, self._site.docks, self._tools, self._params.docking)

    def _drive(self, goal: Any) -> Task | Result:
        speed_mps = self._params.speed_mps
        if isinstance(goal, FollowRouteGoal):
            return check_route(goal) or RouteTask(goal, self._tools)
        if isinstance(goal, NavigateThroughGoal):
            wrong = check_poses(goal.poses, 1) or self._outside(goal.poses)
            return wrong or ThroughPosesTask(goal.poses, self._tools, speed_mps)
        if isinstance(goal, FollowWaypointsGoal):
            wrong = check_poses(goal.poses, 1) or check_waypoints(goal)
            return wrong or self._outside(goal.poses) or WaypointsTask(goal, self._drive_to)
        pose = np.array([[goal.pose.x_m, goal.pose.y_m, goal.pose.yaw_rad]])
        return check_poses(pose, 1) or self._outside(pose) or self._drive_to(goal.pose)

    def _drive_to(self, pose: Pose2) -> Task:
        speed_mps, here = self._params.speed_mps, self._tracker.newest
        if self._lanes is not None and here is not None and self._lanes.are_for(here, pose):
            return LaneTask(pose, self._tools, speed_mps, self._lanes)
        return NavigateTask(pose, self._tools, speed_mps)

    def _dock(self, goal: DockGoal) -> Task | Result:
        try:
            dock = self._site.dock(goal.dock_id)
        except KeyError:
            known = ", ".join(dock.dock_id for dock in self._site.docks) or "none"
            return Result.failure(
                ErrorCode.DOCK_UNKNOWN,
                f"the site has no dock '{goal.dock_id}'; its docks: {known}",
            )
        if goal.undock:
            return UndockTask(dock, self._tools, self._params.docking)
        return DockTask(dock, self._tools, self._params.docking, self._params.speed_mps)

    def _outside(self, poses: FloatArray) -> Result | None:
        inside = points_in_polygon(poses[:, :2], self._site.outline_m)
        if inside.all():
            return None
        x_m, y_m, _ = poses[int(np.argmin(inside))]
        message = f"({x_m:.1f}, {y_m:.1f}) lies outside of the site's outline"
        return Result.failure(ErrorCode.GOAL_OUTSIDE, message)


def feedback_of(
    action: Action, goal_id: str, step: TaskStep, pose: Pose2, for_s: float, speed_mps: float
) -> Any:
    """The feedback of an action from a task's step.

    `pose` of base_link in `map`; `for_s`: how long the goal has been worked on; `speed_mps`: at
    which the rest is thought to be driven.
    """
    kind = action.feedback.value_type
    if kind is NavigationFeedback:
        return NavigationFeedback(goal_id, step.remaining_m, step.blocked_s, step.message)
    if kind is WaypointFeedback:
        return WaypointFeedback(goal_id, step.waypoint)
    rest_s = step.remaining_m / speed_mps
    if kind is NavigateThroughFeedback:
        remaining = step.poses_remaining
        return NavigateThroughFeedback(goal_id, pose, step.remaining_m, for_s, rest_s, remaining)
    return NavigateFeedback(goal_id, pose, step.remaining_m, for_s, rest_s)
