"""Goals, feedback and results of actions. A goal's id is the hex of the action's UUID."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from action_msgs.msg import GoalStatus
from unique_identifier_msgs.msg import UUID

from patrol_core.actions import Action
from patrol_core.result import ErrorCode, Result, Status
from patrol_core.types.mission import GoalResult
from patrol_host_ros.conversions import interface_type
from patrol_host_ros.conversions.mirror import mirror_part

_STATUS_FROM_ROS = {
    GoalStatus.STATUS_SUCCEEDED: Status.SUCCEEDED,
    GoalStatus.STATUS_CANCELED: Status.CANCELED,
    GoalStatus.STATUS_ABORTED: Status.ABORTED,
}


@dataclass(frozen=True, slots=True)
class ClientConversion:
    """What the end that asks has to know; `*_from_ros` take the goal's id first."""

    action_type: Any
    goal_to_ros: Callable[[Any], Any]
    feedback_from_ros: Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class ActionConversion(ClientConversion):
    """How the goals and feedback of one action travel, at either end."""

    goal_from_ros: Callable[[str, Any], Any]
    feedback_to_ros: Callable[[Any], Any]


def action_conversion_of(action: Action) -> ActionConversion:
    """The conversion of one action. Raises TypeError when message and value differ."""
    action_type = interface_type(action.ros_type)
    if action.ros_type.startswith("nav2_msgs/"):
        from patrol_host_ros.conversions import nav2

        goal, feedback = nav2.CONVERSIONS[action.ros_type]
    else:
        goal = mirror_part(action.goal.value_type, action_type.Goal, "goal_id")
        feedback = mirror_part(action.feedback.value_type, action_type.Feedback, "goal_id")
    (goal_from_ros, goal_to_ros), (feedback_from_ros, feedback_to_ros) = goal, feedback
    return ActionConversion(
        action_type, goal_to_ros, feedback_from_ros, goal_from_ros, feedback_to_ros
    )


def goal_id_from_ros(uuid: UUID) -> str:
    return bytes(uuid.uuid).hex()


def goal_id_to_ros(goal_id: str) -> UUID:
    """Raises ValueError unless `goal_id` is 32 hexadecimal digits."""
    return UUID(uuid=list(bytes.fromhex(goal_id)))


def result_from_ros(goal_id: str, status: int, message: Any) -> GoalResult:
    """`status` is one of GoalStatus; a code that is not in the list counts as internal."""
    known = message.error_code in ErrorCode.__members__.values()
    code = ErrorCode(message.error_code) if known else ErrorCode.INTERNAL
    ended = _STATUS_FROM_ROS.get(status, Status.ABORTED)
    return GoalResult(goal_id, Result(ended, code, message.error_msg))


def result_to_ros(action_type: Any, result: Result) -> Any:
    return action_type.Result(error_code=int(result.code), error_msg=result.message)
