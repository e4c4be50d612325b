"""The camera process: beside the base, with rows that the table grants the base.

It is a process of its own, for a camera that hangs must not keep the motors waiting.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from patrol_core.errors import ConfigError, RondaError
from patrol_core.robot import load_robot
from patrol_core.topics import CAMERA_INFO, CAMERA_RAW, DIAGNOSTICS
from patrol_drivers.camera.camera import HEALTH_NAME, Camera
from patrol_drivers.camera.params import CameraParams
from patrol_drivers.camera.source import VideoSource
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.parameters import read_parameters
from patrol_host_ros.qos import qos_of
from patrol_host_ros.spinning import init, leave, spin, withdraw

WRITES = (CAMERA_RAW, CAMERA_INFO, DIAGNOSTICS)
POLL_HZ = 100.0
"""Faster than any camera that is meant: a frame is taken as soon as it is there."""

REFUSED = 1
FAILED = 70


class CameraNode(Node):  # type: ignore[misc]
    """Ticks the camera, publishes what it says."""

    def __init__(self) -> None:
        super().__init__(
            HEALTH_NAME, enable_rosout=False, automatically_declare_parameters_from_overrides=True
        )
        settings, params = read_parameters(self, CameraParams)
        if not settings.robot:
            raise ConfigError("parameter 'robot' is not set", remedy="pass it in the launch file")
        camera = load_robot(Path(settings.robot)).camera
        size = (params.width_px or camera.width_px, params.height_px or camera.height_px)
        source = VideoSource(params.device, *size)
        self._camera = Camera(camera, params, source, time.time, time.monotonic)
        self._puts: dict[str, Callable[[Any], None]] = {}
        for topic in WRITES:
            conversion = conversion_of(topic)
            publisher = self.create_publisher(conversion.message_type, topic.name, qos_of(topic))
            self._puts[topic.name] = lambda value, put=publisher.publish, to=conversion.to_ros: (
                put(to(value))
            )
        self._said = ""
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0 / POLL_HZ, self._tick, clock=steady)

    def _tick(self) -> None:
        for topic, value in self._camera.step():
            self._puts[topic.name](value)
            if topic is DIAGNOSTICS and value.message != self._said:
                self._said = value.message
                self.get_logger().info(self._said)

    def close(self) -> None:
        """Let go of the device, and fall silent."""
        self._camera.close()
        withdraw(self)


def main() -> None:
    """Run until told to stop. Exit status 1: it cannot start with what it was given."""
    leave(run())


def run() -> int:
    """`main` without leaving the interpreter; returns the exit status."""
    init()
    try:
        node = CameraNode()
    except RondaError as error:
        sys.stderr.write(f"{HEALTH_NAME}: {error}\n")
        rclpy.try_shutdown()
        return REFUSED
    try:
        spin(node)
    except Exception:  # noqa: BLE001 - the launcher starts it anew
        traceback.print_exc()
        return FAILED
    finally:
        node.close()
        rclpy.try_shutdown()
    return 0


if __name__ == "__main__":
    main()
