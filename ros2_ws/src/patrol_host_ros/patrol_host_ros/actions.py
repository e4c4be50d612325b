"""Goal, feedback, result and cancel rows of the table as ROS actions, at either end.

Single-threaded: everything here runs in the callbacks of one executor.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.action import ActionClient, ActionServer, CancelResponse, GoalResponse
from rclpy.node import Node

from patrol_core.actions import Action
from patrol_core.errors import RondaError
from patrol_core.result import ErrorCode, Result, Status
from patrol_core.topics import Topic
from patrol_core.types.mission import GoalCancel, GoalResult
from patrol_host_ros.conversions.actions import (
    ClientConversion,
    action_conversion_of,
    goal_id_from_ros,
    goal_id_to_ros,
    result_from_ros,
    result_to_ros,
)

Deliver = Callable[[Topic[Any], Any], None]

_ASK_EVERY_S = 2.0
_WAIT_FOR_SERVER_S = 10.0


class ServerAdapter:
    """The end that works: goals and cancels come in, feedback and results go out.

    rclpy's execute callback runs when the result is known, for a coroutine that waits for it keeps
    `EventsExecutor` of rclpy 7.1 busy. So a goal counts as accepted, not as executing, until then.
    """

    def __init__(self, node: Node, action: Action, deliver: Deliver) -> None:
        self._node, self._action, self._deliver = node, action, deliver
        self._conversion = action_conversion_of(action)
        self._open: dict[str, Any] = {}
        self._server = ActionServer(
            node,
            self._conversion.action_type,
            action.name,
            _refuse_to_wait,
            goal_callback=self._judge,
            handle_accepted_callback=self._accepted,
            cancel_callback=self._canceled,
        )

    def put(self, topic: Topic[Any], value: Any) -> None:
        """Send a feedback or result value of the component. Unknown goals are ended already."""
        if value.goal_id not in self._open:
            return
        if topic is self._action.feedback:
            feedback = self._conversion.feedback_to_ros(value)
            self._open[value.goal_id].publish_feedback(feedback)
            return

        def finish(handle: Any) -> Any:
            _end(handle, value.result)
            return result_to_ros(self._conversion.action_type, value.result)

        self._open.pop(value.goal_id).execute(finish)

    def _judge(self, request: Any) -> GoalResponse:
        try:
            self._conversion.goal_from_ros("", request)
        except RondaError as error:
            self._node.get_logger().warning(f"goal of {self._action.name} refused: {error}")
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _accepted(self, handle: Any) -> None:
        goal_id = goal_id_from_ros(handle.goal_id)
        self._open[goal_id] = handle
        self._deliver(self._action.goal, self._conversion.goal_from_ros(goal_id, handle.request))

    def _canceled(self, handle: Any) -> CancelResponse:
        self._deliver(self._action.cancel, GoalCancel(goal_id_from_ros(handle.goal_id)))
        return CancelResponse.ACCEPT


def _refuse_to_wait(_: Any) -> Any:
    raise AssertionError("every goal is executed with its own callback")


def _end(handle: Any, result: Result) -> None:
    if result.status is Status.SUCCEEDED:
        handle.succeed()
    elif result.status is Status.CANCELED and handle.is_cancel_requested:
        handle.canceled()
    else:
        handle.abort()


@dataclass(slots=True)
class _Sent:
    """A goal on its way. `handle` is there once the server has accepted it.

    `is_alive`: there was feedback since the last look. `asked_s`: when the server was last heard
    of, or asked for the result.
    """

    goal: Any
    asked_s: float
    handle: Any = None
    is_sent: bool = False
    is_canceled: bool = False
    is_alive: bool = False


class ClientAdapter:
    """The end that asks: goals and cancels go out, feedback and results come in.

    A goal waits up to 10 s for its server. A server that has been restarted and no longer knows a
    goal ends it as aborted, so that nobody waits for ever. `name`, `conversion`: of the action on
    the wire, where they are others than the table's.
    """

    def __init__(
        self, node: Node, action: Action, deliver: Deliver, name: str = "",
        conversion: ClientConversion | None = None,
    ) -> None:  # fmt: skip
        self._action, self._deliver, self._name = action, deliver, name or action.name
        self._conversion = conversion or action_conversion_of(action)
        self._client = ActionClient(node, self._conversion.action_type, self._name)
        self._sent: dict[str, _Sent] = {}

    def put(self, topic: Topic[Any], value: Any, steady_s: float) -> None:
        """Send a goal or a cancel. A goal that is on its way is not sent twice."""
        if topic is self._action.goal:
            if value.goal_id not in self._sent:
                self._sent[value.goal_id] = _Sent(value, steady_s)
                self.poll(steady_s)
        elif value.goal_id in self._sent:
            sent = self._sent[value.goal_id]
            sent.is_canceled = True
            if not sent.is_sent:
                self._finish(value.goal_id, Result.canceled())
            elif sent.handle is not None:
                sent.handle.cancel_goal_async()

    def poll(self, steady_s: float) -> None:
        """Send what waits for its server; ask again for the results of those that went silent."""
        for goal_id, sent in list(self._sent.items()):
            if not sent.is_sent:
                self._try_to_send(goal_id, sent, steady_s)
            elif sent.is_alive:
                sent.is_alive, sent.asked_s = False, steady_s
            elif sent.handle is not None and steady_s - sent.asked_s > _ASK_EVERY_S:
                sent.asked_s = steady_s
                self._ask_for_result(goal_id, sent)

    def _try_to_send(self, goal_id: str, sent: _Sent, steady_s: float) -> None:
        if self._client.server_is_ready():
            sent.is_sent = True
            request = self._request(sent.goal)
            future = self._client.send_goal_async(
                request,
                feedback_callback=lambda message: self._feedback(goal_id, message),
                goal_uuid=_uuid_of(goal_id),
            )
            future.add_done_callback(lambda done: self._answered(goal_id, done.result()))
        elif steady_s - sent.asked_s > _WAIT_FOR_SERVER_S:
            message = f"nobody serves {self._name}"
            self._finish(goal_id, Result.failure(ErrorCode.TIMEOUT, message))

    def _request(self, goal: Any) -> Any:
        """The goal as it is sent, now."""
        return self._conversion.goal_to_ros(goal)

    def _result(self, goal_id: str, response: Any) -> Result:
        """The end as the server tells it."""
        return result_from_ros(goal_id, response.status, response.result).result

    def _answered(self, goal_id: str, handle: Any) -> None:
        sent = self._sent.get(goal_id)
        if sent is None:
            return
        if not handle.accepted:
            message = f"{self._name} refused the goal"
            self._finish(goal_id, Result.failure(ErrorCode.INVALID_GOAL, message))
            return
        sent.handle = handle
        self._ask_for_result(goal_id, sent)
        if sent.is_canceled:
            handle.cancel_goal_async()

    def _ask_for_result(self, goal_id: str, sent: _Sent) -> None:
        future = sent.handle.get_result_async()
        future.add_done_callback(lambda done: self._ended(goal_id, done.result()))

    def _ended(self, goal_id: str, response: Any) -> None:
        if response.status == GoalStatus.STATUS_UNKNOWN:
            message = f"{self._name} was restarted and no longer knows the goal"
            self._finish(goal_id, Result.failure(ErrorCode.SERVER_RESTARTED, message))
        else:
            self._finish(goal_id, self._result(goal_id, response))

    def _finish(self, goal_id: str, result: Result) -> None:
        if self._sent.pop(goal_id, None) is not None:
            self._deliver(self._action.result, GoalResult(goal_id, result))

    def _feedback(self, goal_id: str, message: Any) -> None:
        if goal_id in self._sent:
            self._sent[goal_id].is_alive = True
            value = self._conversion.feedback_from_ros(goal_id, message.feedback)
            self._deliver(self._action.feedback, value)


def _uuid_of(goal_id: str) -> Any:
    """The goal's id on the wire; ids that are no UUID are hashed to one."""
    try:
        return goal_id_to_ros(goal_id)
    except ValueError:
        return goal_id_to_ros(uuid.uuid5(uuid.NAMESPACE_OID, goal_id).hex)
