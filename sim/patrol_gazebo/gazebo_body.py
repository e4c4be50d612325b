"""One robot in Gazebo: its state, its motors, and the rays of its sensors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Pose2, Transform3
from patrol_core.robot import RobotModel
from patrol_gazebo.channel import Channel, State
from patrol_sim.contacts import BUMPER_SIDES, RUNNING_GEAR, STANDING_NORMAL_Z, Touch
from patrol_sim.depth_rays import REACH_M, coarse, pixel_rays
from patrol_sim.gnss import SKY_AZIMUTHS, SKY_ELEVATIONS_RAD, SKY_RANGE_M
from patrol_sim.lidar import Returns, beam_angles

_OPTICAL = Transform3.from_rpy((0.0, 0.0, 0.0), (-math.pi / 2.0, 0.0, -math.pi / 2.0))
"""REP-103: from camera_link to the optical frame."""
_CLEAR_OF_HOUSING_M = 0.02
"""Rays of camera and antenna begin so far out, clear of what these are mounted on."""
_OUT_OF_HOUSING_M = 0.001
"""The lidar's begin so far beyond its least range, outside its own housing."""


@dataclass(frozen=True, slots=True, eq=False)
class Collisions:
    """Gazebo's collisions by number: full names, and the models that they belong to."""

    names: tuple[str, ...]
    owners: tuple[str, ...]
    people: NDArray[np.bool_]
    ground: NDArray[np.bool_]

    @classmethod
    def of(cls, names: tuple[str, ...], ground: set[str]) -> Collisions:
        """What the names tell; `ground`: those that robots stand on."""
        owners = tuple(name.split("::")[0] for name in names)
        return cls(
            names,
            tuple(owner.split("/")[1] if "/" in owner else owner for owner in owners),
            np.array([owner.startswith("person/") for owner in owners]),
            np.array([name in ground for name in names]),
        )


class GazeboBody:
    """A `Body` at the other end of a channel."""

    def __init__(
        self,
        key: str,
        number: int,
        robot: RobotModel,
        channel: Channel,
        collisions: Collisions,
        gravity_mps2: tuple[float, float, float],
    ) -> None:
        self._number, self._channel = number, channel
        self._gravity = np.array(gravity_mps2)
        self._model = channel.models.index(key)
        self._collisions = collisions
        self._own = np.array([name.startswith(f"{key}::") for name in collisions.names])
        self._imu = robot.imu.transform()
        self._gnss = robot.gnss.transform()
        self._lidar = robot.lidar.transform()
        self._reach_m = robot.lidar.range_max_m
        self._add_fans(robot)
        self._wheel_angles = [0.0, 0.0]
        self._imu_velocity = np.zeros(3)
        self.rates_radps = (0.0, 0.0)
        self.take(channel.read())

    def _add_fans(self, robot: RobotModel) -> None:
        angles = beam_angles(robot.lidar)
        beams = np.column_stack((np.cos(angles), np.sin(angles), np.zeros(len(angles))))
        self._beams = beams @ self._lidar.matrix()[:3, :3].T
        nearest_m = robot.lidar.range_min_m + _OUT_OF_HOUSING_M
        self._lidar_fan = self._fan(self._lidar, (nearest_m, self._reach_m), self._beams)
        azimuths = np.arange(SKY_AZIMUTHS) * (2.0 * math.pi / SKY_AZIMUTHS)
        sky = [
            (math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e))
            for e in SKY_ELEVATIONS_RAD
            for a in azimuths
        ]
        self._sky_fan = self._fan(self._gnss, (_CLEAR_OF_HOUSING_M, SKY_RANGE_M), np.array(sky))
        eye = coarse(robot.camera)
        camera = robot.camera.transform()
        rays = pixel_rays(eye)
        self._stretch = np.linalg.norm(rays, axis=1)
        looks = rays / self._stretch[:, None] @ camera.compose(_OPTICAL).matrix()[:3, :3].T
        self._depth_fan = self._fan(camera, (_CLEAR_OF_HOUSING_M, REACH_M), looks)
        self._depth_shape = (eye.height_px, eye.width_px)

    def _fan(
        self, mount: Transform3, reach_m: tuple[float, float], directions: NDArray[np.float64]
    ) -> int:
        return self._channel.add_fan(self._number, mount.translation_m, reach_m, directions)

    def take(self, state: State) -> None:
        """How the robot is now."""
        row = state.robots[self._number].tolist()
        x, y, z, i, j, k, w = row[:7]
        self._base = Transform3((x, y, z), (i, j, k, w))
        self._to_world = self._base.matrix()[:3, :3]
        self._velocity, self._rate = np.array(row[7:10]), np.array(row[10:13])
        for side, angle in enumerate(row[13:15]):
            turned = math.remainder(angle - self._wheel_angles[side], math.tau)
            self._wheel_angles[side] += turned
        self._wheel_rates, self._torques = row[15:17], row[17:19]

    def touches(self, state: State) -> Iterator[tuple[int, Touch, float]]:
        """Contacts with anything but the ground: physics step, touch, speed before it [m/s]."""
        for raw in state.touches:
            mine = self._collisions.names[raw.mine]
            if not self._own[raw.mine] or self._collisions.ground[raw.other]:
                continue
            if raw.normal_z > STANDING_NORMAL_Z and any(link in mine for link in RUNNING_GEAR):
                continue
            side = next((side for side in BUMPER_SIDES if f"{side}_bumper" in mine), "")
            person = bool(self._collisions.people[raw.other])
            yield raw.step, Touch(self._collisions.owners[raw.other], person, side), raw.speed_mps

    @property
    def pose(self) -> Pose2:
        """The true pose of base_link in the world."""
        return self._base.pose2()

    @property
    def velocity(self) -> tuple[float, float]:
        """The true forward and yaw velocity of base_link."""
        yaw = self.pose.yaw_rad
        vx, vy, _ = self._velocity.tolist()
        return vx * math.cos(yaw) + vy * math.sin(yaw), float(self._rate[2])

    @property
    def speed_mps(self) -> float:
        """The true speed over ground, in any direction."""
        return float(np.hypot(self._velocity[0], self._velocity[1]))

    @property
    def tilt_rad(self) -> float:
        """The angle between base_link's z axis and the vertical."""
        return math.acos(min(max(float(self._to_world[2, 2]), -1.0), 1.0))

    @property
    def wheel_angles_rad(self) -> tuple[float, float]:
        """How far the wheels have turned since the start."""
        left, right = self._wheel_angles
        return left, right

    @property
    def wheel_power_w(self) -> float:
        """Mechanical power that the motors give."""
        pairs = zip(self._torques, self._wheel_rates, strict=True)
        return float(sum(max(torque * rate, 0.0) for torque, rate in pairs))

    def place(self, pose: Pose2) -> None:
        """Put the robot on the ground, at rest."""
        self._channel.move(self._model, Transform3.from_pose2(pose))
        self.take(self._channel.read())

    def drive(self, rates_radps: tuple[float, float]) -> None:
        """What the servos are told."""
        self.rates_radps = rates_radps

    def inertial(self, dt_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rate and specific force at imu_link, the force from the change of velocity."""
        arm = self._to_world @ np.array(self._imu.translation_m)
        velocity = self._velocity + np.cross(self._rate, arm)
        acceleration = (velocity - self._imu_velocity) / dt_s
        self._imu_velocity = velocity
        to_imu = (self._to_world @ self._imu.matrix()[:3, :3]).T
        return to_imu @ self._rate, to_imu @ (acceleration - self._gravity)

    def revolution(self) -> Returns:
        """What the lidar's rays meet."""
        ranges, met = self._channel.cast(self._lidar_fan)
        hit = (met >= 0) & (ranges < self._reach_m)
        own = hit & self._own[met]
        hit &= ~own
        local = np.array(self._lidar.translation_m) + self._beams[hit] * ranges[hit, None]
        points = local @ self._to_world.T + np.array(self._base.translation_m)
        return Returns(ranges, hit, own, points, self._collisions.people[met[hit]])

    def antenna_m(self) -> NDArray[np.float64]:
        """Where the GNSS antenna is in the world."""
        return np.array(self._base.compose(self._gnss).translation_m)

    def hidden_sky(self) -> float:
        """The fraction of directions in which something stands before the sky."""
        ranges, met = self._channel.cast(self._sky_fan)
        return float(np.mean((met >= 0) & (ranges < SKY_RANGE_M) & ~self._own[met]))

    def coarse_depth_m(self) -> NDArray[np.float32]:
        """Depth of the coarse camera."""
        ranges, met = self._channel.cast(self._depth_fan)
        seen = (met >= 0) & (ranges < REACH_M) & ~self._own[met]
        depth = np.where(seen, ranges / self._stretch, np.nan).astype(np.float32)
        return depth.reshape(self._depth_shape)
