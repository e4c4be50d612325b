"""Counts messages and bytes on every topic of a graph, and who speaks and listens there."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from rclpy.node import Node
from rclpy.qos import QoSProfile, QoSReliabilityPolicy

from patrol_core.topics import CLOCK_TOPIC
from patrol_host_ros.host import CLOCK_QOS

_QUEUE = 500


@dataclass(slots=True)
class Count:
    """What one topic has carried since `start_s` of simulated time."""

    messages: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the graph has it. Names of processes; without those of the benchmark."""

    name: str
    ros_type: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    reliable: bool
    kept: bool


@dataclass(slots=True)
class Listener:
    """A node of its own; `spin` belongs to whoever owns the executor."""

    node: Any
    strangers: tuple[str, ...]
    counts: dict[str, Count] = field(default_factory=dict)
    now_s: float = 0.0
    subscriptions: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, strangers: Iterable[str]) -> Listener:
        """`strangers`: nodes that are no part of the system."""
        node = Node("wire_listener", enable_rosout=False, start_parameter_services=False)
        listener = cls(node, (*strangers, node.get_name()))
        clock = importlib.import_module("rosgraph_msgs.msg").Clock
        node.create_subscription(clock, CLOCK_TOPIC, listener._on_clock, CLOCK_QOS)
        return listener

    def topics(self) -> list[Topic]:
        """Every topic that the system writes."""
        found = []
        for name, (ros_type, *_) in self.node.get_topic_names_and_types():
            writers = self.node.get_publishers_info_by_topic(name)
            readers = self.node.get_subscriptions_info_by_topic(name)
            own = [end for end in writers if end.node_name not in self.strangers]
            if not own:
                continue
            qos = own[0].qos_profile
            found.append(
                Topic(
                    name, ros_type, tuple(sorted({end.node_name for end in own})),
                    tuple(sorted({end.node_name for end in readers} - set(self.strangers))),
                    qos.reliability is QoSReliabilityPolicy.RELIABLE,
                    qos.durability.name == "TRANSIENT_LOCAL",
                )
            )  # fmt: skip
        return sorted(found, key=lambda topic: topic.name)

    def listen(self, topics: Iterable[Topic]) -> None:
        """Count what these carry from now on; what is heard already goes on."""
        for topic in topics:
            if topic.name not in self.subscriptions:
                self.counts[topic.name] = Count()
                self.subscriptions[topic.name] = self._subscribe(topic)

    def reset(self) -> None:
        """Count from nothing."""
        for count in self.counts.values():
            count.messages = count.bytes = 0

    def close(self) -> None:
        self.node.destroy_node()

    def _subscribe(self, topic: Topic) -> Any:
        count = self.counts[topic.name]

        def received(data: bytes) -> None:
            count.messages += 1
            count.bytes += len(data)

        policy, make = QoSReliabilityPolicy, cast("Any", QoSProfile)  # rclpy has no types here
        reliability = policy.RELIABLE if topic.reliable else policy.BEST_EFFORT
        qos = make(depth=_QUEUE, reliability=reliability)
        return self.node.create_subscription(
            message_class(topic.ros_type), topic.name, received, qos, raw=True
        )

    def _on_clock(self, message: Any) -> None:
        self.now_s = message.clock.sec + message.clock.nanosec * 1e-9


def message_class(ros_type: str) -> Any:
    """The class of a type's name; of an action's feedback, too."""
    package, kind, name = ros_type.split("/")
    module = importlib.import_module(f"{package}.{kind}")
    if kind == "action":
        action, _, part = name.partition("_")
        return getattr(getattr(module, action).Impl, part)
    return getattr(module, name)
