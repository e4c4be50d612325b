"""The simulators' node: the process `base` of the table in simulation."""

from __future__ import annotations

import math
import struct
import time
from pathlib import Path
from typing import Any

from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from patrol_core.errors import RondaError
from patrol_core.processes import BASE
from patrol_core.robot_description import expand_xacro
from patrol_core.topics import (
    CLOCK_TOPIC,
    DIAGNOSTICS,
    LOCALIZATION_STATUS,
    PATROL_STATUS,
    TRACKS,
    Topic,
)
from patrol_core.types.motion import VelocityCommand
from patrol_gazebo.simulator import GazeboSimulator
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import stamp_to_ros
from patrol_host_ros.health import HealthMeter
from patrol_host_ros.host import CLOCK_QOS
from patrol_host_ros.parameters import make_context, read_parameters
from patrol_host_ros.qos import qos_of
from patrol_host_ros.spinning import withdraw
from patrol_sim.errors import CameraUnavailableError
from patrol_sim.faults import FAULT_TOPIC, fault_from_json
from patrol_sim.pacing import Pacer
from patrol_sim.robot import CONTROL_PERIOD_S, SimulatedRobot
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario
from patrol_sim.sdf import World, load_world
from patrol_sim.simulator import Simulator
from patrol_sim.stage import Stage
from patrol_sim.truth import TRUTH_TOPIC
from patrol_sim_ros.base_port import BasePort
from patrol_sim_ros.params import SimNodeParams
from patrol_sim_ros.running import needed_file, run_simulator, scenario_of

TRUTH_EVERY_STEPS = 5
PUBLISHERS_EVERY_STEPS = 10
_LONGEST_SPIN_S = 0.05
_STAMP_BYTES = struct.Struct("<iI")
_CDR_HEADER_BYTES = 4

PACED_BY = (LOCALIZATION_STATUS, TRACKS, PATROL_STATUS)
"""What the slower processes say regularly, beside the gate's commands: at `--speed max` simulated
time waits for each, or a starved process would fall behind while the gate goes on saying zero."""


class SimNode(Node):
    """Steps the simulator, publishes `/clock` and every robot's rows, takes `cmd_vel`."""

    def __init__(self) -> None:
        super().__init__(
            BASE.name, enable_rosout=False, automatically_declare_parameters_from_overrides=True
        )
        settings, self._params = read_parameters(self, SimNodeParams)
        context = make_context(settings)
        world = load_world(needed_file(self._params.world, "world"))
        for note in world.notes:
            self.get_logger().warning(note)
        scenario = scenario_of(self._params.scenario, world, context.site, settings.seed)
        urdf_path = needed_file(self._params.urdf, "urdf")
        urdf = expand_xacro(urdf_path, Path(settings.robot))
        namespaces = [name.strip(" /") for name in self._params.robots.split(",")]
        setups = [RobotSetup(name, context.robot, urdf, urdf_path) for name in namespaces]
        docks = tuple(dock.pose for dock in context.site.docks)
        self._simulator = self._simulate(world, setups, scenario, settings.seed, docks)
        self._robots = [
            _RobotPort(self, robot, self._simulator, self._params.cmd_vel_type)
            for robot in self._simulator.robots.values()
        ]
        self._clock_publisher = self.create_publisher(Clock, CLOCK_TOPIC, CLOCK_QOS)
        self._truth = self.create_publisher(String, TRUTH_TOPIC, 1)
        self.create_subscription(String, FAULT_TOPIC, self._on_fault, 10)
        self._meter = HealthMeter(BASE.name, BASE.rate_hz)
        self._pacer = Pacer(self._params.speed)
        self._steps = 0

    def _simulate(
        self,
        world: World,
        setups: list[RobotSetup],
        scenario: Scenario,
        seed: int,
        docks: tuple[Any, ...],
    ) -> Stage:
        """The simulator; without pictures, and saying so, where EGL is missing or with Gazebo."""
        params = self._params.sim
        if self._params.engine == "gazebo_classic":
            folder = needed_file(self._params.gazebo_folder, "gazebo_folder")
            if self._params.camera:
                self.get_logger().warning("the camera is off: Gazebo Classic has no display here")
            return GazeboSimulator(
                world, setups, scenario, seed, folder=folder, docks=docks, params=params
            )

        def make(camera: bool) -> Simulator:
            return Simulator(
                world, setups, scenario, seed, docks=docks, params=params, camera=camera
            )

        if not self._params.camera:
            return make(camera=False)
        try:
            return make(camera=True)
        except CameraUnavailableError as error:
            self.get_logger().warning(f"the camera is off: {error}")
            return make(camera=False)

    @property
    def taken(self) -> int:
        """How many messages have been taken in."""
        return sum(port.taken for port in self._robots)

    def wait_s(self) -> float:
        """Wall time to wait before the next step."""
        stamps = [port.newest_of_slowest_s for port in self._robots]
        known = [stamp for stamp in stamps if stamp is not None]
        oldest = min(known) if len(known) == len(stamps) else None
        return self._pacer.wait_s(self._simulator.now_s, oldest, time.monotonic())

    def advance(self) -> None:
        """One control period, and everything that is to be said after it."""
        started_s = time.perf_counter()
        if self._steps % PUBLISHERS_EVERY_STEPS == 0:
            for port in self._robots:
                port.count_publishers()
        self._simulator.step(CONTROL_PERIOD_S)
        self._steps += 1
        now_s = self._simulator.now_s
        for port in self._robots:
            port.publish_outputs()
        if self._steps % TRUTH_EVERY_STEPS == 0 and self._truth.get_subscription_count():
            self._truth.publish(String(data=self._simulator.truth().to_json()))
        self._clock_publisher.publish(Clock(clock=stamp_to_ros(now_s)))
        health = self._meter.tick(time.perf_counter() - started_s, now_s)
        if health is not None:
            for port in self._robots:
                port.publish(DIAGNOSTICS, health)

    def _on_fault(self, message: String) -> None:
        try:
            fault = fault_from_json(message.data, self._simulator.now_s)
        except RondaError as error:
            self.get_logger().warning(str(error))
            return
        self._simulator.add_fault(fault)

    def close(self) -> None:
        """Release the renderer or end Gazebo, and fall silent."""
        withdraw(self)
        self._simulator.close()


class _RobotPort(BasePort):
    """One robot, and how far the processes that pace it have thought."""

    def __init__(
        self, node: Node, robot: SimulatedRobot, simulator: Stage, cmd_vel_type: str
    ) -> None:
        namespace = robot.setup.namespace
        super().__init__(node, namespace, cmd_vel_type, robot.base, lambda: simulator.now_s)
        self._robot = robot
        self.command_stamp_s: float | None = None
        self._thought_until_s: dict[str, float] = {}
        self.taken = 0
        for topic in PACED_BY:
            self._keep_pace_with(topic)

    @property
    def newest_of_slowest_s(self) -> float | None:
        """Up to when every process has thought; None until there are commands."""
        if self.command_stamp_s is None:
            return None
        return min(self.command_stamp_s, *self._thought_until_s.values(), math.inf)

    def _keep_pace_with(self, topic: Topic[Any]) -> None:
        """A sample covers the period until the next; its stamp is read from the raw message."""

        def received(data: bytes) -> None:
            self.taken += 1
            seconds, nanoseconds = _STAMP_BYTES.unpack_from(data, _CDR_HEADER_BYTES)
            stamp_s = seconds + nanoseconds * 1e-9
            self._thought_until_s[topic.name] = stamp_s + 1.0 / topic.rate_hz

        self.node.create_subscription(
            conversion_of(topic).message_type, self.prefix + topic.name, received,
            qos_of(topic), raw=True,
        )  # fmt: skip

    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """See BasePort."""
        self.taken += 1
        self.command_stamp_s = command.stamp_s
        self._robot.apply(command, now_s)

    def publish_outputs(self) -> None:
        """What the robot has said."""
        self.publish_all(self._robot.outputs())


def _take_all(executor: EventsExecutor, node: SimNode) -> None:
    """Every message that waits: one call of `spin_once` runs one callback."""
    before = -1
    while node.taken != before:
        before = node.taken
        executor.spin_once(0.0)


def _turn(node: SimNode, executor: EventsExecutor) -> None:
    wait_s = node.wait_s()
    if wait_s > 0.0:
        executor.spin_once(min(wait_s, _LONGEST_SPIN_S))
    else:
        node.advance()
        _take_all(executor, node)


def main() -> None:
    """Run until told to stop (exit status 0) or something is wrong (1)."""
    run_simulator(SimNode, _turn)


if __name__ == "__main__":
    main()
