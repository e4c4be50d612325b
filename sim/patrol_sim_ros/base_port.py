"""A simulated robot's rows under its namespace: what any simulator's base publishes and takes."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from rclpy.node import Node

from patrol_core.processes import BASE
from patrol_core.topics import CMD_VEL, TOPICS, Topic
from patrol_core.types.motion import VelocityCommand
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import ConversionError
from patrol_host_ros.publishers import PublisherCount
from patrol_host_ros.qos import qos_of
from patrol_host_ros.rows import advertised
from patrol_sim.base_controller import BaseController


class BasePort(ABC):
    """Publishes rows, and takes `cmd_vel` for a base. `clock`: simulated time [s]."""

    def __init__(
        self,
        node: Node,
        namespace: str,
        cmd_vel_type: str,
        controller: BaseController,
        clock: Callable[[], float],
    ) -> None:
        self.node, self.prefix = node, f"{namespace}/" if namespace else ""
        self._controller, self._clock = controller, clock
        self._speakers = PublisherCount()
        self._puts: dict[str, Callable[[Any], None]] = {}
        for topic in TOPICS:
            if BASE.name in topic.writers:
                self._puts[topic.name] = advertised(node, topic, self.prefix)
        conversion = conversion_of(replace(CMD_VEL, ros_type=f"geometry_msgs/msg/{cmd_vel_type}"))
        self._from_ros = conversion.from_ros
        node.create_subscription(
            conversion.message_type, self.prefix + CMD_VEL.name, self._on_command, qos_of(CMD_VEL)
        )

    @abstractmethod
    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """A command has arrived."""

    def count_publishers(self) -> None:
        """The base stops on a second publisher of `cmd_vel`."""
        name, command = self.prefix + CMD_VEL.name, self._controller.command
        endpoints = self.node.get_publishers_info_by_topic(name)
        count = self._speakers.update(endpoints, time.monotonic())
        if count > 1 >= command.publishers:
            self.node.get_logger().error(f"{count} publishers of '{name}': the base stops")
        command.publishers = count

    def publish(self, topic: Topic[Any], value: Any) -> None:
        self._puts[topic.name](value)

    def publish_all(self, outputs: Iterable[tuple[Topic[Any], Any]]) -> None:
        """Everything that the robot has said since the last call."""
        for topic, value in outputs:
            self.publish(topic, value)

    def _on_command(self, message: Any) -> None:
        now_s = self._clock()
        try:
            command: VelocityCommand = self._from_ros(message)
        except ConversionError as error:
            self.node.get_logger().warning(f"command refused: {error}", throttle_duration_sec=5.0)
            return
        if math.isnan(command.stamp_s):
            command = replace(command, stamp_s=now_s)
        self.apply(command, now_s)
