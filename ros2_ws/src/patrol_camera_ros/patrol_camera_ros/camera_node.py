"""The camera process: beside the base, with rows that the table grants the base.

It is a process of its own, for a camera that hangs must not keep the motors waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from patrol_core.errors import ConfigError
from patrol_core.robot import load_robot
from patrol_core.topics import CAMERA_INFO, CAMERA_RAW, DIAGNOSTICS
from patrol_drivers.camera.camera import HEALTH_NAME, Camera
from patrol_drivers.camera.params import CameraParams
from patrol_drivers.camera.source import VideoSource
from patrol_host_ros.parameters import read_parameters
from patrol_host_ros.rows import advertised
from patrol_host_ros.spinning import leave, run_node, withdraw

WRITES = (CAMERA_RAW, CAMERA_INFO, DIAGNOSTICS)
POLL_HZ = 100.0
"""Faster than any camera that is meant: a frame is taken as soon as it is there."""


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
            self._puts[topic.name] = advertised(self, topic)
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
    """Run until told to stop, then exit with the status of `run_node`."""
    leave(run_node(HEALTH_NAME, CameraNode))


if __name__ == "__main__":
    main()
