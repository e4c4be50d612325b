"""Goals that Nav2 drives in the place of our navigator (`navigator: nav2`).

Poses go to its `navigate_to_pose`, routes to its `navigate_through_poses`, thinned out; how fast
to drive is said on its `speed_limit`. How far a detour may leave a route it cannot be told. Docks
stay with our own navigator: the gate has to hear from it when contact is wanted.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from action_msgs.msg import GoalStatus
from nav2_msgs import action as nav2
from nav2_msgs.msg import SpeedLimit
from rclpy.node import Node

from patrol_core.actions import FOLLOW_ROUTE, NAVIGATE_THROUGH_POSES, NAVIGATE_TO_POSE, Action
from patrol_core.geometry import FloatArray
from patrol_core.result import ErrorCode, Result
from patrol_core.types.mission import FollowRouteGoal, NavigationFeedback
from patrol_host_ros.actions import ClientAdapter, Deliver
from patrol_host_ros.conversions.actions import ClientConversion, action_conversion_of
from patrol_host_ros.conversions.common import map_poses_to_ros

DRIVEN = (NAVIGATE_TO_POSE, FOLLOW_ROUTE)
"""What Nav2 does for us."""

SPEED_LIMIT_TOPIC = "speed_limit"
SPACING_M = 2.0
TURN_RAD = 0.5

CODES = {
    103: ErrorCode.NO_PATH,
    104: ErrorCode.BLOCKED,
    105: ErrorCode.STUCK,
    106: ErrorCode.BLOCKED,
    **{base + 2: ErrorCode.INPUT_STALE for base in (100, 200, 300)},
    **{base + 3: ErrorCode.NO_PATH for base in (200, 300)},
    **{base + 4: ErrorCode.GOAL_OUTSIDE for base in (200, 300)},
    **{base + 5: ErrorCode.START_OCCUPIED for base in (200, 300)},
    **{base + 6: ErrorCode.GOAL_OCCUPIED for base in (200, 300)},
    **{base + 7: ErrorCode.TIMEOUT for base in (200, 300)},
    **{base + 8: ErrorCode.NO_PATH for base in (200, 300)},
}
"""Nav2's codes that have a meaning here: FollowPath 100, ComputePathToPose 200,
ComputePathThroughPoses 300 (nav2_msgs of Jazzy). Those of recoveries and unknown ones mean that
nothing helped: STUCK."""


class Nav2Client(ClientAdapter):
    """The end that asks, where Nav2 is the end that works."""

    def __init__(self, node: Node, action: Action, deliver: Deliver) -> None:
        is_route = action is FOLLOW_ROUTE
        name = NAVIGATE_THROUGH_POSES.name if is_route else action.name
        conversion = _ROUTE if is_route else action_conversion_of(action)
        super().__init__(node, action, deliver, name, conversion)
        self._limit = node.create_publisher(SpeedLimit, SPEED_LIMIT_TOPIC, 10)

    def _request(self, goal: Any) -> Any:
        limit_mps = goal.speed_limit_mps if isinstance(goal, FollowRouteGoal) else 0.0
        self._limit.publish(SpeedLimit(speed_limit=limit_mps))
        return super()._request(goal)

    def _result(self, goal_id: str, response: Any) -> Result:
        if response.status != GoalStatus.STATUS_ABORTED:
            return super()._result(goal_id, response)
        told = response.result
        code = CODES.get(told.error_code, ErrorCode.STUCK)
        words = f"Nav2 gave up, code {told.error_code}: {told.error_msg or 'without a word'}"
        return Result.failure(code, words)


def thinned(poses: FloatArray) -> FloatArray:
    """Of poses (N, 3) those to plan between: one every 2 m, one at every turn, and the last."""
    kept, along_m, turned_rad = [], 0.0, 0.0
    for here, following in itertools.pairwise(poses):
        along_m += math.hypot(*(following - here)[:2])
        turned_rad += math.remainder(following[2] - here[2], math.tau)
        if along_m >= SPACING_M or abs(turned_rad) >= TURN_RAD:
            kept.append(following)
            along_m = turned_rad = 0.0
    if along_m or turned_rad or not kept:
        kept.append(poses[-1])
    return np.array(kept)


def route_goal_to_ros(goal: FollowRouteGoal) -> Any:
    return nav2.NavigateThroughPoses.Goal(poses=map_poses_to_ros(thinned(goal.poses)))


def route_feedback_from_ros(goal_id: str, feedback: Any) -> NavigationFeedback:
    """Nav2 does not say for how long it has been blocked."""
    message = f"Nav2 drives; recoveries: {feedback.number_of_recoveries}"
    return NavigationFeedback(goal_id, float(feedback.distance_remaining), 0.0, message)


_ROUTE = ClientConversion(nav2.NavigateThroughPoses, route_goal_to_ros, route_feedback_from_ros)
