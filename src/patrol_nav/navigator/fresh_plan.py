"""A new plan to the goal where the way is not given: taken when it is clearly better than the old.

What the lidar finds out changes the best way again and again. A robot that always took the newest
plan would waver before two ways of like length; one that kept the old until it is blocked would
drive into every dead end to its bottom.
"""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_nav.navigator.detour import turn_m
from patrol_nav.navigator.reference import Reference
from patrol_nav.navigator.world import World
from patrol_nav.params import FollowerParams
from patrol_nav.planning.planner import Planner, PlanningError

LEAST_GAIN_M = 0.3


def fresh_plan(
    world: World, reference: Reference, planner: Planner, params: FollowerParams, *, needed: bool
) -> FloatArray | None:
    """Poses (N, 3) from the robot to the end of `reference`, or None where that one stays.

    `needed`: the old plan leads nowhere, any other will do.
    """
    field = world.costmap.planning_field
    try:
        poses = planner.plan(field, world.pose, reference.goal).poses
    except PlanningError:
        return None
    if len(poses) < 2:
        return None
    if needed:
        return poses
    first = min(reference.index + 1, len(reference.poses) - 1)
    here = [[world.pose.x_m, world.pose.y_m, world.pose.yaw_rad]]
    old = np.vstack((here, reference.poses[first:]))
    old_m, new_m = (
        planner.effort_m(field, way) + turn_m(ahead, world.pose)
        for way, ahead in ((old, reference.poses[first:]), (poses, poses))
    )
    return poses if new_m < (1.0 - params.better_by) * old_m - LEAST_GAIN_M else None
