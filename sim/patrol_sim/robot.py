"""One simulated robot: base, sensors, what it says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from patrol_core import topics
from patrol_core.component import Outputs
from patrol_core.geometry import Pose2, Transform3
from patrol_core.topics import Topic
from patrol_core.types.motion import StampedTransform, Transforms, VelocityCommand
from patrol_core.types.sensors import BumperState, CameraInfo
from patrol_core.types.status import EstopState
from patrol_core.wheel_odometry import WheelOdometry
from patrol_sim.battery import BatteryPack
from patrol_sim.body import Body
from patrol_sim.contacts import ContactBook
from patrol_sim.depth_rays import coarse
from patrol_sim.docks import is_docked, is_near_dock
from patrol_sim.firmware import Firmware
from patrol_sim.gnss import GnssReceiver
from patrol_sim.imu import ImuModel
from patrol_sim.lidar import LidarModel, Returns
from patrol_sim.params import SimParams
from patrol_sim.pinhole import camera_info, depth_image
from patrol_sim.rng import stream
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Fault, FaultKind
from patrol_sim.sdf import SphericalCoordinates
from patrol_sim.wheels import Encoders

CONTROL_PERIOD_S = 0.02
_REST_MPS = 0.02
ESTOP_SOURCE = "robot"


@dataclass(frozen=True, slots=True)
class CameraPort:
    """How a robot takes pictures: the rows' values at a time, and the pinhole model."""

    take: Callable[[float], Iterable[tuple[Topic[Any], Any]]]
    info: CameraInfo


class SimulatedRobot:
    """A rover in whichever engine moves its body; all it may know leaves through `outputs`."""

    def __init__(
        self,
        setup: RobotSetup,
        body: Body,
        datum: SphericalCoordinates,
        docks: tuple[Pose2, ...],
        params: SimParams,
        seed: int,
    ) -> None:
        self.key = setup.key
        self.setup = setup
        self.body = body
        self._docks = docks
        self._params = params
        self._firmware = Firmware(setup.model, params, stream(seed, self.key, "wheels"))
        self.base = self._firmware.controller
        self.contacts = ContactBook(self.key)
        self._encoders = Encoders(setup.model.wheels)
        self._odometry = WheelOdometry(setup.model.wheels)
        self._imu = ImuModel(params.imu, stream(seed, self.key, "imu"))
        self._lidar = LidarModel(setup.model.lidar, params.lidar, stream(seed, self.key, "lidar"))
        self._gnss = GnssReceiver(params.gnss, datum, stream(seed, self.key, "gnss"))
        self._battery = BatteryPack(setup.model.battery, params.battery)
        self._eye = coarse(setup.model.camera)
        self._depth_rng = stream(seed, self.key, "depth")
        self.camera = CameraPort(self._take_depth, camera_info(self._eye, 0.0))
        self._wheel_angles = (0.0, 0.0)
        self._bumper_said = ""
        self._ticks = 0
        self.returns: Returns | None = None
        self.rest_since_s = 0.0
        self.stood_s = 0.0
        self._last_moved_s = 0.0

    @property
    def pose(self) -> Pose2:
        """The true pose of base_link in the world."""
        return self.body.pose

    @property
    def velocity(self) -> tuple[float, float]:
        """The true forward and yaw velocity of base_link."""
        return self.body.velocity

    @property
    def speed_mps(self) -> float:
        """The true speed over ground, in any direction."""
        return self.body.speed_mps

    @property
    def tilt_rad(self) -> float:
        """The angle between base_link's z axis and the vertical."""
        return self.body.tilt_rad

    def place(self, pose: Pose2) -> None:
        """Put the robot on the ground, at rest."""
        self.body.place(pose)

    @property
    def docked(self) -> bool:
        """Whether the charging contacts meet those of a dock."""
        return is_docked(self.pose, self._docks, self._params.battery)

    @property
    def near_dock(self) -> bool:
        """Whether it is so near to a dock that coming close to things is what it is there for."""
        return is_near_dock(self.pose, self._docks)

    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """A command has arrived at the base."""
        self._firmware.apply(command, now_s)

    def set_faults(self, faults: tuple[Fault, ...]) -> None:
        """The faults that are active now."""
        self._firmware.set_faults(faults)

    def control(self, now_s: float) -> None:
        """Tell the wheels what to do for the next control period."""
        powered = not self._battery.empty
        self.body.drive(self._firmware.turn(now_s, CONTROL_PERIOD_S, is_powered=powered))
        if self.base.moving:
            self.contacts.moving(now_s)
            self._last_moved_s = now_s
        self.stood_s = now_s - self._last_moved_s

    def sense(self, now_s: float) -> None:
        """Read the sensors at the end of a control period."""
        if self.speed_mps > _REST_MPS:
            self.rest_since_s = math.inf
        elif self.rest_since_s == math.inf:
            self.rest_since_s = now_s
        self._sense_motion(now_s)
        self._say_bumper(now_s)
        due = self._due
        self.returns = self.body.revolution() if due(topics.SCAN) else None
        if self.returns is not None:
            self._firmware.say(topics.SCAN, self._lidar.measure(now_s, self.returns))
        if due(topics.BATTERY_STATE):
            self._firmware.say(topics.BATTERY_STATE, self._battery.state(now_s))
        if due(topics.FIX):
            body = self.body
            fix = self._gnss.measure(now_s, body.antenna_m(), body.hidden_sky())
            self._firmware.say(topics.FIX, fix)
        if due(topics.ESTOP):
            pressed = self._firmware.fault(FaultKind.PRESS) is not None
            self._firmware.say(topics.ESTOP, EstopState(now_s, ESTOP_SOURCE, pressed))
        if self._ticks == 0:
            self._say_latched(now_s)
        if due(topics.CAMERA_DEPTH):
            for row, value in self.camera.take(now_s):
                self._firmware.say(row, value)
        self._ticks += 1

    def _take_depth(self, now_s: float) -> list[tuple[Topic[Any], Any]]:
        depth, params = self.body.coarse_depth_m(), self._params.camera
        image = depth_image(now_s, depth, self._eye, params, self._depth_rng)
        return [(topics.CAMERA_DEPTH, image)]

    def _due(self, row: Topic[Any]) -> bool:
        """Whether a row's period ends at this tick."""
        return self._ticks % round(1.0 / (row.rate_hz * CONTROL_PERIOD_S)) == 0

    def _sense_motion(self, now_s: float) -> None:
        turned, angles = [0.0, 0.0], self.body.wheel_angles_rad
        for side in (0, 1):
            moved = angles[side] - self._wheel_angles[side]
            turned[side] = moved * (1.0 + self._firmware.slip[side])
        self._wheel_angles = angles
        self._battery.step(self.body.wheel_power_w, self.docked, CONTROL_PERIOD_S)
        left_rad, right_rad = self._encoders.step((turned[0], turned[1]))
        self._odometry.step(left_rad, right_rad, CONTROL_PERIOD_S)
        odometry = self._odometry.odometry(now_s)
        self._firmware.say(topics.ODOM, odometry)
        step = StampedTransform(now_s, "odom", "base_link", Transform3.from_pose2(odometry.pose))
        self._firmware.say(topics.TF, Transforms((step,)))
        rate, force = self.body.inertial(CONTROL_PERIOD_S)
        self._firmware.say(topics.IMU, self._imu.measure(now_s, rate, force, CONTROL_PERIOD_S))
        if self._due(topics.JOINT_STATES):
            self._firmware.say(topics.JOINT_STATES, self._odometry.joint_states(now_s))

    def _say_bumper(self, now_s: float) -> None:
        side = self.contacts.bumper_side
        if side != self._bumper_said or self._due(topics.BUMPER):
            self._firmware.say(topics.BUMPER, BumperState(now_s, bool(side), side))
        self._bumper_said = side

    def _say_latched(self, now_s: float) -> None:
        transforms = [StampedTransform(now_s, *mount) for mount in self.setup.model.mounts()]
        self._firmware.say(topics.TF_STATIC, Transforms(tuple(transforms)))
        self._firmware.say(topics.CAMERA_INFO, self.camera.info)

    def outputs(self) -> Outputs:
        """What the robot has said since the last call, in order."""
        return self._firmware.outputs()
