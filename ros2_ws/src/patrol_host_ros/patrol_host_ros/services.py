"""Request and response rows of the table as a ROS service."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from patrol_core.actions import Service
from patrol_host_ros.conversions import interface_type
from patrol_host_ros.conversions.mirror import mirror_part


class ServiceAdapter:
    """The end that answers. `ask` hands a request to the components and ticks them once.

    The answer is what they say at that tick: rclpy sends what the callback returns, and a
    coroutine that waits for a later tick keeps `EventsExecutor` of rclpy 7.1 busy.
    """

    def __init__(self, node: Node, service: Service, ask: Callable[[Any], None]) -> None:
        self._node, self._name, self._ask = node, service.name, ask
        kind = interface_type(service.ros_type)
        self._from_ros, _ = mirror_part(service.request.value_type, kind.Request, "request_id")
        _, self._to_ros = mirror_part(service.response.value_type, kind.Response, "request_id")
        self._answers: dict[str, Any] = {}
        node.create_service(kind, service.name, self._answer)

    def put(self, _: Any, value: Any) -> None:
        """Take the answer of a component."""
        self._answers[value.request_id] = value

    def _answer(self, request: Any, response: Any) -> Any:
        request_id = uuid.uuid4().hex
        self._ask(self._from_ros(request_id, request))
        answer = self._answers.pop(request_id, None)
        self._answers.clear()
        if answer is None:
            self._node.get_logger().error(f"nobody answered a request of '{self._name}'")
            return response
        return self._to_ros(answer)
