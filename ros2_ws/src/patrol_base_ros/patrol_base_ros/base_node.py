"""The base process on a robot, by hand: a steady 50 Hz around one serial port.

It owns the motor controller. When it dies, or the cable is pulled, the controller's own watchdog
stops the motors; when the gate's stream stops, the base does.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from patrol_base_ros.params import BaseNodeParams
from patrol_core.processes import BASE
from patrol_core.topics import (
    BATTERY_STATE,
    CMD_VEL,
    DIAGNOSTICS,
    ESTOP,
    JOINT_STATES,
    ODOM,
    TF,
    TF_STATIC,
)
from patrol_drivers.base.base import Base
from patrol_drivers.base.setup import load_motors
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import ConversionError
from patrol_host_ros.health import HealthMeter
from patrol_host_ros.parameters import make_context, read_parameters
from patrol_host_ros.publishers import PublisherCount
from patrol_host_ros.qos import qos_of
from patrol_host_ros.rows import advertised
from patrol_host_ros.spinning import leave, run_node, withdraw

WRITES = (ODOM, TF, TF_STATIC, JOINT_STATES, BATTERY_STATE, ESTOP, DIAGNOSTICS)
PUBLISHERS_EVERY_TICKS = 10


class BaseNode(Node):  # type: ignore[misc]
    """Takes `cmd_vel`, ticks the base, publishes what it says."""

    def __init__(self) -> None:
        super().__init__(
            BASE.name, enable_rosout=False, automatically_declare_parameters_from_overrides=True
        )
        settings, params = read_parameters(self, BaseNodeParams)
        context = make_context(settings)
        motors = load_motors(Path(settings.robot), context.robot, params.port)
        self._base = Base(context.robot, motors.base, motors.make_driver(time.monotonic))
        self._puts: dict[str, Callable[[Any], None]] = {}
        for topic in WRITES:
            self._puts[topic.name] = advertised(self, topic)
        command = conversion_of(
            replace(CMD_VEL, ros_type=f"geometry_msgs/msg/{params.cmd_vel_type}")
        )
        self._from_ros = command.from_ros
        self.create_subscription(
            command.message_type, CMD_VEL.name, self._on_command, qos_of(CMD_VEL)
        )
        self._speakers = PublisherCount()
        self._meter = HealthMeter(BASE.name, BASE.rate_hz)
        self._ticks = 0
        problem = self._base.start()
        if problem:
            self.get_logger().warning(f"{motors.base.controller} on {motors.port}: {problem}")
        else:
            self.get_logger().info(f"{motors.base.controller} on {motors.port} answers")
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0 / BASE.rate_hz, self._tick, clock=steady)

    def _on_command(self, message: Any) -> None:
        try:
            command = self._from_ros(message)
        except ConversionError as error:
            self.get_logger().warning(f"command refused: {error}")
            return
        if math.isnan(command.stamp_s):
            command = replace(command, stamp_s=time.time())
        self._base.command.receive(command, time.monotonic())

    def _tick(self) -> None:
        started_s = time.perf_counter()
        if self._ticks % PUBLISHERS_EVERY_TICKS == 0:
            self._count_publishers()
        self._ticks += 1
        now_s = time.time()
        for topic, value in self._base.cycle(now_s, time.monotonic()):
            self._puts[topic.name](value)
        health = self._meter.tick(time.perf_counter() - started_s, now_s)
        if health is not None:
            self._puts[DIAGNOSTICS.name](health)

    def _count_publishers(self) -> None:
        """The base stops on a second publisher of `cmd_vel`."""
        endpoints = self.get_publishers_info_by_topic(CMD_VEL.name)
        count = self._speakers.update(endpoints, time.monotonic())
        if count > 1 >= self._base.command.publishers:
            self.get_logger().error(f"{count} publishers of '{CMD_VEL.name}': the base stops")
        self._base.command.publishers = count

    def close(self) -> None:
        """Stop the motors, and fall silent."""
        self._base.close()
        withdraw(self)


def main() -> None:
    """Run until told to stop, then exit with the status of `run_node`."""
    leave(run_node(BASE.name, BaseNode))


if __name__ == "__main__":
    main()
