"""Goals, feedback and results in the types of Nav2 (nav2_msgs, Jazzy)."""

from __future__ import annotations

from typing import Any

from builtin_interfaces.msg import Duration
from nav2_msgs import action

from patrol_core.types.mission import (
    FollowWaypointsGoal,
    NavigateFeedback,
    NavigateGoal,
    NavigateThroughFeedback,
    NavigateThroughGoal,
    WaypointFeedback,
)
from patrol_host_ros.conversions.common import (
    ConversionError,
    map_pose_from_ros,
    map_pose_to_ros,
    map_poses_from_ros,
    map_poses_to_ros,
    stamp_from_ros,
    stamp_to_ros,
)


def to_pose_goal_from_ros(goal_id: str, goal: Any) -> NavigateGoal:
    _check_tree(goal)
    return NavigateGoal(goal_id, map_pose_from_ros(goal.pose))


def to_pose_goal_to_ros(goal: NavigateGoal) -> Any:
    return action.NavigateToPose.Goal(pose=map_pose_to_ros(goal.pose))


def to_pose_feedback_from_ros(goal_id: str, feedback: Any) -> NavigateFeedback:
    return NavigateFeedback(goal_id, *_progress_from_ros(feedback))


def to_pose_feedback_to_ros(feedback: NavigateFeedback) -> Any:
    return action.NavigateToPose.Feedback(**_progress_to_ros(feedback))


def through_poses_goal_from_ros(goal_id: str, goal: Any) -> NavigateThroughGoal:
    _check_tree(goal)
    return NavigateThroughGoal(goal_id, map_poses_from_ros(goal.poses))


def through_poses_goal_to_ros(goal: NavigateThroughGoal) -> Any:
    return action.NavigateThroughPoses.Goal(poses=map_poses_to_ros(goal.poses))


def through_poses_feedback_from_ros(goal_id: str, feedback: Any) -> NavigateThroughFeedback:
    remaining = int(feedback.number_of_poses_remaining)
    return NavigateThroughFeedback(goal_id, *_progress_from_ros(feedback), remaining)


def through_poses_feedback_to_ros(feedback: NavigateThroughFeedback) -> Any:
    return action.NavigateThroughPoses.Feedback(
        **_progress_to_ros(feedback), number_of_poses_remaining=feedback.poses_remaining
    )


def waypoints_goal_from_ros(goal_id: str, goal: Any) -> FollowWaypointsGoal:
    poses = map_poses_from_ros(goal.poses)
    return FollowWaypointsGoal(goal_id, poses, int(goal.number_of_loops), int(goal.goal_index))


def waypoints_goal_to_ros(goal: FollowWaypointsGoal) -> Any:
    return action.FollowWaypoints.Goal(
        poses=map_poses_to_ros(goal.poses), number_of_loops=goal.loops, goal_index=goal.first
    )


def waypoints_feedback_from_ros(goal_id: str, feedback: Any) -> WaypointFeedback:
    return WaypointFeedback(goal_id, int(feedback.current_waypoint))


def waypoints_feedback_to_ros(feedback: WaypointFeedback) -> Any:
    return action.FollowWaypoints.Feedback(current_waypoint=feedback.waypoint)


def _check_tree(goal: Any) -> None:
    """Raises ConversionError for a goal that names a behaviour tree: nobody here would read it."""
    if goal.behavior_tree:
        raise ConversionError(
            f"the goal names a behaviour tree, '{goal.behavior_tree}'",
            expected="none: Ronda's navigator has no trees; start it with navigator:=nav2",
        )


def _progress_from_ros(feedback: Any) -> tuple[Any, ...]:
    return (
        map_pose_from_ros(feedback.current_pose),
        float(feedback.distance_remaining),
        stamp_from_ros(feedback.navigation_time),
        stamp_from_ros(feedback.estimated_time_remaining),
    )


def _progress_to_ros(feedback: NavigateFeedback) -> dict[str, Any]:
    return {
        "current_pose": map_pose_to_ros(feedback.pose),
        "distance_remaining": feedback.distance_remaining_m,
        "navigation_time": _duration_to_ros(feedback.navigation_time_s),
        "estimated_time_remaining": _duration_to_ros(feedback.time_remaining_s),
    }


def _duration_to_ros(duration_s: float) -> Duration:
    time = stamp_to_ros(duration_s)
    return Duration(sec=time.sec, nanosec=time.nanosec)


CONVERSIONS = {
    "nav2_msgs/action/NavigateToPose": (
        (to_pose_goal_from_ros, to_pose_goal_to_ros),
        (to_pose_feedback_from_ros, to_pose_feedback_to_ros),
    ),
    "nav2_msgs/action/NavigateThroughPoses": (
        (through_poses_goal_from_ros, through_poses_goal_to_ros),
        (through_poses_feedback_from_ros, through_poses_feedback_to_ros),
    ),
    "nav2_msgs/action/FollowWaypoints": (
        (waypoints_goal_from_ros, waypoints_goal_to_ros),
        (waypoints_feedback_from_ros, waypoints_feedback_to_ros),
    ),
}
"""The pairs of goal and feedback, by the action's type."""
