"""Rows of the topic table as publishers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy

from patrol_core.topics import Qos, Topic
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.qos import qos_of


def advertised(
    node: Node,
    topic: Topic[Any],
    prefix: str = "",
    on_sent: Callable[[Any], None] | None = None,
) -> Callable[[Any], None]:
    """What publishes a value of the row, while somebody listens; of a latched one, always.
    `on_sent` is told every message before it leaves.
    """
    conversion = conversion_of(topic)
    qos = qos_of(topic)
    if topic.qos is Qos.OFFERED:
        qos.durability = QoSDurabilityPolicy.TRANSIENT_LOCAL
    publisher = node.create_publisher(conversion.message_type, prefix + topic.name, qos)

    def put(value: Any) -> None:
        if topic.latched or publisher.get_subscription_count():
            message = conversion.to_ros(value)
            if on_sent is not None:
                on_sent(message)
            publisher.publish(message)

    return put
