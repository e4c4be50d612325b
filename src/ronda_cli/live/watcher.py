"""Listens to a robot on ROS 2, and asks it for patrols."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import rclpy
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import ok, try_shutdown
from std_msgs.msg import String

from patrol_core.actions import PATROL
from patrol_core.topics import CLOCK_TOPIC, Topic
from patrol_core.types.mission import GoalResult, PatrolGoal
from patrol_host_ros.actions import ClientAdapter
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import ConversionError
from patrol_host_ros.qos import qos_of
from ronda_cli.live.state import SHOWN, LiveState

_POLL_S = 0.5
_DISCOVERY_S = 0.7
_FORGOTTEN_WITHIN_S = 6.0
"""When a process that was killed is no longer counted: the lease of the DDS profile, and some."""


class RobotWatcher:
    """One robot, as the terminal knows it. Everything happens inside `spin`, on its thread.

    `beside`: the watcher of another robot in the same process; either's `spin` serves both.
    """

    def __init__(self, namespace: str = "", beside: RobotWatcher | None = None) -> None:
        if not ok():  # several robots are watched in one process
            rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self._node: Any = Node("ronda_cli", namespace=namespace, enable_rosout=False)
        self.executor: Any = EventsExecutor() if beside is None else beside.executor
        self.executor.add_node(self._node)
        self.state = LiveState()
        self.result: GoalResult | None = None
        self.seen: set[str] = set()
        self._patrol = ClientAdapter(self._node, PATROL, self._ended)
        self._polled_s = 0.0

    def close(self) -> None:
        """Leave the graph."""
        self._node.destroy_node()
        try_shutdown()

    def spin(self, duration_s: float) -> None:
        """Take in what arrives for a while of wall time."""
        end_s = time.monotonic() + duration_s
        while (left_s := end_s - time.monotonic()) > 0.0:
            self.executor.spin_once(timeout_sec=left_s)
            if time.monotonic() - self._polled_s > _POLL_S:
                self._polled_s = time.monotonic()
                self._patrol.poll(self._polled_s)

    def clock_is_taken(self) -> bool:
        """Whether somebody publishes simulated time already; one that was killed is waited out."""
        self.spin(_DISCOVERY_S)
        end_s = time.monotonic() + _FORGOTTEN_WITHIN_S
        while taken := bool(self._node.count_publishers(CLOCK_TOPIC)):
            if time.monotonic() > end_s:
                break
            self.spin(_DISCOVERY_S)
        return taken

    def listen(self) -> None:
        """Keep `state` up to date from now on."""
        for topic in SHOWN:
            self.on(topic, partial(self._take, topic))

    def _take(self, topic: Topic[Any], value: Any) -> None:
        self.state.take(topic, value, time.monotonic())

    def on(self, topic: Topic[Any], take: Callable[[Any], None]) -> None:
        """Hand every value of a row to `take`; those that are no values are left out."""
        conversion = conversion_of(topic)

        def received(message: Any) -> None:
            try:
                value = conversion.from_ros(message)
            except ConversionError:
                return
            take(value)

        self._node.create_subscription(
            conversion.message_type, topic.name, received, qos_of(topic)
        )

    def also_spin(self, node: Any) -> None:
        """Let another node of this process take in its messages inside `spin`."""
        self.executor.add_node(node)

    def endpoints(self) -> dict[str, tuple[set[str], set[str]]]:
        """Who publishes and who subscribes to each topic of the graph, as full node names."""
        return {
            topic: (
                {_full_name(end) for end in self._node.get_publishers_info_by_topic(topic)},
                {_full_name(end) for end in self._node.get_subscriptions_info_by_topic(topic)},
            )
            for topic, _ in self._node.get_topic_names_and_types()
        }

    def on_text(self, topic: str, take: Callable[[str], None]) -> None:
        """Hand every text on a topic outside the table to `take`."""
        self._node.create_subscription(String, topic, lambda message: take(message.data), 1)

    def note_arrivals(self, topics: Iterable[Topic[Any]]) -> None:
        """Have `seen` name these rows once something has arrived on them."""
        for topic in topics:
            kind = conversion_of(topic).message_type

            def received(_: bytes, name: str = topic.name) -> None:
                self.seen.add(name)

            self._node.create_subscription(kind, topic.name, received, qos_of(topic), raw=True)

    def publisher(self, topic: Topic[Any]) -> Callable[[Any], None]:
        """What says values on a row that commands may write."""
        conversion = conversion_of(topic)
        publisher = self._node.create_publisher(conversion.message_type, topic.name, qos_of(topic))
        return lambda value: publisher.publish(conversion.to_ros(value))

    def start_patrol(self, route_id: str, laps: int) -> None:
        """Ask for a patrol; `result` is there once it has ended."""
        goal = PatrolGoal(uuid.uuid4().hex, route_id, laps)
        self._patrol.put(PATROL.goal, goal, time.monotonic())

    def _ended(self, _: Topic[Any], value: Any) -> None:
        if isinstance(value, GoalResult):
            self.result = value


def _full_name(endpoint: Any) -> str:
    return f"{endpoint.node_namespace.rstrip('/')}/{endpoint.node_name}"
