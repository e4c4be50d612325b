"""A test's ear for what the process `base` says, and its way to drive it."""

from __future__ import annotations

from typing import Any

from patrol_core.topics import CMD_VEL, TOPICS, Topic
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.qos import qos_of


class BaseEar:
    """`newest` value of each row of the base, and how many there have been."""

    def __init__(self, node: Any) -> None:
        self._node = node
        self.newest: dict[str, Any] = {}
        self.count: dict[str, int] = {}
        for topic in TOPICS:
            if "base" in topic.writers:
                self._listen(topic)

    def advertise_commands(self) -> Any:
        """A publisher of `cmd_vel`."""
        kind = conversion_of(CMD_VEL).message_type
        return self._node.create_publisher(kind, CMD_VEL.name, qos_of(CMD_VEL))

    def _listen(self, topic: Topic[Any]) -> None:
        conversion = conversion_of(topic)

        def received(message: Any) -> None:
            self.newest[topic.name] = conversion.from_ros(message)
            self.count[topic.name] = self.count.get(topic.name, 0) + 1

        self._node.create_subscription(
            conversion.message_type, topic.name, received, qos_of(topic)
        )
