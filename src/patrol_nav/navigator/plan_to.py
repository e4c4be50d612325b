"""A plan from where the robot is."""

from __future__ import annotations

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import Result
from patrol_nav.navigator.world import World
from patrol_nav.planning.planner import Planner, PlanningError


def plan_to(
    world: World, planner: Planner, goal: Pose2, start: Pose2 | None = None
) -> FloatArray | Result:
    """Poses from the robot (or from `start`) to a goal, or why there are none.

    What was seen long ago does not make a goal unreachable: the second try forgets it.
    """
    start = world.pose if start is None else start
    world.costmap.refresh_planning(world.pose)
    try:
        return planner.plan(world.costmap.planning_field, start, goal).poses
    except PlanningError:
        world.costmap.forget()
    try:
        return planner.plan(world.costmap.planning_field, start, goal).poses
    except PlanningError as error:
        return Result.failure(error.code, error.problem)
