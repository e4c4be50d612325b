"""The simulator's node alone: its topics, the motors' last defence, faults, a clean end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String
from tests.base_ear import BaseEar

from patrol_core.topics import CLOCK_TOPIC, CMD_VEL, ODOM, SCAN, TOPICS
from patrol_core.types.motion import VelocityCommand
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.host import CLOCK_QOS
from patrol_sim.faults import FAULT_TOPIC
from patrol_sim.truth import TRUTH_TOPIC, truth_from_json
from ronda_cli.environment.paths import ROOT

DOMAIN = "83"
WAIT_S = 30.0
PARAMETERS = """\
/**:
  ros__parameters:
    site: {root}/sites/yard
    robot: {root}/urdf/config/rover.yaml
    run_folder: {folder}
    world: {root}/sim/worlds/yard.sdf
    urdf: {root}/urdf/urdf/rover.urdf.xacro
    scenario: {root}/sim/scenarios/yard.yaml
    camera: false
"""


class Graph(BaseEar):
    """The test's own node, which hears the simulator and drives it backwards out of the dock."""

    def __init__(self) -> None:
        rclpy.init(domain_id=int(DOMAIN))
        self.node: Any = rclpy.create_node("tester")
        super().__init__(self.node)
        self.now_s = 0.0
        self.is_driving = False
        self.node.create_subscription(Clock, CLOCK_TOPIC, self._on_clock, CLOCK_QOS)
        self.node.create_subscription(String, TRUTH_TOPIC, self._on_truth, 1)
        self._commands = self.advertise_commands()
        self.truth: Any = None

    def _on_clock(self, message: Clock) -> None:
        self.now_s = message.clock.sec + message.clock.nanosec * 1e-9
        if self.is_driving:
            command = VelocityCommand(self.now_s, -0.15, 0.0)
            self._commands.publish(conversion_of(CMD_VEL).to_ros(command))

    def _on_truth(self, message: String) -> None:
        self.truth = truth_from_json(message.data)

    def until(self, holds: Callable[[], bool]) -> None:
        """Spin until something holds; fail when it does not within half a minute."""
        deadline_s = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < deadline_s, "it did not happen in time"
            rclpy.spin_once(self.node, timeout_sec=0.1)

    def speed_mps(self) -> float:
        return float(self.newest[ODOM.name].linear_mps) if ODOM.name in self.newest else 0.0


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    parameters = tmp_path / "params.yaml"
    parameters.write_text(PARAMETERS.format(root=ROOT, folder=tmp_path / "run"))
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    names = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol_sim_ros.sim_node", "--ros-args", "--params-file",
         str(parameters)],
        env=os.environ | dict.fromkeys(names, profile) | {"ROS_DOMAIN_ID": DOMAIN},
        text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    profile = str(ROOT / "launch" / "config" / "fastdds_loopback.xml")
    monkeypatch.setenv("FASTRTPS_DEFAULT_PROFILES_FILE", profile)
    monkeypatch.setenv("FASTDDS_DEFAULT_PROFILES_FILE", profile)
    made = Graph()
    yield made
    made.node.destroy_node()
    rclpy.shutdown()


def test_the_node(simulator: subprocess.Popen[str], graph: Graph) -> None:
    written = {topic.name for topic in TOPICS if "base" in topic.writers}
    without_camera = {n for n in written if not n.startswith(("camera/", "thermal/"))}
    graph.until(lambda: without_camera <= graph.newest.keys())

    graph.is_driving = True
    graph.until(lambda: graph.speed_mps() < -0.1)
    graph.until(lambda: graph.truth is not None and graph.truth.robots[0].linear_mps < -0.1)

    faults = graph.node.create_publisher(String, FAULT_TOPIC, 10)
    graph.until(lambda: faults.get_subscription_count() > 0)
    faults.publish(String(data='{"kind": "drop", "row": "scan", "duration_s": 1.0}'))
    graph.until(lambda: graph.now_s - graph.newest[SCAN.name].stamp_s > 0.8)
    graph.until(lambda: graph.now_s - graph.newest[SCAN.name].stamp_s < 0.2)

    second = graph.advertise_commands()
    graph.until(lambda: abs(graph.speed_mps()) < 0.01)
    graph.node.destroy_publisher(second)
    graph.until(lambda: graph.speed_mps() < -0.1)

    graph.is_driving = False
    graph.until(lambda: abs(graph.speed_mps()) < 0.01)
    assert not graph.truth.failed

    simulator.send_signal(signal.SIGTERM)
    assert simulator.wait(timeout=WAIT_S) == 0
