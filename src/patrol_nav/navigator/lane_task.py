"""Over the site's lanes to a pose far away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_nav.navigator.follower import Follower
from patrol_nav.navigator.lanes import Lanes
from patrol_nav.navigator.plan_to import plan_to
from patrol_nav.navigator.tasks import SPACING_M
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.planning.path import resampled, with_headings
from patrol_nav.routing.graph import NoRouteError

BLOCKING = (ErrorCode.BLOCKED, ErrorCode.STUCK)


class LaneTask:
    """To the nearest lane, along lanes, and on to the goal.

    A lane on which the robot is blocked is left out from then on; where no open lanes lead to the
    goal it is planned to freely.
    """

    def __init__(self, goal: Pose2, tools: Tools, speed_mps: float, lanes: Lanes) -> None:
        self._goal = goal
        self._tools = tools
        self._speed_mps = speed_mps
        self._lanes = lanes
        self._follower: Follower | None = None
        self._attempt = 0

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if self._follower is None:
            self._attempt += 1
            path = self._path(world)
            if isinstance(path, Result):
                return TaskStep(result=path)
            self._follower = Follower(self._tools, path, self._speed_mps)
        step = self._follower.step(world)
        blocked = step.result is not None and step.result.code in BLOCKING
        if not blocked or self._attempt >= self._lanes.attempts:
            return step
        closed = self._lanes.close_near(world.pose, world.now_s)
        if closed is None:
            return step
        self._follower = None
        message = f"lane {closed} is blocked: looking for another way"
        return replace(step, result=None, message=message)

    def _path(self, world: World) -> FloatArray | Result:
        planner = self._tools.planner
        try:
            places = self._lanes.way(world.pose, self._goal, world.now_s)
        except NoRouteError:
            return plan_to(world, planner, self._goal)
        lane = with_headings(resampled(places, SPACING_M), self._goal.yaw_rad)
        if len(lane) > 1:
            lane[-1, 2] = lane[-2, 2]
        first, last = (Pose2(*row) for row in lane[[0, -1]].tolist())
        there = plan_to(world, planner, first)
        if isinstance(there, Result):
            return there
        on = plan_to(world, planner, self._goal, last)
        return on if isinstance(on, Result) else np.vstack((there[:-1], lane, on[1:]))
