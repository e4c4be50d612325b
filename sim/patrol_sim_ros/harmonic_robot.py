"""One robot in Gazebo: its base, what ROS has of it, and what really happens to it."""

from __future__ import annotations

from collections.abc import Sequence

from rclpy.node import Node

from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.types.sensors import LaserScan
from patrol_sim.harmonic.listener import PARTS, Listener
from patrol_sim.harmonic.robot import GazeboBase
from patrol_sim.harmonic.scene import Scene
from patrol_sim.harmonic.witness import Motors, Witness
from patrol_sim_ros.harmonic_params import HarmonicNodeParams
from patrol_sim_ros.harmonic_port import HarmonicPort

PRESSED_FOR_S = 0.1
"""Gazebo tells every touch; a strip is pressed until none has been told for so long."""


class HarmonicRobot:
    """One robot: its base, its port, its witness."""

    def __init__(
        self,
        node: Node,
        listener: Listener,
        namespace: str,
        context: ProcessContext,
        params: HarmonicNodeParams,
    ) -> None:
        self.namespace = namespace
        self.key = namespace or "robot"
        self._listener = listener
        sim = params.sim
        docks = [dock.pose for dock in context.site.docks]
        self.base = GazeboBase(self.key, context.robot, sim, context.seed)
        self.witness = Witness(self.key, context.robot, docks, sim.battery)
        self._people: Sequence[Pose2] = ()
        self._pressed_s: dict[str, float] = {}
        self.port = HarmonicPort(
            node, self.base, namespace, lambda: listener.now_s or 0.0, self._on_scan,
            params.cmd_vel_type, sim.camera.jpeg_quality, params.camera,
        )  # fmt: skip
        listener.watch(self.key, namespace)

    @property
    def motors(self) -> Motors:
        firmware = self.base.controller
        return Motors(firmware.moving, firmware.motion_stamp_s, firmware.zero_since_s)

    def look(self) -> None:
        """Where the robot is, and how its battery does."""
        seen = self._listener.pose(self.key)
        if seen is not None:
            stamp_s, pose = seen
            self.witness.see(pose, stamp_s)
            self._listener.charge(self.key, self.witness.docked)
        battery = self._listener.battery(self.key)
        if battery is not None:
            self.base.charged(battery)

    def feel(self, scene: Scene, now_s: float) -> set[str]:
        """What has been touched since the last tick; the people among it."""
        people = set()
        for touch in self._listener.touches(self.key):
            owner = scene.owner(touch.model)
            self.witness.touched(owner, touch.stamp_s)
            if not owner.ground:
                self._pressed_s[touch.part] = touch.stamp_s
            if owner.person:
                people.add(owner.name)
        strips = [part for part in PARTS[:2] if part in self._pressed_s]
        still = [part for part in strips if now_s - self._pressed_s[part] <= PRESSED_FOR_S]
        self.base.felt(still[0] if still else "")
        return people

    def see_people(self, now_s: float, people: Sequence[Pose2]) -> None:
        """Where people are now, for how near the robot comes."""
        self._people = people
        self.witness.step(now_s, self.motors, people)

    def _on_scan(self, scan: LaserScan) -> None:
        if self.witness.is_seen:
            self.witness.scanned(scan, self._people)
