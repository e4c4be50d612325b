"""What really happens to a robot in Gazebo, for the scorer alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from patrol_core.geometry import Pose2, Transform3
from patrol_core.robot import RobotModel
from patrol_core.types.sensors import LaserScan
from patrol_sim.clearance import ClearanceMonitor
from patrol_sim.contacts import BLAME_S
from patrol_sim.harmonic.scene import Owner
from patrol_sim.params import BatteryParams
from patrol_sim.truth import Contact, MotorTruth, RobotTruth

_SAME_CONTACT_S = 0.5
_DOCK_SPEED_MPS = 0.1
_DOCK_PREFIX = "dock"
_NEAR_DOCK_M = 1.5
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
        self._open: dict[str, int] = {}
        self.contacts: list[Contact] = []
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
        offs = [self.pose.relative_to(dock) for dock in self._docks]
        return any(
            math.hypot(off.x_m, off.y_m) <= self._battery.dock_tolerance_m
            and abs(off.yaw_rad) <= self._battery.dock_tolerance_rad
            for off in offs
        )

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
            self._moved_s = now_s
        self.stood_s = now_s - self._moved_s
        self._clearance.see_people(self.pose, self.stood_s, people)

    def scanned(self, scan: LaserScan, people: Sequence[Pose2]) -> None:
        """The lidar has seen things; at a dock, being near is what the robot is there for."""
        here = self.pose
        if any(here.distance_to(dock) < _NEAR_DOCK_M for dock in self._docks):
            return
        points = here.compose(self._lidar).transform_points(scan.points_m())
        for person in people:
            off = points - np.array([person.x_m, person.y_m])
            points = points[np.hypot(off[:, 0], off[:, 1]) > _PERSON_REACH_M]
        self._clearance.see_points(here, points)

    def touched(self, other: Owner, stamp_s: float) -> None:
        """The robot has touched something at `stamp_s`; with the ground that is no contact."""
        if other.ground:
            return
        index = self._open.get(other.name)
        if index is not None and stamp_s - self.contacts[index].end_s <= _SAME_CONTACT_S:
            self.contacts[index] = replace(self.contacts[index], end_s=stamp_s)
            return
        self._open[other.name] = len(self.contacts)
        slow = self._speed_mps <= _DOCK_SPEED_MPS + 1e-3
        self.contacts.append(
            Contact(
                self.key, other.name, other.person, stamp_s, stamp_s, self._speed_mps,
                by_robot=stamp_s - self._moved_s <= BLAME_S,
                allowed=other.name.startswith(_DOCK_PREFIX) and slow,
            )
        )  # fmt: skip

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
