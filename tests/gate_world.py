"""A tiny kinematic world around a gate: walls, walkers, a ramping base, a lidar of rays.

It shares no formula with the gate: contact is shapely's, the ramps are integrated in 5 ms steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon

from patrol_core.bus import Mailbox
from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.robot import RobotModel, load_robot
from patrol_core.site.model import Dock, Retention, Site, Zone
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    CMD_VEL,
    CMD_VEL_NAV,
    ESTOP,
    GATE_RESET,
    GATE_STATUS,
    IMU,
    LOCALIZATION_STATUS,
    MOTION_WARNING,
    ODOM,
    SCAN,
    Topic,
)
from patrol_core.types.motion import Odometry, PoseEstimate, VelocityCommand
from patrol_core.types.sensors import BumperState, Imu, LaserScan
from patrol_core.types.status import (
    EstopState,
    GateReset,
    GateStatus,
    LocalizationLevel,
    LocalizationStatus,
    MotionWarning,
)
from patrol_gate.gate import Gate
from patrol_gate.latch import LatchStore, MemoryLatchStore
from patrol_gate.params import GateParams

ROBOT: RobotModel = load_robot(Path(__file__).parents[1] / "urdf/config/rover.yaml")
FRONT_M = ROBOT.body.center_x_m + ROBOT.body.length_m / 2.0
"""How far the body reaches ahead of base_link."""
START_S = 100.0
STEP_S = 0.005
TICK_STEPS = 4
SCAN_TICKS = 5
COMMAND_TICKS = 2
BIG_SQUARE: Points = ((-500.0, -500.0), (500.0, -500.0), (500.0, 500.0), (-500.0, 500.0))


def make_site(
    outline_m: Points = BIG_SQUARE, zones: tuple[Zone, ...] = (), docks: tuple[Dock, ...] = ()
) -> Site:
    return Site(
        "test", Path(), 0.0, 0.0, "UTC", outline_m, zones, (), docks, (), (),
        Retention(1, 1, 1), Path("map.yaml"),
    )  # fmt: skip


@dataclass
class Walker:
    """A round person who walks straight on and never gives way, from `since_s` after the start."""

    x_m: float
    y_m: float
    vx_mps: float
    vy_mps: float
    since_s: float = 0.0
    radius_m: float = 0.22


@dataclass
class Contact:
    """What touched the robot first, and how long it had stood then."""

    time_s: float
    rested_s: float


Wish = Callable[[float], "tuple[float, float] | None"]


@dataclass
class World:
    """Walls are segments (x1, y1, x2, y2) in `map`; `odom` is `map` displaced by `odom_origin`.

    The ground falls by `slope_rad` along x of `map`; what that pulls is missing when braking.
    """

    walls: list[tuple[float, float, float, float]] = field(default_factory=list)
    walkers: list[Walker] = field(default_factory=list)
    pose: Pose2 = field(default_factory=lambda: Pose2(0.0, 0.0))
    wish: Wish = lambda _t: None
    site: Site = field(default_factory=make_site)
    params: GateParams = field(default_factory=lambda: GateParams(warning_s=0.0))
    store: LatchStore = field(default_factory=MemoryLatchStore)
    linear_mps: float = 0.0
    angular_radps: float = 0.0
    level: LocalizationLevel = LocalizationLevel.GOOD
    odom_origin: Pose2 = field(default_factory=lambda: Pose2(3.0, -7.0, 0.8))
    seed: int = 1
    noise_m: float = 0.01
    specific_force: tuple[float, float, float] = (0.0, 0.0, 9.81)
    slope_rad: float = 0.0
    pressed: bool = False
    estop_pressed: bool = False
    slip: float = 1.0

    def __post_init__(self) -> None:
        self.now_s = START_S
        self.steady_s = 7.0
        self.mailbox = Mailbox(Gate.reads)
        self.rng = np.random.default_rng(self.seed)
        self.silent: set[Topic[Any]] = set()
        self.statuses: list[GateStatus] = []
        self.warning: MotionWarning | None = None
        self.passed: list[tuple[float, VelocityCommand]] = []
        self.contact: Contact | None = None
        self.clearance_m = math.inf
        self._rested_s = 0.0
        self._sensed_mps = self.linear_mps
        self.commands: list[tuple[float, VelocityCommand]] = []
        self._count = 0
        self._shapes = [LineString([(a, b), (c, d)]) for a, b, c, d in self.walls]
        self.start_gate()

    def start_gate(self) -> None:
        """A gate that knows nothing but its latch store."""
        self.gate = Gate(self.params, ROBOT, self.site, self.store, lambda _t: (0, 43200))

    @property
    def status(self) -> GateStatus:
        return self.statuses[-1]

    @property
    def speed_mps(self) -> float:
        return abs(self.linear_mps)

    def send(self, topic: Topic[Any], value: object) -> None:
        if topic not in self.silent:
            self.mailbox.store(topic, value, self.now_s)

    def reset(self) -> None:
        self.send(GATE_RESET, GateReset(self.now_s, "anna", "looked around"))

    def run(self, duration_s: float) -> World:
        for _ in range(round(duration_s / (STEP_S * TICK_STEPS))):
            self.tick()
        return self

    def settle(self) -> World:
        """Until the gate has stopped holding for its start."""
        wish, self.wish = self.wish, lambda _t: None
        self.run(0.6)
        self.wish = wish
        return self

    def tick(self) -> None:
        """20 ms: sensors speak, the gate decides, the base moves."""
        self._sense()
        for topic, value in self.gate.step(self.mailbox.snapshot(), self.now_s, self.steady_s):
            if topic is CMD_VEL:
                self.passed.append((self.now_s, value))
                self.commands.append((self.now_s + 0.02, value))
            elif topic is GATE_STATUS:
                self.statuses.append(value)
            elif topic is MOTION_WARNING:
                self.warning = value
        for _ in range(TICK_STEPS):
            self._move()
        self._look_for_contact()
        self._count += 1

    def _sense(self) -> None:
        now = self.now_s
        odom = self.pose.relative_to(self.odom_origin)
        linear, angular = self.linear_mps, self.angular_radps
        self.send(ODOM, Odometry(now, odom, linear, angular))
        self.send(IMU, Imu(now, (0.0, 0.0, angular), self._force()))
        if self._count % SCAN_TICKS == 0:
            self.send(SCAN, self.scan())
            self.send(AMCL_POSE, PoseEstimate(now, self.pose))
            status = LocalizationStatus(now, self.level, "told so", 0.05, 0.01, 0.9)
            self.send(LOCALIZATION_STATUS, status)
            self.send(BUMPER, BumperState(now, self.pressed, "front"))
            self.send(ESTOP, EstopState(now, "robot", self.estop_pressed))
        if self._count % COMMAND_TICKS == 0:
            wanted = self.wish(now - START_S)
            if wanted is not None:
                self.send(CMD_VEL_NAV, VelocityCommand(now, *wanted))

    def _pull_mps2(self) -> float:
        """Gravity along the robot's x axis."""
        return 9.81 * math.sin(self.slope_rad) * math.cos(self.pose.yaw_rad)

    def _force(self) -> tuple[float, float, float]:
        """What an accelerometer reads: acceleration less gravity."""
        gained_mps2 = (self.linear_mps - self._sensed_mps) / (STEP_S * TICK_STEPS)
        self._sensed_mps = self.linear_mps
        x, y, z = self.specific_force
        return (x + gained_mps2 - self._pull_mps2(), y, z)

    def scan(self) -> LaserScan:
        """720 beams all round from the lidar's place; NaN never, +inf where nothing is."""
        mount = ROBOT.lidar.transform().pose2()
        sensor = self.pose.compose(mount)
        angles = -math.pi + np.arange(720) * (math.tau / 720)
        directions = np.column_stack(
            (np.cos(angles + sensor.yaw_rad), np.sin(angles + sensor.yaw_rad))
        )
        ranges = np.full(720, np.inf)
        for wall in self.walls:
            ranges = np.minimum(ranges, _ray_segment(sensor, directions, wall))
        for walker in self.walkers:
            ranges = np.minimum(ranges, _ray_circle(sensor, directions, walker))
        ranges += self.rng.normal(0.0, 1.0, 720) * self.noise_m
        ranges[ranges > 30.0] = np.inf
        return LaserScan(
            self.now_s, "lidar_link", -math.pi, math.tau / 720, 0.05, 30.0,
            ranges.astype(np.float32),
        )  # fmt: skip

    def _move(self) -> None:
        linear, angular = self._base_target()
        drive = ROBOT.drive
        pull_mps2 = self._pull_mps2()
        braking = drive.max_deceleration_mps2 - math.copysign(
            pull_mps2, pull_mps2 * self.linear_mps
        )
        self.linear_mps = _ramp(self.linear_mps, linear, drive.max_acceleration_mps2, braking)
        yaw_rate = drive.max_yaw_acceleration_radps2
        self.angular_radps = _ramp(self.angular_radps, angular, yaw_rate, yaw_rate)
        step_m = self.linear_mps * STEP_S * self.slip
        yaw = self.pose.yaw_rad + 0.5 * self.angular_radps * STEP_S
        self.pose = Pose2(
            self.pose.x_m + step_m * math.cos(yaw),
            self.pose.y_m + step_m * math.sin(yaw),
            math.remainder(self.pose.yaw_rad + self.angular_radps * STEP_S, math.tau),
        )
        moving = abs(self.linear_mps) > 1e-6 or abs(self.angular_radps) > 1e-6
        self._rested_s = 0.0 if moving else self._rested_s + STEP_S
        self.now_s += STEP_S
        self.steady_s += STEP_S
        for walker in self.walkers:
            if self.now_s - START_S >= walker.since_s:
                walker.x_m += walker.vx_mps * STEP_S
                walker.y_m += walker.vy_mps * STEP_S

    def _base_target(self) -> tuple[float, float]:
        """The newest command that has reached the base, if it is young enough."""
        while len(self.commands) > 1 and self.commands[1][0] <= self.now_s:
            self.commands.pop(0)
        if not self.commands or not 0.0 <= self.now_s - self.commands[0][0] <= 0.15:
            return 0.0, 0.0
        command = self.commands[0][1]
        return command.linear_mps, command.angular_radps

    def _look_for_contact(self) -> None:
        if not self._shapes and not self.walkers:
            return
        body = affinity.translate(
            affinity.rotate(
                Polygon(ROBOT.footprint_m()), self.pose.yaw_rad, origin=(0, 0), use_radians=True
            ),
            self.pose.x_m,
            self.pose.y_m,
        )
        distances: Iterable[float] = [
            *(body.distance(shape) for shape in self._shapes),
            *(body.distance(Point(w.x_m, w.y_m)) - w.radius_m for w in self.walkers),
        ]
        distance = min(distances, default=math.inf)
        self.clearance_m = min(self.clearance_m, distance)
        if distance <= 0.0 and self.contact is None:
            self.contact = Contact(self.now_s - START_S, self._rested_s)


def _ramp(value: float, target: float, up: float, down: float) -> float:
    if value * target < 0.0:
        target = 0.0
    step = (up if abs(target) > abs(value) else down) * STEP_S
    return min(max(target, value - step), value + step)


def _ray_segment(
    sensor: Pose2, directions: FloatArray, wall: tuple[float, float, float, float]
) -> FloatArray:
    start = np.array([wall[0] - sensor.x_m, wall[1] - sensor.y_m])
    along = np.array([wall[2] - wall[0], wall[3] - wall[1]])
    cross = directions[:, 0] * along[1] - directions[:, 1] * along[0]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        distance = (start[0] * along[1] - start[1] * along[0]) / cross
        part = (start[0] * directions[:, 1] - start[1] * directions[:, 0]) / cross
        hit = (distance > 0.0) & (part >= 0.0) & (part <= 1.0)
    return np.where(hit, distance, np.inf)


def _ray_circle(sensor: Pose2, directions: FloatArray, walker: Walker) -> FloatArray:
    center = np.array([walker.x_m - sensor.x_m, walker.y_m - sensor.y_m])
    along = directions @ center
    gap2 = walker.radius_m**2 - (center @ center - along**2)
    distance = along - np.sqrt(np.maximum(gap2, 0.0))
    return np.where((gap2 >= 0.0) & (distance > 0.0), distance, np.inf)
