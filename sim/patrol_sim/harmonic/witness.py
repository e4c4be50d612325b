"""What really happens to a robot in Gazebo, for the scorer alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import Pose2, Transform3
from patrol_core.robot import RobotModel
from patrol_core.types.sensors import LaserScan
from patrol_sim.clearance import ClearanceMonitor
from patrol_sim.contacts import ContactBook, Touch
from patrol_sim.docks import is_docked, is_near_dock
from patrol_sim.harmonic.scene import Owner
from patrol_sim.params import BatteryParams
from patrol_sim.truth import Contact, MotorTruth, RobotTruth

_REST_MPS = 0.02
_PERSON_REACH_M = 0.6
"""What the lidar sees so near to a person is the person."""


@dataclass(frozen=True, slots=True)
class Motors:
    """What the base's firmware tells: whether wheels are told to turn, and MotorTruth's times."""

    moving: bool
    motion_stamp_s: float
    zero_since_s: float


class Witness:
    """Keeps one robot's true motion, its contacts and how near it came."""

    def __init__(
        self, key: str, model: RobotModel, docks: Sequence[Pose2], battery: BatteryParams
    ) -> None:
        self.key = key
        self._docks = tuple(docks)
        self._battery = battery
        self._lidar = model.lidar.transform().pose2()
        self._clearance = ClearanceMonitor(model.body)
        self._pose: Transform3 | None = None
        self._seen_s = 0.0
        self._speed_mps = self._linear_mps = self._angular_radps = 0.0
        self._distance_m = 0.0
        self._rest_since_s = 0.0
        self._moved_s = -math.inf
        self._book = ContactBook(key)
        self.stood_s = 0.0

    @property
    def pose(self) -> Pose2:
        """The true pose of base_link in the world. Raises ValueError before the first `see`."""
        if self._pose is None:
            raise ValueError(f"nobody has seen '{self.key}' yet")
        return self._pose.pose2()

    @property
    def is_seen(self) -> bool:
        return self._pose is not None

    @property
    def docked(self) -> bool:
        """Whether the charging contacts meet those of a dock."""
        return is_docked(self.pose, self._docks, self._battery)

    @property
    def contacts(self) -> list[Contact]:
        return self._book.contacts

    def see(self, pose: Transform3, stamp_s: float) -> None:
        """The robot's true pose at `stamp_s`."""
        dt_s = stamp_s - self._seen_s
        before, now = self._pose, pose.pose2()
        self._pose, self._seen_s = pose, stamp_s
        if before is None or dt_s <= 0.0:
            return
        moved = now.relative_to(before.pose2())
        self._linear_mps, self._angular_radps = moved.x_m / dt_s, moved.yaw_rad / dt_s
        way_m = math.hypot(moved.x_m, moved.y_m)
        self._speed_mps = way_m / dt_s
        self._distance_m += way_m
        if self._speed_mps > _REST_MPS:
            self._rest_since_s = math.inf
        elif self._rest_since_s == math.inf:
            self._rest_since_s = stamp_s

    def step(self, now_s: float, motors: Motors, people: Sequence[Pose2]) -> None:
        """One tick: how near people are, and for how long the robot has stood."""
        if motors.moving:
            self._book.moving(now_s)
            self._moved_s = now_s
        self.stood_s = now_s - self._moved_s
        self._clearance.see_people(self.pose, self.stood_s, people)

    def scanned(self, scan: LaserScan, people: Sequence[Pose2]) -> None:
        """The lidar has seen things; at a dock, being near is what the robot is there for."""
        here = self.pose
        if is_near_dock(here, self._docks):
            return
        points = here.compose(self._lidar).transform_points(scan.points_m())
        for person in people:
            off = points - np.array([person.x_m, person.y_m])
            points = points[np.hypot(off[:, 0], off[:, 1]) > _PERSON_REACH_M]
        self._clearance.see_points(here, points)

    def touched(self, other: Owner, stamp_s: float) -> None:
        """The robot has touched something at `stamp_s`; with the ground that is no contact."""
        if not other.ground:
            self._book.note(Touch(other.name, other.person, ""), stamp_s, self._speed_mps)

    def truth(self, motors: Motors) -> RobotTruth:
        """All of it."""
        assert self._pose is not None
        i, j, _, _ = self._pose.rotation_xyzw
        near = self._clearance
        return RobotTruth(
            self.key, self.pose, self._linear_mps, self._angular_radps,
            math.acos(min(max(1.0 - 2.0 * (i * i + j * j), -1.0), 1.0)),
            self.docked, near.person_m, near.moving_m, near.thing_m, self._distance_m,
            MotorTruth(motors.motion_stamp_s, motors.zero_since_s, self._rest_since_s),
        )  # fmt: skip
