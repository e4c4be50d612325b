"""Gate and base in the ROS graph, an emulated controller behind them, and a node that is the rest
of the robot: navigation that wants to drive, and sensors in an open place."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from _stop_controllers import WIRINGS, Watched
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import try_shutdown

from patrol_core.geometry import Pose2
from patrol_core.processes import BASE, GATE
from patrol_core.robot import MOTORS, load_robot
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    CMD_VEL_NAV,
    DIAGNOSTICS,
    ESTOP,
    GATE_RESET,
    GATE_STATUS,
    IMU,
    LOCALIZATION_STATUS,
    ODOM,
    SCAN,
    Topic,
)
from patrol_core.types.motion import Odometry, PoseEstimate, VelocityCommand
from patrol_core.types.sensors import BumperState, Imu, LaserScan
from patrol_core.types.status import (
    EstopState,
    GateReset,
    GateState,
    GateStatus,
    Health,
    HealthLevel,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_core.yaml_file import load_yaml
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.qos import qos_of
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.start import start

SITE = ROOT / "sites" / "yard"
PLACE = Pose2(1.5, -3.0)
"""In the yard: no speed limit, and nothing within five metres ahead."""
ROBOT_FILE = ROOT / "urdf" / "config" / "rover.yaml"
ROBOT = load_robot(ROBOT_FILE)
GRAVITY_MPS2 = 9.81
BEAMS = 720
WRITES = (CMD_VEL_NAV, SCAN, IMU, BUMPER, AMCL_POSE, LOCALIZATION_STATUS, GATE_RESET)
HEALTH_NAME = "base/motors"
SHOWN_S = 2.0
"""What gate and base said last counts for so long."""
RESET_EVERY_S = 1.0
COMMAND_S = 0.05
"""Navigation commands at 20 Hz."""


class MeasurementError(Exception):
    """The system did not do what is to be measured."""


class Rig:
    """Everything but the controller. One thread; what happens, happens inside `spin`.

    `sent_s` and `scanned_s` are when the newest finite command and the newest scan were stamped,
    on the steady clock that the controller is watched with. `wanted_mps` None: no command is sent.
    `longest_pause_s`: between two finite commands, since it was last set to 0.
    """

    def __init__(self, name: str, watched: Watched, port: Path, folder: Path) -> None:
        self.name, self._lacks = name, WIRINGS[name].lacks
        self._watched = watched
        robot = folder / "robot.yaml"
        section = {"controller": name, "port": str(port), **WIRINGS[name].driver}
        document = load_yaml(ROBOT_FILE, "the robot file") | {MOTORS: section}
        robot.write_text(json.dumps(document), encoding="utf-8")
        arguments = {"site": str(SITE), "robot": str(robot), "run_folder": str(folder)}
        logs = folder / "logs"
        self._launches = {
            GATE.name: start("gate.launch.xml", arguments, logs),
            BASE.name: start("base.launch.xml", arguments, logs),
        }
        self.wanted_mps: float | None = None
        self.scans = True
        self.sent_s = self.scanned_s = -math.inf
        self.longest_pause_s = 0.0
        self._gone_m = 0.0
        self._reset_s = -math.inf
        self._gate: GateStatus | None = None
        self._health: Health | None = None
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self._node: Any = Node("stop_bench", enable_rosout=False)
        self._executor = EventsExecutor()
        self._executor.add_node(self._node)
        self._puts: dict[str, Callable[[Any], None]] = {}
        written: tuple[Topic[Any], ...] = (*WRITES, *self._lacks)
        for topic in written:
            self._advertise(topic)
        self._listen(GATE_STATUS, self._on_gate)
        self._listen(DIAGNOSTICS, self._on_health)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        for rate_hz, work in (
            (50.0, self._move),
            (1.0 / COMMAND_S, self._command),
            (10.0, self._sense),
        ):
            self._node.create_timer(1.0 / rate_hz, work, clock=steady)

    def close(self) -> None:
        """End every process, and leave the graph."""
        for launch in self._launches.values():
            launch.stop()
        self._node.destroy_node()
        try_shutdown()

    def pid(self, process: str) -> int:
        """Raises MeasurementError when it does not run."""
        pid = self._launches[process].pid(process)
        if pid is None:
            raise MeasurementError(f"{process} does not run")
        return pid

    def spin(self, duration_s: float) -> None:
        """Go on for a while; what has died is started again when it is due."""
        for launch in self._launches.values():
            launch.poll()
        end_s = time.monotonic() + duration_s
        while (left_s := end_s - time.monotonic()) > 0.0:
            self._executor.spin_once(timeout_sec=left_s)

    def until(self, condition: Callable[[], bool], limit_s: float, problem: str) -> None:
        """Go on until the condition holds. Raises MeasurementError after the limit."""
        end_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end_s:
                raise MeasurementError(f"{problem} ({self._words()})")
            self.spin(0.02)

    @property
    def is_healthy(self) -> bool:
        """Whether both processes run and say so, and the controller's watchdog is set."""
        gate, health, now_s = self._gate, self._health, time.time()
        return (
            all(launch.pid(name) is not None for name, launch in self._launches.items())
            and gate is not None
            and now_s - gate.stamp_s < SHOWN_S
            and gate.state is GateState.PASSING
            and health is not None
            and now_s - health.stamp_s < SHOWN_S
            and health.level is HealthLevel.OK
            and self._watched.seen.watchdog_s > 0.0
        )

    def _words(self) -> str:
        gate = "silent" if self._gate is None else "; ".join(self._gate.reasons) or "passing"
        base = "silent" if self._health is None else self._health.message
        return f"{self._watched.speed_mps:.2f} m/s; gate: {gate}; base: {base}"

    def _advertise(self, topic: Topic[Any]) -> None:
        conversion = conversion_of(topic)
        publisher = self._node.create_publisher(conversion.message_type, topic.name, qos_of(topic))
        self._puts[topic.name] = lambda value: publisher.publish(conversion.to_ros(value))

    def _listen(self, topic: Topic[Any], hear: Callable[[Any], None]) -> None:
        conversion = conversion_of(topic)
        self._node.create_subscription(
            conversion.message_type, topic.name,
            lambda message: hear(conversion.from_ros(message)), qos_of(topic),
        )  # fmt: skip

    def _on_gate(self, status: GateStatus) -> None:
        """A person is at hand who ends latched stops."""
        self._gate = status
        if status.state is GateState.LATCHED and time.monotonic() - self._reset_s > RESET_EVERY_S:
            self._reset_s = time.monotonic()
            self._put(GATE_RESET, GateReset(time.time(), "bench", "the trial is over"))

    def _on_health(self, health: Health) -> None:
        if health.name == HEALTH_NAME:
            self._health = health

    def _put(self, topic: Topic[Any], value: object) -> None:
        self._puts[topic.name](value)

    def _command(self) -> None:
        if self.wanted_mps is None:
            return
        if math.isfinite(self.wanted_mps):
            before_s, self.sent_s = self.sent_s, time.monotonic()
            self.longest_pause_s = max(self.longest_pause_s, self.sent_s - before_s)
        self._put(CMD_VEL_NAV, VelocityCommand(time.time(), self.wanted_mps, 0.0))

    def _move(self) -> None:
        now_s = time.time()
        self._put(IMU, Imu(now_s, (0.0, 0.0, 0.0), (0.0, 0.0, GRAVITY_MPS2)))
        if ODOM in self._lacks:
            speed_mps = self._watched.speed_mps
            self._gone_m += speed_mps / 50.0
            self._put(ODOM, Odometry(now_s, Pose2(self._gone_m, 0.0), speed_mps, 0.0))

    def _sense(self) -> None:
        now_s = time.time()
        if self.scans:
            self.scanned_s = time.monotonic()
            self._put(SCAN, _nothing_around(now_s))
        self._put(BUMPER, BumperState(now_s, False))
        self._put(AMCL_POSE, PoseEstimate(now_s, PLACE))
        good = LocalizationLevel.GOOD
        self._put(LOCALIZATION_STATUS, LocalizationStatus(now_s, good, "", 0.02, 0.01, 1.0))
        if ESTOP in self._lacks:
            self._put(ESTOP, EstopState(now_s, "robot", False))


def _nothing_around(now_s: float) -> LaserScan:
    lidar, ranges_m = ROBOT.lidar, np.full(BEAMS, np.inf, dtype=np.float32)
    return LaserScan(
        now_s, "lidar_link", -math.pi, math.tau / BEAMS, lidar.range_min_m, lidar.range_max_m,
        ranges_m,
    )  # fmt: skip
