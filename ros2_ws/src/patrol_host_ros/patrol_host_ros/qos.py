"""Quality of service of the rows of the topic table."""

from __future__ import annotations

from typing import Any

from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy

from patrol_core.topics import Qos, Topic, TopicKind

_STATE_DEPTH = 5


def qos_of(topic: Topic[Any]) -> QoSProfile:
    """What a reader asks for. Events keep as many as the row allows, states the newest few."""
    reliability = QoSReliabilityPolicy.RELIABLE
    if topic.qos is Qos.SENSOR:
        reliability = QoSReliabilityPolicy.BEST_EFFORT
    durability = QoSDurabilityPolicy.VOLATILE
    if topic.latched:
        durability = QoSDurabilityPolicy.TRANSIENT_LOCAL
    depth = 1 if topic.latched else _STATE_DEPTH
    return QoSProfile(
        depth=topic.queue if topic.kind is TopicKind.EVENT else depth,
        reliability=reliability,
        durability=durability,
    )
