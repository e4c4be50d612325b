"""The base's node between `cmd_vel` and an emulated motor controller on a real pseudo-terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.utilities import try_shutdown
from tests.controllers.served import served

from patrol_core.params import make_params
from patrol_core.robot import load_robot
from patrol_core.topics import BATTERY_STATE, CMD_VEL, DIAGNOSTICS, ESTOP, ODOM, Topic
from patrol_core.types.motion import VelocityCommand
from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard, parse_fault
from patrol_emulators.roboclaw.controller import Roboclaw
from patrol_emulators.roboclaw.unit import RoboclawParams
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.qos import qos_of
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import ProcessSpec, evaluate
from ronda_cli.launcher.packages import source_packages

DOMAIN = "84"
WAIT_S = 40.0
ROBOT_FILE = ROOT / "urdf" / "config" / "rover.yaml"
ROBOT = load_robot(ROBOT_FILE)


class Graph:
    """The test's own node in the place of the gate, and the emulator behind the base."""

    def __init__(self, emulator: Emulator, faults: FaultBoard, spec: ProcessSpec) -> None:
        rclpy.init(domain_id=int(DOMAIN))
        self.emulator, self.faults = emulator, faults
        self._spec = spec
        self.node: Any = rclpy.create_node("gate")
        self.heard: dict[str, list[Any]] = {}
        for topic in (ODOM, BATTERY_STATE, ESTOP, DIAGNOSTICS):
            self._listen(topic)
        self._commands = self.advertise(self.node)
        self.wanted_mps: float | None = None
        self.node.create_timer(0.02, self._say)
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        env = {**os.environ, **self._spec.env, "ROS_DOMAIN_ID": DOMAIN}
        self.process = subprocess.Popen(self._spec.argv, env=env)
        return self.process

    def advertise(self, node: Any) -> Any:
        kind = conversion_of(CMD_VEL).message_type
        return node.create_publisher(kind, CMD_VEL.name, qos_of(CMD_VEL))

    def _listen(self, topic: Topic[Any]) -> None:
        conversion = conversion_of(topic)
        kept: list[Any] = self.heard.setdefault(topic.name, [])
        self.node.create_subscription(
            conversion.message_type, topic.name,
            lambda message: kept.append(conversion.from_ros(message)), qos_of(topic),
        )  # fmt: skip

    def _say(self) -> None:
        if self.wanted_mps is not None:
            command = VelocityCommand(time.time(), self.wanted_mps, 0.0)
            self._commands.publish(conversion_of(CMD_VEL).to_ros(command))

    def wait(self, happened: Callable[[], bool]) -> None:
        end_s = time.monotonic() + WAIT_S
        while not happened():
            assert time.monotonic() < end_s, self.heard[DIAGNOSTICS.name][-3:]
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def spin(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            rclpy.spin_once(self.node, timeout_sec=0.01)

    @property
    def speeds_mps(self) -> tuple[float, ...]:
        return tuple(
            speed * ROBOT.wheels.radius_m for speed in self.emulator.snapshot().speeds_radps
        )

    def drive(self, speed_mps: float = 0.5) -> None:
        """Until both wheels do it."""
        self.wanted_mps = speed_mps
        self.wait(lambda: min(self.speeds_mps) > 0.9 * speed_mps)

    def rest(self) -> None:
        """Until both wheels stand."""
        self.wait(lambda: max(self.speeds_mps) < 0.01)

    def words(self) -> list[str]:
        return [health.message for health in self.heard[DIAGNOSTICS.name]]


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    port = tmp_path / "rc0"

    def make(now_s: float) -> Roboclaw:
        ticks = {"plant.motor.ticks_per_rev": ROBOT.wheels.encoder_ticks_per_rev}
        return Roboclaw(make_params(RoboclawParams, ticks), now_s)

    arguments = {
        "site": str(ROOT / "sites" / "yard"), "run_folder": str(tmp_path), "port": str(port),
    }  # fmt: skip
    specs = evaluate(ROOT / "launch" / "base.launch.xml", arguments, source_packages(), os.environ)
    (spec,) = specs
    with served(make, port) as (emulator, faults):
        made = Graph(emulator, faults, spec)
        try:
            made.wait(lambda: bool(made.heard[ODOM.name]))
            yield made
        finally:
            made.process.kill()
            made.process.wait()
            made.node.destroy_node()
            try_shutdown()


def test_it_drives_tells_and_ends(graph: Graph) -> None:
    graph.drive()
    first = graph.heard[ODOM.name][-1]
    graph.spin(2.0)
    last = graph.heard[ODOM.name][-1]
    passed_s = last.stamp_s - first.stamp_s
    assert last.pose.x_m - first.pose.x_m == pytest.approx(0.5 * passed_s, rel=0.1)
    assert last.covariance[0] > first.covariance[0]
    graph.wait(lambda: bool(graph.heard[BATTERY_STATE.name]) and bool(graph.heard[ESTOP.name]))
    assert graph.heard[BATTERY_STATE.name][-1].voltage_v == pytest.approx(25.5, abs=1.0)
    assert not graph.heard[ESTOP.name][-1].pressed
    graph.process.send_signal(signal.SIGINT)
    assert graph.process.wait(WAIT_S) == 0
    graph.rest()


def test_no_commands_are_a_stop_and_so_is_a_second_voice(graph: Graph) -> None:
    graph.drive()
    graph.wanted_mps = None
    graph.rest()
    assert not graph.emulator.snapshot().watchdog_tripped, "the base stopped, not the controller"
    graph.drive()
    intruder: Any = rclpy.create_node("intruder")
    publisher = graph.advertise(intruder)
    graph.rest()
    intruder.destroy_publisher(publisher)
    graph.wait(lambda: min(graph.speeds_mps) > 0.45)
    intruder.destroy_node()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_base_that_dies_or_freezes_is_stopped_by_the_controller(
    graph: Graph, how: signal.Signals
) -> None:
    graph.drive()
    graph.process.send_signal(how)
    graph.rest()
    assert graph.emulator.snapshot().watchdog_tripped
    if how is signal.SIGSTOP:
        graph.process.send_signal(signal.SIGCONT)
    else:
        graph.process.wait()
        graph.start()
    graph.wait(lambda: min(graph.speeds_mps) > 0.45)


def test_a_pulled_cable_is_told_and_the_base_goes_on_when_it_is_back(graph: Graph) -> None:
    graph.drive()
    graph.faults.add(parse_fault("unplug 2.0", time.monotonic()))
    graph.wait(lambda: any("link lost" in words for words in graph.words()))
    graph.rest()
    graph.wait(lambda: any("link back" in words for words in graph.words()))
    graph.wait(lambda: min(graph.speeds_mps) > 0.45)
