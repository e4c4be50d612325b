"""Rows of the topic table as publishers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy
from rclpy.serialization import deserialize_message

from patrol_core.tick_log import TickLog
from patrol_core.topics import Qos, Topic
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.qos import qos_of
from patrol_host_ros.wire import RosWire, is_exact

_WIRE = RosWire()


def advertised(
    node: Node,
    topic: Topic[Any],
    prefix: str = "",
    on_sent: Callable[[Any], None] | None = None,
    log: TickLog | None = None,
) -> Callable[[Any], None]:
    """What publishes a value of the row, while somebody listens; of a latched one, always.
    `on_sent` is told every message before it leaves, `log` its bytes; of our own messages, whose
    bytes are exact, also where nobody listens.
    """
    conversion = conversion_of(topic)
    qos = qos_of(topic)
    if topic.qos is Qos.OFFERED:
        qos.durability = QoSDurabilityPolicy.TRANSIENT_LOCAL
    publisher = node.create_publisher(conversion.message_type, prefix + topic.name, qos)

    def put(value: Any) -> None:
        is_heard = topic.latched or publisher.get_subscription_count()
        data = None
        if log is not None and (is_heard or is_exact(topic)):
            data = _WIRE.encode(topic, value)
            log.sent(data)
        if is_heard:
            message = conversion.to_ros(value)
            if on_sent is not None:
                on_sent(message)
            publisher.publish(message if data is None else data)

    return put


def subscribe(
    node: Node, topic: Topic[Any], received: Callable[..., None], *, is_logged: bool
) -> None:
    """Hear a row. Where ticks are logged, `received` gets the message's bytes, too: what tells it
    from all others in a bag (`EventsExecutor` of rclpy 7.1 fails where sequence numbers are asked
    for).
    """
    kind = conversion_of(topic).message_type
    if not is_logged:
        node.create_subscription(kind, topic.name, received, qos_of(topic))
        return

    def unpack(data: bytes) -> None:
        received(deserialize_message(data, kind), data)

    node.create_subscription(kind, topic.name, unpack, qos_of(topic), raw=True)
