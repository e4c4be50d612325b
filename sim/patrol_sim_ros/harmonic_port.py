"""One robot in Gazebo, towards ROS: what the bridge carries, and the rows of the topic table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float64

from patrol_core.topics import CAMERA_RAW, SCAN
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.sensors import CompressedImage, LaserScan
from patrol_core.wheel_odometry import WHEEL_NAMES
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import ConversionError, stamp_from_ros
from patrol_sim.harmonic import bridge
from patrol_sim.harmonic.robot import GazeboBase
from patrol_sim.pinhole import OPTICAL_FRAME
from patrol_sim_ros.base_port import BasePort

_RELIABLE = QoSProfile(depth=5)
_RELAYED = (bridge.SCAN, bridge.IMU, bridge.FIX)


class HarmonicPort(BasePort):
    """Hears the bridge for a base, and publishes what the base says.

    `clock`: simulated time [s]; `on_scan` gets every scan, for the witness.
    """

    def __init__(
        self,
        node: Node,
        base: GazeboBase,
        namespace: str,
        clock: Callable[[], float],
        on_scan: Callable[[LaserScan], None],
        cmd_vel_type: str,
        jpeg_quality: int,
        camera: bool,
    ) -> None:
        super().__init__(node, namespace, cmd_vel_type, base.controller, clock)
        self.base, self._on_scan = base, on_scan
        self._jpeg = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality]
        for bridged in (*_RELAYED, *((bridge.DEPTH,) if camera else ())):
            self._relay(bridged)
        if camera:
            self._hear(bridge.IMAGE, Image, self._on_image)
        self._hear(bridge.JOINTS, JointState, self._on_joints)
        self._wheels = [
            node.create_publisher(Float64, self.prefix + wheel.topic, _RELIABLE)
            for wheel in (bridge.LEFT_WHEEL, bridge.RIGHT_WHEEL)
        ]

    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """See BasePort."""
        self.base.apply(command, now_s)

    def _hear(self, bridged: bridge.Bridged, kind: Any, received: Callable[[Any], None]) -> None:
        self.node.create_subscription(kind, self.prefix + bridged.topic, received, _RELIABLE)

    def _relay(self, bridged: bridge.Bridged) -> None:
        """What Gazebo measures as a value of its row."""
        row = bridged.row
        assert row is not None
        conversion = conversion_of(row)

        def received(message: Any) -> None:
            try:
                value = conversion.from_ros(message)
            except ConversionError as error:
                self._warn(str(error))
                return
            if row is SCAN:
                self._on_scan(value)
            self.base.measured(row, value)

        self._hear(bridged, conversion.message_type, received)

    def _on_image(self, message: Any) -> None:
        if message.encoding != "rgb8" or len(message.data) != message.height * message.width * 3:
            self._warn(
                f"a picture of {len(message.data)} bytes in {message.encoding}, not in rgb8"
            )
            return
        pixels = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)
        _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), self._jpeg)
        stamp_s = stamp_from_ros(message.header.stamp)
        self.base.measured(
            CAMERA_RAW, CompressedImage(stamp_s, OPTICAL_FRAME, "jpeg", data.tobytes())
        )

    def _on_joints(self, message: Any) -> None:
        angles = dict(zip(message.name, message.position, strict=False))
        if not set(WHEEL_NAMES) <= set(angles):
            self._warn(f"wheels called {', '.join(message.name)}, not {', '.join(WHEEL_NAMES)}")
            return
        left, right = (angles[name] for name in WHEEL_NAMES)
        self.base.turned(stamp_from_ros(message.header.stamp), left, right)

    def _warn(self, words: str) -> None:
        self.node.get_logger().warning(words, throttle_duration_sec=5.0)

    def turn(self, rates_radps: tuple[float, float]) -> None:
        """Tell the left and the right wheel how fast to turn."""
        for wheel, rate in zip(self._wheels, rates_radps, strict=True):
            wheel.publish(Float64(data=rate))

    def publish_outputs(self) -> None:
        """What the base has said."""
        self.publish_all(self.base.outputs())
