"""The process `base` in Gazebo Harmonic: the base of every robot, the scenario, and the truth.

Gazebo runs beside it, in its own time. This node ticks by Gazebo's clock, and gives ROS its
`/clock` at the rate of the base: Gazebo's own comes at every step of physics.
"""

from __future__ import annotations

import time
from pathlib import Path

from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String

from patrol_core.errors import RondaError
from patrol_core.geometry import Transform3
from patrol_core.processes import BASE
from patrol_core.robot_description import expand_xacro
from patrol_core.topics import CLOCK_TOPIC, DIAGNOSTICS
from patrol_host_ros.conversions.common import stamp_to_ros
from patrol_host_ros.health import HealthMeter
from patrol_host_ros.host import CLOCK_QOS
from patrol_host_ros.parameters import make_context, read_parameters
from patrol_host_ros.spinning import withdraw
from patrol_sim.cast import starts_of
from patrol_sim.errors import RobotDescriptionError
from patrol_sim.faults import FAULT_TOPIC, fault_from_json
from patrol_sim.harmonic.commander import Commander
from patrol_sim.harmonic.gazebo_types import GazeboMissingError
from patrol_sim.harmonic.listener import Listener
from patrol_sim.harmonic.scene import Scene, Spawn
from patrol_sim.people import SeenRobot
from patrol_sim.robot import CONTROL_PERIOD_S
from patrol_sim.sdf import load_world
from patrol_sim.truth import TRUTH_TOPIC, Truth
from patrol_sim_ros.harmonic_params import HarmonicNodeParams
from patrol_sim_ros.harmonic_robot import HarmonicRobot
from patrol_sim_ros.running import needed_file, run_simulator, scenario_of

TRUTH_EVERY_TICKS = 5
PUBLISHERS_EVERY_TICKS = 10
SEEN_WITHIN_S = 30.0
_SPIN_S = 0.004


class HarmonicNode(Node):
    """Ticks by Gazebo's clock. `listener` and `commander` are those of a running Gazebo."""

    def __init__(
        self, listener: Listener | None = None, commander: Commander | None = None
    ) -> None:
        super().__init__(
            BASE.name, enable_rosout=False, automatically_declare_parameters_from_overrides=True
        )
        settings, params = read_parameters(self, HarmonicNodeParams)
        context = make_context(settings)
        world = load_world(needed_file(params.world, "world"))
        self._scenario = scenario_of(params.scenario, world, context.site, context.seed)
        self._scene = Scene(world, self._scenario, context.seed)
        self._faults = list(self._scenario.faults)
        self._listener = listener or Listener(world.name)
        self._robots = [
            HarmonicRobot(self, self._listener, name.strip(" /"), context, params)
            for name in params.robots.split(",")
        ]
        self._models = self._robot_models(needed_file(params.urdf, "urdf"))
        self._commander = commander or Commander(world.name)
        self._clock_publisher = self.create_publisher(Clock, CLOCK_TOPIC, CLOCK_QOS)
        self._truth = self.create_publisher(String, TRUTH_TOPIC, 1)
        self.create_subscription(String, FAULT_TOPIC, self._on_fault, 10)
        self._meter = HealthMeter(BASE.name, BASE.rate_hz)
        self._ticked_s: float | None = None
        self._begun_s = 0.0
        self._ticks = 0

    def _robot_models(self, urdf: Path) -> list[Spawn]:
        """Every robot where the scenario starts it, with its parts for Gazebo."""
        starts = starts_of(self._scenario, [robot.key for robot in self._robots])
        models = []
        for robot in self._robots:
            arguments = {"gazebo": "harmonic", "namespace": robot.namespace}
            text = expand_xacro(urdf, arguments=arguments)
            if "<gazebo" not in text:
                raise RobotDescriptionError(
                    f"{urdf} has no parts for Gazebo",
                    remedy="use macros/gazebo_harmonic.xacro, as rover.urdf.xacro does",
                )
            models.append(Spawn(robot.key, text, Transform3.from_pose2(starts[robot.key])))
        return models

    def advance(self) -> None:
        """One tick, if Gazebo's clock has gone on for as long as one takes."""
        now_s = self._listener.now_s
        if now_s is None:
            return
        if self._ticked_s is None:
            self._begin(now_s)
            return
        if now_s - self._ticked_s < CONTROL_PERIOD_S - 1e-6:
            return
        dt_s, self._ticked_s = now_s - self._ticked_s, now_s
        started_s = time.perf_counter()
        self._commander.check()
        for robot in self._robots:
            robot.look()
        if all(robot.witness.is_seen for robot in self._robots):
            self._tick(now_s, dt_s)
        elif now_s - self._begun_s > SEEN_WITHIN_S:
            raise GazeboMissingError(
                f"no robot has appeared in Gazebo within {SEEN_WITHIN_S:g} s",
                remedy="look into Gazebo's log for what it says of the robot",
            )
        self._clock_publisher.publish(Clock(clock=stamp_to_ros(now_s)))
        health = self._meter.tick(time.perf_counter() - started_s, now_s)
        if health is not None:
            for robot in self._robots:
                robot.port.publish(DIAGNOSTICS, health)

    def _begin(self, now_s: float) -> None:
        """Take away what is not there, and put the robots where they start."""
        for model in self._scene.removed:
            self._commander.remove(model)
        for spawn in self._models:
            self._commander.spawn(spawn)
        self._ticked_s = self._begun_s = now_s

    def _tick(self, now_s: float, dt_s: float) -> None:
        active = [fault for fault in self._faults if fault.active(now_s)]
        touched: set[str] = set()
        for robot in self._robots:
            robot.base.set_faults(tuple(f for f in active if f.robot in ("", robot.key)))
            touched |= robot.feel(self._scene, now_s)
        seen = [SeenRobot(robot.witness.pose, robot.witness.stood_s) for robot in self._robots]
        change = self._scene.step(now_s, dt_s, seen, touched)
        for spawn in change.spawns:
            self._commander.spawn(spawn)
        self._commander.move(change.moves)
        people = [person.pose for person in self._scene.cast.people]
        for robot in self._robots:
            if self._ticks % PUBLISHERS_EVERY_TICKS == 0:
                robot.port.count_publishers()
            robot.port.turn(robot.base.step(now_s, dt_s))
            robot.port.publish_outputs()
            robot.see_people(now_s, people)
        self._ticks += 1
        if self._ticks % TRUTH_EVERY_TICKS == 0 and self._truth.get_subscription_count():
            self._truth.publish(String(data=self._all(now_s).to_json()))

    def _all(self, now_s: float) -> Truth:
        contacts = [c for robot in self._robots for c in robot.witness.contacts]
        robots = tuple(robot.witness.truth(robot.motors) for robot in self._robots)
        cast = self._scene.cast
        return Truth(now_s, robots, cast.people, tuple(cast.appeared), tuple(contacts))

    def _on_fault(self, message: String) -> None:
        try:
            self._faults.append(fault_from_json(message.data, self._ticked_s or 0.0))
        except RondaError as error:
            self.get_logger().warning(str(error))

    def close(self) -> None:
        """Let wheels stand, and fall silent."""
        for robot in self._robots:
            robot.port.turn((0.0, 0.0))
        self._commander.close()
        withdraw(self)


def _turn(node: HarmonicNode, executor: EventsExecutor) -> None:
    executor.spin_once(_SPIN_S)
    node.advance()


def main() -> None:
    """Run until told to stop (exit status 0) or something is wrong (1)."""
    run_simulator(HarmonicNode, _turn)


if __name__ == "__main__":
    main()
