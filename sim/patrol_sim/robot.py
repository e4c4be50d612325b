"""One simulated robot: base, sensors, what it says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from patrol_core import topics
from patrol_core.component import Outputs
from patrol_core.geometry import Pose2, Transform3
from patrol_core.topics import Topic
from patrol_core.types.motion import StampedTransform, Transforms, VelocityCommand
from patrol_core.types.sensors import BumperState, CameraInfo
from patrol_core.types.status import EstopState
from patrol_core.wheel_odometry import WheelOdometry
from patrol_sim.base_controller import BaseController
from patrol_sim.battery import BatteryPack
from patrol_sim.contacts import ContactMonitor
from patrol_sim.depth_rays import DepthRays, coarse
from patrol_sim.engine import mujoco
from patrol_sim.gnss import GnssReceiver
from patrol_sim.imu import ImuModel
from patrol_sim.lidar import LidarModel
from patrol_sim.model_builder import SERVO_GAIN_NMS, BuiltModel, Category, RobotSetup
from patrol_sim.params import SimParams
from patrol_sim.pinhole import camera_info
from patrol_sim.rng import stream
from patrol_sim.scenario import Fault, FaultKind
from patrol_sim.sdf import SphericalCoordinates
from patrol_sim.wheels import Encoders, WheelSlip

T = TypeVar("T")
CONTROL_PERIOD_S = 0.02
_NEAR_DOCK_M = 1.5
_REST_MPS = 0.02
_LEVEL_RAD = 0.01
ESTOP_SOURCE = "robot"


@dataclass(frozen=True, slots=True)
class CameraPort:
    """How a robot takes pictures: the rows' values at a time, and the pinhole model."""

    take: Callable[[float], Iterable[tuple[Topic[Any], Any]]]
    info: CameraInfo


class SimulatedRobot:
    """A rover in a MuJoCo model; everything it may know leaves through `outputs`."""

    def __init__(
        self,
        setup: RobotSetup,
        built: BuiltModel,
        data: mujoco.MjData,
        datum: SphericalCoordinates,
        docks: tuple[Pose2, ...],
        params: SimParams,
        seed: int,
    ) -> None:
        self.key = setup.key
        self.setup = setup
        self._built = built
        self._model = built.model
        self._data = data
        self._docks = docks
        self._params = params
        self.base = BaseController(setup.model.drive, params.base)
        self.contacts = ContactMonitor(built, self.key)
        own = (built.categories == Category.ROBOT) & (np.array(built.owners) == self.key)
        self._slip = WheelSlip(params.wheels, stream(seed, self.key, "wheels"))
        self._encoders = Encoders(setup.model.wheels)
        self._odometry = WheelOdometry(setup.model.wheels)
        self._imu = ImuModel(params.imu, stream(seed, self.key, "imu"))
        self.lidar = LidarModel(
            setup.model.lidar, params.lidar, own, stream(seed, self.key, "lidar")
        )
        self._gnss = GnssReceiver(params.gnss, datum, stream(seed, self.key, "gnss"))
        self._battery = BatteryPack(setup.model.battery, params.battery)
        eye = coarse(setup.model.camera)
        self._depth_rays = DepthRays(eye, params.camera, own, stream(seed, self.key, "depth"))
        self.camera = CameraPort(self._take_depth, camera_info(eye, 0.0))
        self._find_indices()
        self._wheel_angles = [0.0, 0.0]
        self._slip_now = (0.0, 0.0)
        self._imu_velocity = np.zeros(3)
        self._outputs = Outputs()
        self._last: dict[str, Any] = {}
        self._faults: tuple[Fault, ...] = ()
        self._bumper_said = ""
        self._ticks = 0
        self.scanned = False
        self.rest_since_s = 0.0
        self.stood_s = 0.0
        self._last_moved_s = 0.0

    def _find_indices(self) -> None:
        built, model = self._built, self._model
        joint = model.joint(f"{self.key}/free")
        self._qpos, self._qvel = int(joint.qposadr[0]), int(joint.dofadr[0])
        wheels = [model.joint(f"{self.key}/{side}_wheel_joint") for side in ("left", "right")]
        self._wheel_qpos = [int(wheel.qposadr[0]) for wheel in wheels]
        self._wheel_qvel = [int(wheel.dofadr[0]) for wheel in wheels]
        self._servos = [
            int(model.actuator(f"{self.key}/{side}_wheel").id) for side in ("left", "right")
        ]
        self._body = built.body_id(f"{self.key}/base_link")
        self._lidar_body = built.body_id(f"{self.key}/lidar_link")
        self._imu_body = built.body_id(f"{self.key}/imu_link")
        self._gnss_body = built.body_id(f"{self.key}/gnss_link")
        self.camera_id = int(model.camera(f"{self.key}/camera").id)

    def place(self, pose: Pose2) -> None:
        """Put the robot on the ground, at rest."""
        transform = Transform3.from_pose2(pose)
        x, y, z, w = transform.rotation_xyzw
        at = self._qpos
        self._data.qpos[at : at + 7] = [*transform.translation_m, w, x, y, z]
        self._data.qvel[self._qvel : self._qvel + 6] = 0.0

    @property
    def pose(self) -> Pose2:
        """The true pose of base_link in the world."""
        x, y = self._data.qpos[self._qpos : self._qpos + 2].tolist()
        w, i, j, k = self._data.qpos[self._qpos + 3 : self._qpos + 7].tolist()
        return Pose2(x, y, math.atan2(2.0 * (w * k + i * j), 1.0 - 2.0 * (j * j + k * k)))

    @property
    def velocity(self) -> tuple[float, float]:
        """The true forward and yaw velocity of base_link."""
        vx, vy, _, _, _, rate = self._data.qvel[self._qvel : self._qvel + 6].tolist()
        yaw = self.pose.yaw_rad
        return vx * math.cos(yaw) + vy * math.sin(yaw), rate

    @property
    def speed_mps(self) -> float:
        """The true speed over ground, in any direction."""
        vx, vy = self._data.qvel[self._qvel : self._qvel + 2].tolist()
        return math.hypot(vx, vy)

    @property
    def tilt_rad(self) -> float:
        """The angle between base_link's z axis and the vertical."""
        _, i, j, _ = self._data.qpos[self._qpos + 3 : self._qpos + 7].tolist()
        return math.acos(min(max(1.0 - 2.0 * (i * i + j * j), -1.0), 1.0))

    @property
    def docked(self) -> bool:
        """Whether the charging contacts meet those of a dock."""
        limits = self._params.battery
        for dock in self._docks:
            off = self.pose.relative_to(dock)
            if (
                math.hypot(off.x_m, off.y_m) <= limits.dock_tolerance_m
                and abs(off.yaw_rad) <= limits.dock_tolerance_rad
            ):
                return True
        return False

    @property
    def near_dock(self) -> bool:
        """Whether it is so near to a dock that coming close to things is what it is there for."""
        here = self.pose
        return any(
            math.hypot(here.x_m - dock.x_m, here.y_m - dock.y_m) < _NEAR_DOCK_M
            for dock in self._docks
        )

    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """A command has arrived at the base."""
        if not self._fault(FaultKind.CUT):
            self.base.command.receive(command, now_s)

    def set_faults(self, faults: tuple[Fault, ...]) -> None:
        """The faults that are active now."""
        self._faults = faults

    def _fault(self, kind: FaultKind, row: str = "") -> Fault | None:
        return next((f for f in self._faults if f.kind is kind and f.row in ("", row)), None)

    def control(self, now_s: float) -> None:
        """Tell the wheels what to do for the next control period."""
        slip_fault = self._fault(FaultKind.SLIP)
        loss = slip_fault.amount if slip_fault else 0.0
        self._slip.forced = (loss / (1.0 - loss),) * 2
        self._slip_now = self._slip.step(CONTROL_PERIOD_S, self.base.moving)
        linear, angular = self.base.step(now_s, CONTROL_PERIOD_S)
        if self._battery.empty:
            linear = angular = 0.0
        wheels = self.setup.model.wheels
        turn = angular * wheels.separation_m / 2.0
        rates = ((linear - turn) / wheels.left_radius_m, (linear + turn) / wheels.right_radius_m)
        for rate, servo, slip in zip(rates, self._servos, self._slip_now, strict=True):
            self._data.ctrl[servo] = rate / (1.0 + slip) + self._lift_radps()
        if self.base.moving:
            self.contacts.moving(now_s)
            self._last_moved_s = now_s
        self.stood_s = now_s - self._last_moved_s

    def _lift_radps(self) -> float:
        """What a speed controller's integral part adds on a slope, so that it holds its speed.

        The servo alone has no such part, and would give way by the weight's torque by its gain.
        """
        w, i, j, k = self._data.qpos[self._qpos + 3 : self._qpos + 7].tolist()
        rising = 2.0 * (i * k - w * j)
        if abs(rising) < _LEVEL_RAD:
            return 0.0
        weight_n = float(self._model.body_subtreemass[self._body] * -self._model.opt.gravity[2])
        wheels = self.setup.model.wheels
        radius_m = (wheels.left_radius_m + wheels.right_radius_m) / 2.0
        return float(weight_n * rising * radius_m / (2.0 * SERVO_GAIN_NMS))

    def sense(self, now_s: float) -> None:
        """Read the sensors at the end of a control period."""
        if self.speed_mps > _REST_MPS:
            self.rest_since_s = math.inf
        elif self.rest_since_s == math.inf:
            self.rest_since_s = now_s
        self._sense_motion(now_s)
        self._say_bumper(now_s)
        due = self._due
        self.scanned = due(topics.SCAN)
        if self.scanned:
            scan = self.lidar.measure(now_s, self._model, self._data, self._lidar_body, self._body)
            self._say(topics.SCAN, scan)
        if due(topics.BATTERY_STATE):
            self._say(topics.BATTERY_STATE, self._battery.state(now_s))
        if due(topics.FIX):
            antenna = self._data.xpos[self._gnss_body].copy()
            hidden = self._gnss.hidden_sky(self._model, self._data, antenna, self._body)
            self._say(topics.FIX, self._gnss.measure(now_s, antenna, hidden))
        if due(topics.ESTOP):
            pressed = self._fault(FaultKind.PRESS) is not None
            self._say(topics.ESTOP, EstopState(now_s, ESTOP_SOURCE, pressed))
        if self._ticks == 0:
            self._say_latched(now_s)
        if due(topics.CAMERA_DEPTH):
            for row, value in self.camera.take(now_s):
                self._say(row, value)
        self._ticks += 1

    def _take_depth(self, now_s: float) -> list[tuple[Topic[Any], Any]]:
        depth = self._depth_rays.measure(
            now_s, self._model, self._data, self.camera_id, self._body
        )
        return [(topics.CAMERA_DEPTH, depth)]

    def _due(self, row: Topic[Any]) -> bool:
        """Whether a row's period ends at this tick."""
        return self._ticks % round(1.0 / (row.rate_hz * CONTROL_PERIOD_S)) == 0

    def _sense_motion(self, now_s: float) -> None:
        turned, power_w = [0.0, 0.0], 0.0
        for side in (0, 1):
            angle = float(self._data.qpos[self._wheel_qpos[side]])
            turned[side] = (angle - self._wheel_angles[side]) * (1.0 + self._slip_now[side])
            self._wheel_angles[side] = angle
            torque = float(self._data.actuator_force[self._servos[side]])
            power_w += max(torque * float(self._data.qvel[self._wheel_qvel[side]]), 0.0)
        self._battery.step(power_w, self.docked, CONTROL_PERIOD_S)
        left_rad, right_rad = self._encoders.step((turned[0], turned[1]))
        self._odometry.step(left_rad, right_rad, CONTROL_PERIOD_S)
        odometry = self._odometry.odometry(now_s)
        self._say(topics.ODOM, odometry)
        moved = StampedTransform(now_s, "odom", "base_link", Transform3.from_pose2(odometry.pose))
        self._say(topics.TF, Transforms((moved,)))
        self._say(topics.IMU, self._measure_imu(now_s))
        if self._due(topics.JOINT_STATES):
            self._say(topics.JOINT_STATES, self._odometry.joint_states(now_s))

    def _measure_imu(self, now_s: float) -> Any:
        """Rate and specific force at imu_link, the force from the change of velocity."""
        to_world = self._data.xmat[self._body].reshape(3, 3)
        rate = self._data.qvel[self._qvel + 3 : self._qvel + 6]
        arm = self._data.xpos[self._imu_body] - self._data.xpos[self._body]
        velocity = self._data.qvel[self._qvel : self._qvel + 3] + np.cross(to_world @ rate, arm)
        acceleration = (velocity - self._imu_velocity) / CONTROL_PERIOD_S
        self._imu_velocity = velocity
        to_imu: NDArray[np.float64] = self._data.xmat[self._imu_body].reshape(3, 3).T
        force = to_imu @ (acceleration - self._model.opt.gravity)
        return self._imu.measure(now_s, to_imu @ to_world @ rate, force, CONTROL_PERIOD_S)

    def _say_bumper(self, now_s: float) -> None:
        side = self.contacts.bumper_side
        if side != self._bumper_said or self._due(topics.BUMPER):
            self._say(topics.BUMPER, BumperState(now_s, bool(side), side))
        self._bumper_said = side

    def _say_latched(self, now_s: float) -> None:
        transforms = [StampedTransform(now_s, *mount) for mount in self.setup.model.mounts()]
        self._say(topics.TF_STATIC, Transforms(tuple(transforms)))
        self._say(topics.CAMERA_INFO, self.camera.info)

    def _say(self, row: Topic[T], value: T) -> None:
        if any(f.kind is FaultKind.DROP and f.row == row.name for f in self._faults):
            return
        if any(f.kind is FaultKind.FREEZE and f.row == row.name for f in self._faults):
            value = self._last.get(row.name, value)
        self._last[row.name] = value
        self._outputs.put(row, value)

    def outputs(self) -> Outputs:
        """What the robot has said since the last call, in order."""
        said, self._outputs = self._outputs, Outputs()
        return said
