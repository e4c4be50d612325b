"""One robot in a MuJoCo model: its state, its motors, and the rays of its sensors."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Pose2, Transform3
from patrol_core.robot import RobotModel
from patrol_sim.body import SERVO_GAIN_NMS
from patrol_sim.contacts import BUMPER_SIDES, RUNNING_GEAR, STANDING_NORMAL_Z, Touch
from patrol_sim.depth_rays import DepthRays, coarse
from patrol_sim.engine import mujoco
from patrol_sim.geoms import RAY_GROUPS
from patrol_sim.gnss import SKY_AZIMUTHS, SKY_ELEVATIONS_RAD, SKY_RANGE_M
from patrol_sim.lidar import Returns, beam_angles
from patrol_sim.model_builder import BuiltModel, Category

_LEVEL_RAD = 0.01


class MujocoBody:
    """A `Body` in a compiled model."""

    def __init__(
        self, key: str, robot: RobotModel, built: BuiltModel, data: mujoco.MjData
    ) -> None:
        self._built, self._model, self._data = built, built.model, data
        self._wheel_radius_m = (robot.wheels.left_radius_m + robot.wheels.right_radius_m) / 2.0
        own = (built.categories == Category.ROBOT) & (np.array(built.owners) == key)
        self._find_indices(key)
        self._imu_velocity = np.zeros(3)
        self._lidar_rays = _LidarRays(robot, own)
        self._sky_rays = _SkyRays()
        self._depth_rays = DepthRays(coarse(robot.camera), own)

    def _find_indices(self, key: str) -> None:
        built, model = self._built, self._model
        joint = model.joint(f"{key}/free")
        self._qpos, self._qvel = int(joint.qposadr[0]), int(joint.dofadr[0])
        wheels = [model.joint(f"{key}/{side}_wheel_joint") for side in ("left", "right")]
        self._wheel_qpos = [int(wheel.qposadr[0]) for wheel in wheels]
        self._wheel_qvel = [int(wheel.dofadr[0]) for wheel in wheels]
        self._servos = [
            int(model.actuator(f"{key}/{side}_wheel").id) for side in ("left", "right")
        ]
        self._body = built.body_id(f"{key}/base_link")
        self._lidar_body = built.body_id(f"{key}/lidar_link")
        self._imu_body = built.body_id(f"{key}/imu_link")
        self._gnss_body = built.body_id(f"{key}/gnss_link")
        self.camera_id = int(model.camera(f"{key}/camera").id)

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

    def drive(self, rates_radps: tuple[float, float]) -> None:
        """What the servos are told."""
        for servo, rate in zip(self._servos, rates_radps, strict=True):
            self._data.ctrl[servo] = rate + self._lift_radps()

    def _lift_radps(self) -> float:
        """What a speed controller's integral part adds on a slope, so that it holds its speed.

        The servo alone has no such part, and would give way by the weight's torque by its gain.
        """
        w, i, j, k = self._data.qpos[self._qpos + 3 : self._qpos + 7].tolist()
        rising = 2.0 * (i * k - w * j)
        if abs(rising) < _LEVEL_RAD:
            return 0.0
        weight_n = float(self._model.body_subtreemass[self._body] * -self._model.opt.gravity[2])
        return float(weight_n * rising * self._wheel_radius_m / (2.0 * SERVO_GAIN_NMS))

    @property
    def wheel_angles_rad(self) -> tuple[float, float]:
        """How far the wheels have turned since the start."""
        left, right = (float(self._data.qpos[at]) for at in self._wheel_qpos)
        return left, right

    @property
    def wheel_power_w(self) -> float:
        """Mechanical power that the motors give."""
        power_w = 0.0
        for servo, at in zip(self._servos, self._wheel_qvel, strict=True):
            torque = float(self._data.actuator_force[servo])
            power_w += max(torque * float(self._data.qvel[at]), 0.0)
        return power_w

    def inertial(self, dt_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rate and specific force at imu_link, the force from the change of velocity."""
        to_world = self._data.xmat[self._body].reshape(3, 3)
        rate = self._data.qvel[self._qvel + 3 : self._qvel + 6]
        arm = self._data.xpos[self._imu_body] - self._data.xpos[self._body]
        velocity = self._data.qvel[self._qvel : self._qvel + 3] + np.cross(to_world @ rate, arm)
        acceleration = (velocity - self._imu_velocity) / dt_s
        self._imu_velocity = velocity
        to_imu: NDArray[np.float64] = self._data.xmat[self._imu_body].reshape(3, 3).T
        force = to_imu @ (acceleration - self._model.opt.gravity)
        return to_imu @ to_world @ rate, force

    def revolution(self) -> Returns:
        """What the lidar's rays meet."""
        at = self._lidar_body
        return self._lidar_rays.cast(self._built, self._data, at, self._body)

    def antenna_m(self) -> NDArray[np.float64]:
        """Where the GNSS antenna is in the world."""
        antenna: NDArray[np.float64] = self._data.xpos[self._gnss_body].copy()
        return antenna

    def hidden_sky(self) -> float:
        """The fraction of directions in which something stands before the sky."""
        return self._sky_rays.hidden(self._model, self._data, self.antenna_m(), self._body)

    def coarse_depth_m(self) -> NDArray[np.float32]:
        """Depth of the coarse camera."""
        return self._depth_rays.cast(self._model, self._data, self.camera_id, self._body)


class MujocoContacts:
    """Tells, after every physics step, what one robot touches."""

    def __init__(self, key: str, built: BuiltModel) -> None:
        self._built = built
        owners = np.array(built.owners)
        self._own: NDArray[np.bool_] = owners == key
        self._own &= built.categories == Category.ROBOT
        self._ground: NDArray[np.bool_] = built.categories == Category.GROUND
        bodies = built.model.geom_bodyid
        self._bumpers = {
            side: bodies == built.body_id(f"{key}/{side}_bumper") for side in BUMPER_SIDES
        }
        self._rolls = np.isin(bodies, [built.body_id(f"{key}/{link}") for link in RUNNING_GEAR])

    def look(self, data: mujoco.MjData) -> Iterator[Touch]:
        """The contacts of the newest step."""
        pairs = data.contact.geom
        own = self._own[pairs]
        for row in np.flatnonzero(own.any(axis=1) & ~self._ground[pairs].any(axis=1)):
            mine, other = (0, 1) if own[row, 0] else (1, 0)
            mine, other = int(pairs[row, mine]), int(pairs[row, other])
            if self._rolls[mine] and abs(data.contact.frame[row, 2]) > STANDING_NORMAL_Z:
                continue
            side = next((side for side, geoms in self._bumpers.items() if geoms[mine]), "")
            person = self._built.categories[other] == Category.PERSON
            yield Touch(self._built.owners[other], bool(person), side)


class _LidarRays:
    """One revolution by MuJoCo's ray casting."""

    def __init__(self, robot: RobotModel, own_geoms: NDArray[np.bool_]) -> None:
        self._own_geoms = own_geoms
        self._reach_m = robot.lidar.range_max_m
        angles = beam_angles(robot.lidar)
        self._directions = np.column_stack((np.cos(angles), np.sin(angles), np.zeros(len(angles))))
        self._geoms = np.zeros(len(angles), dtype=np.int32)
        self._ranges = np.zeros(len(angles))

    def cast(self, built: BuiltModel, data: mujoco.MjData, link: int, own_body: int) -> Returns:
        """From the body `link` (the frame lidar_link)."""
        origin = data.xpos[link]
        rays = self._directions @ data.xmat[link].reshape(3, 3).T
        mujoco.mj_multiRay(
            built.model, data, origin, rays.ravel(), RAY_GROUPS, True, own_body,
            self._geoms, self._ranges, None, len(rays), self._reach_m,
        )  # fmt: skip
        hit = (self._geoms >= 0) & (self._ranges <= self._reach_m)
        own = hit & self._own_geoms[self._geoms]
        hit &= ~own
        points = origin + rays[hit] * self._ranges[hit, None]
        people = built.categories[self._geoms[hit]] == Category.PERSON
        return Returns(self._ranges.copy(), hit, own, points, people)


class _SkyRays:
    """Looks from an antenna up to the sky."""

    def __init__(self) -> None:
        azimuth = np.arange(SKY_AZIMUTHS) * (2.0 * math.pi / SKY_AZIMUTHS)
        rays = [
            (math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e))
            for e in SKY_ELEVATIONS_RAD
            for a in azimuth
        ]
        self._rays = np.array(rays).ravel()
        self._geoms = np.zeros(len(rays), dtype=np.int32)
        self._distances = np.zeros(len(rays))

    def hidden(
        self,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        antenna_m: NDArray[np.float64],
        body: int,
    ) -> float:
        mujoco.mj_multiRay(
            model, data, antenna_m, self._rays, RAY_GROUPS, True, body,
            self._geoms, self._distances, None, len(self._geoms), SKY_RANGE_M,
        )  # fmt: skip
        return float(np.mean((self._distances >= 0.0) & (self._distances < SKY_RANGE_M)))
