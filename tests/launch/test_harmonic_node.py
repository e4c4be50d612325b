"""The base's node in Gazebo Harmonic, with a Gazebo of a few lines: wheels that turn as they are
told, and the bridge's topics."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rclpy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, JointState, LaserScan
from std_msgs.msg import Float64, String
from tests.base_ear import BaseEar

from patrol_core.geometry import Pose2, Transform3
from patrol_core.robot import load_robot
from patrol_core.topics import (
    BUMPER,
    CAMERA_RAW,
    CLOCK_TOPIC,
    CMD_VEL,
    DIAGNOSTICS,
    ESTOP,
    ODOM,
    SCAN,
    TOPICS,
)
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.sensors import BatteryState
from patrol_core.wheel_odometry import WheelOdometry
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import stamp_to_ros
from patrol_host_ros.host import CLOCK_QOS
from patrol_sim.faults import FAULT_TOPIC
from patrol_sim.harmonic.listener import Touch
from patrol_sim.harmonic.scene import Spawn
from patrol_sim.scenario import load_scenario
from patrol_sim.truth import TRUTH_TOPIC, Contact, Truth, truth_from_json
from patrol_sim_ros.harmonic_node import HarmonicNode
from ronda_cli.environment.paths import ROOT

WAIT_S = 60.0
TICK_S = 0.02
SCENARIO = ROOT / "sim" / "scenarios" / "yard.yaml"
PARAMETERS = """\
/**:
  ros__parameters:
    site: {root}/sites/yard
    robot: {root}/urdf/config/rover.yaml
    run_folder: {folder}
    world: {root}/sim/worlds/yard.sdf
    urdf: {root}/urdf/urdf/rover.urdf.xacro
    scenario: {root}/sim/scenarios/yard.yaml
"""


class Gazebo:
    """Listener and commander of a world in which one robot drives over a plane."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.now_s: float | None = None
        self.model = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
        self.rates = {"left": 0.0, "right": 0.0}
        self.angles = [0.0, 0.0]
        self.way = WheelOdometry(self.model.wheels)
        self.start: Pose2 | None = None
        self.models: dict[str, Spawn] = {}
        self.moved: dict[str, Transform3] = {}
        self.pressed = ""
        self.charging = False
        for side in self.rates:
            node.create_subscription(Float64, f"gazebo/{side}_wheel", self._turner(side), 5)
        self.joints = node.create_publisher(JointState, "gazebo/joint_states", 5)
        self.scans = node.create_publisher(LaserScan, "gazebo/scan", 5)
        self.images = node.create_publisher(Image, "gazebo/camera/image", 5)

    def _turner(self, side: str) -> Callable[[Any], None]:
        def turn(message: Any) -> None:
            self.rates[side] = message.data

        return turn

    def advance(self) -> None:
        """One tick of this Gazebo's time."""
        self.now_s = (self.now_s or 0.0) + TICK_S
        stamp = stamp_to_ros(self.now_s)
        turned = [rate * TICK_S for rate in self.rates.values()]
        if self.start is not None:
            self.way.step(turned[0], turned[1], TICK_S)
            self.angles = [a + more for a, more in zip(self.angles, turned, strict=True)]
        names = ["left_wheel_joint", "right_wheel_joint"]
        joints = JointState(name=names, position=self.angles)
        joints.header.stamp = stamp
        self.joints.publish(joints)
        if round(self.now_s / TICK_S) % 5 == 0:
            scan = LaserScan(angle_increment=math.pi / 2.0, range_max=30.0, ranges=[2.0] * 4)
            scan.header.stamp = stamp
            self.scans.publish(scan)
            pixels = np.zeros((4, 6, 3), np.uint8)
            pixels[..., 0] = 200
            image = Image(height=4, width=6, encoding="rgb8", data=pixels.tobytes())
            image.header.stamp = stamp
            self.images.publish(image)

    def watch(self, key: str, namespace: str) -> None:
        assert (key, namespace) == ("robot", "")

    def pose(self, key: str) -> tuple[float, Transform3] | None:
        if self.start is None or self.now_s is None:
            return None
        here = self.start.compose(self.way.odometry(0.0).pose)
        return self.now_s, Transform3.from_pose2(here)

    def battery(self, key: str) -> BatteryState | None:
        return BatteryState(self.now_s or 0.0, 25.6, -1.8, 0.9, self.charging)

    def touches(self, key: str) -> list[Touch]:
        touch = Touch(self.now_s or 0.0, "front", self.pressed)
        return [touch, Touch(touch.stamp_s, "hull", "ground")] if self.pressed else []

    def charge(self, key: str, docked: bool) -> None:
        self.charging = docked

    def spawn(self, model: Spawn) -> None:
        self.models[model.name] = model
        if model.name == "robot":
            self.start = model.pose.pose2()

    def remove(self, model: str) -> None:
        raise AssertionError(f"nobody asked for '{model}' to be removed")

    def move(self, poses: Mapping[str, Transform3]) -> None:
        assert poses.keys() <= self.models.keys()
        self.moved.update(poses)

    def check(self) -> None:
        """Everything has been done."""

    def close(self) -> None:
        """Nothing to end."""


class Rig(BaseEar):
    """The node, its Gazebo, and a tester that hears and drives."""

    def __init__(self) -> None:
        self.tester: Any = rclpy.create_node("tester", use_global_arguments=False)
        self.gazebo = Gazebo(self.tester)
        made: Any = self.gazebo
        self.node = HarmonicNode(made, made)
        super().__init__(self.tester)
        self.truth: Truth | None = None
        self.clock_s = 0.0
        self.drives: tuple[float, float] | None = None
        self.tester.create_subscription(String, TRUTH_TOPIC, self._on_truth, 1)
        self.tester.create_subscription(Clock, CLOCK_TOPIC, self._on_clock, CLOCK_QOS)
        self._faults = self.tester.create_publisher(String, FAULT_TOPIC, 10)
        self._commands = self.advertise_commands()

    @property
    def contacts(self) -> tuple[Contact, ...]:
        return self.truth.contacts if self.truth else ()

    def _on_truth(self, message: String) -> None:
        self.truth = truth_from_json(message.data)

    def _on_clock(self, message: Clock) -> None:
        self.clock_s = message.clock.sec + message.clock.nanosec * 1e-9

    def fault(self, text: str) -> None:
        self._faults.publish(String(data=text))

    def until(self, holds: Callable[[], bool]) -> None:
        """Let time go on until something holds; fail where that takes far too long."""
        deadline_s = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < deadline_s, "it did not happen in time"
            self.gazebo.advance()
            if self.drives is not None and self.gazebo.now_s is not None:
                command = VelocityCommand(self.gazebo.now_s, *self.drives)
                self._commands.publish(conversion_of(CMD_VEL).to_ros(command))
            for node in (self.node, self.tester) * 10:
                rclpy.spin_once(node, timeout_sec=0.0)
            self.node.advance()

    def close(self) -> None:
        self.node.close()
        node: Any = self.node
        node.destroy_node()
        self.tester.destroy_node()


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Rig]:
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    monkeypatch.setenv("FASTRTPS_DEFAULT_PROFILES_FILE", profile)
    monkeypatch.setenv("FASTDDS_DEFAULT_PROFILES_FILE", profile)
    parameters = tmp_path / "params.yaml"
    parameters.write_text(PARAMETERS.format(root=ROOT, folder=tmp_path / "run"))
    rclpy.init(
        args=["--ros-args", "--params-file", str(parameters)], domain_id=os.getpid() % 90 + 10
    )
    made = Rig()
    yield made
    made.close()
    rclpy.shutdown()


def test_it_is_a_base_like_any_other(rig: Rig) -> None:
    """One robot comes, every row is said, it drives, is stopped, and the truth agrees."""
    rig.until(lambda: rig.truth is not None and rig.count.get(SCAN.name, 0) > 3)
    start = load_scenario(SCENARIO).starts[0].pose
    assert rig.gazebo.models["robot"].pose == Transform3.from_pose2(start)
    assert "gz-sim-joint-controller-system" in rig.gazebo.models["robot"].sdf
    silent = {"fix", "imu/data", "camera/depth/image_raw", "thermal/image_raw"}
    rig.until(lambda: {t.name for t in TOPICS if "base" in t.writers} - silent <= set(rig.count))
    assert rig.newest[CAMERA_RAW.name].encoding == "jpeg"
    assert rig.newest[DIAGNOSTICS.name].name == "base"
    assert rig.clock_s == pytest.approx(rig.gazebo.now_s or 0.0, abs=5 * TICK_S)

    rig.drives = (-0.3, 0.2)
    rig.until(lambda: rig.truth is not None and rig.truth.robots[0].distance_m > 0.5)
    assert rig.truth is not None
    robot, believed = rig.truth.robots[0], rig.newest[ODOM.name].pose
    assert start.compose(believed).distance_to(robot.pose) < 0.1
    assert robot.motors.zero_since_s == math.inf

    rig.gazebo.pressed = "shed"
    rig.until(lambda: rig.newest[BUMPER.name].side == "front" and rig.contacts != ())
    (contact,) = rig.contacts
    assert (contact.other, contact.by_robot, contact.person) == ("shed", True, False)
    rig.gazebo.pressed = ""
    rig.until(lambda: not rig.newest[BUMPER.name].pressed)

    second = rig.advertise_commands()
    rig.until(lambda: set(rig.gazebo.rates.values()) == {0.0})
    rig.tester.destroy_publisher(second)
    rig.until(lambda: rig.newest[ODOM.name].linear_mps < -0.2)
    rig.drives = None
    rig.until(lambda: set(rig.gazebo.rates.values()) == {0.0})


def test_people_walk_things_appear_and_faults_are_taken(rig: Rig) -> None:
    scenario = load_scenario(SCENARIO)
    rig.until(lambda: f"person_{scenario.pedestrians[0].name}_torso" in rig.gazebo.moved)
    rig.until(lambda: rig.truth is not None and bool(rig.truth.people))
    rig.fault('{"kind": "press", "duration_s": 1}')
    rig.until(lambda: bool(rig.newest[ESTOP.name].pressed))
    rig.fault('{"kind": "drop", "row": "scan", "duration_s": 999}')
    rig.fault("nonsense")
    rig.until(lambda: not rig.newest[ESTOP.name].pressed)
    count = rig.count[SCAN.name]
    before_s = rig.clock_s
    rig.until(lambda: rig.clock_s > before_s + 1.0)
    assert rig.count[SCAN.name] == count
