"""From inputs to what the gate knows now: motion, place, surroundings, and what is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.component import Inputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import RobotModel
from patrol_core.site.model import Dock, Site
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    DEPTH_OBSTACLES,
    DOCK_APPROACH,
    IMU,
    LOCALIZATION_STATUS,
    ODOM,
    SCAN,
)
from patrol_core.types.motion import Odometry
from patrol_core.types.sensors import Imu, LaserScan
from patrol_core.types.status import LocalizationLevel
from patrol_gate.manoeuvre import STILL, Velocity
from patrol_gate.odometry import OdometryTrack
from patrol_gate.params import GateParams
from patrol_gate.reasons import Reason
from patrol_gate.surroundings import NOTHING_M, Lookout, Surroundings
from patrol_gate.trail import Trail
from patrol_gate.watchdogs import EstopWatch, TiltWatch, stale_reason

REST_MPS = 0.02
PUSHED_MPS = 0.3
REST_RADPS = 0.05
DOCKING_RANGE_M = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What is known at one tick.

    `odom` is base_link by dead reckoning, `age_s` ago; `pose` is base_link in `map`, None where
    that cannot be trusted; `dock` is being approached. `downhill_mps2`: gravity along the x axis
    of base_link, 0 without an IMU. `holds` stop everything, `mission_holds` all but an operator's
    creeping; `alarms` latch; `trail` is the ground just covered.
    """

    velocity: Velocity
    downhill_mps2: float
    rest_s: float
    odom: Pose2
    age_s: float
    scan_age_s: float
    surroundings: Surroundings | None
    pose: Pose2 | None
    degraded: bool
    dock: Dock | None
    holds: tuple[Reason, ...]
    mission_holds: tuple[Reason, ...]
    alarms: tuple[Reason, ...]
    trail: Trail


class Monitor:
    """Keeps what must be remembered between ticks to make an `Observation`."""

    def __init__(self, params: GateParams, robot: RobotModel, site: Site) -> None:
        self._params = params
        self._docks = site.docks
        self._track = OdometryTrack()
        self._lookout = Lookout(robot)
        self._trail = Trail(robot.body, params.retrace_m)
        self._estops = EstopWatch(params)
        self._tilt = TiltWatch(params, robot)
        self._imu_up: FloatArray = robot.imu.transform().matrix()[2, :3]
        self._scan_sequence = 0
        self._depth_sequence = 0
        self._beside_m = NOTHING_M
        self._surroundings: Surroundings | None = None
        self._linear_mps = 0.0
        self._rest_s = 0.0
        self._stood_s = 0.0

    def forget(self) -> None:
        """The clock jumped back: nothing that was timed by it holds any longer."""
        self._track.clear()
        self._trail.clear()
        self._lookout.clear()
        self._surroundings = None
        self._beside_m = NOTHING_M

    def observe(
        self, inputs: Inputs, now_s: float, dt_s: float, told_to_stand: bool
    ) -> Observation:
        """Take in what arrived and judge it at `now_s`; `told_to_stand`: zero passed last."""
        alarms = list(self._estops.update(inputs, now_s, dt_s))
        holds = list(self._estops.unheard())
        imu = self._imu(inputs, now_s, holds)
        gyro_radps = None if imu is None else float(self._imu_up @ imu.angular_velocity_radps)
        odometry = self._odometry(inputs, now_s, gyro_radps, holds)
        if odometry is None:
            velocity, odom, age_s = STILL, Pose2(0.0, 0.0), 0.0
        else:
            turn = odometry.angular_radps if gyro_radps is None else gyro_radps
            velocity = Velocity(odometry.linear_mps, turn)
            odom, age_s = self._track.newest(), max(now_s - odometry.stamp_s, 0.0)
            self._trail.note(odom, now_s)
            self._linear_mps = odometry.linear_mps
        tilted = None if imu is None else self._tilt.update(imu, self._linear_mps)
        if tilted is not None:
            alarms.append(tilted)
        self._depth(inputs, now_s, holds)
        self._scan(inputs, now_s, holds)
        pose, mission_holds, degraded = self._place(inputs, now_s, odom)
        self._measure_rest(velocity, dt_s, told_to_stand)
        self._bumper(inputs, now_s, pose, velocity, holds, alarms)
        dock = self._dock_approached(inputs, now_s, pose)
        seen = self._surroundings
        return Observation(
            velocity,
            0.0 if imu is None else self._tilt.downhill_mps2,
            self._rest_s,
            odom,
            age_s,
            0.0 if seen is None else max(now_s - seen.stamp_s, 0.0),
            seen,
            pose,
            degraded,
            dock,
            tuple(holds),
            mission_holds,
            tuple(alarms),
            self._trail,
        )

    def _odometry(
        self, inputs: Inputs, now_s: float, gyro_radps: float | None, holds: list[Reason]
    ) -> Odometry | None:
        sample = inputs.sample(ODOM)
        stale = stale_reason(inputs, ODOM, now_s)
        if sample is None or stale is not None:
            holds.append(stale or Reason("missing:odom", "waiting for odom"))
            return None
        odometry = sample.value
        velocities = (odometry.linear_mps, odometry.angular_radps)
        if not (odometry.pose.is_finite() and all(map(math.isfinite, velocities))):
            holds.append(Reason("absurd:odom", "odom is not finite"))
            return None
        if not self._track.add(odometry, gyro_radps):
            holds.append(Reason("jump:odom", "odom has jumped"))
            self._trail.clear()
            self._lookout.clear()
            self._surroundings = None
            self._beside_m = NOTHING_M
        return odometry

    def _imu(self, inputs: Inputs, now_s: float, holds: list[Reason]) -> Imu | None:
        """The newest usable sample."""
        sample = inputs.sample(IMU)
        wrong = stale_reason(inputs, IMU, now_s)
        if wrong is None and sample is not None and not _well_made(sample.value):
            wrong = Reason("absurd:imu/data", "imu/data is not finite, or without gravity")
        if wrong is not None or sample is None:
            if wrong is not None and IMU.name in self._params.required_inputs:
                holds.append(wrong)
            return None
        return sample.value

    def _scan(self, inputs: Inputs, now_s: float, holds: list[Reason]) -> None:
        sample = inputs.sample(SCAN)
        wrong = stale_reason(inputs, SCAN, now_s)
        if sample is not None and wrong is None and not _well_formed(sample.value):
            wrong = Reason("absurd:scan", "scan is malformed")
        if sample is None or wrong is not None:
            self._surroundings = None
            holds.append(wrong or Reason("missing:scan", "waiting for scan"))
            return
        if sample.sequence != self._scan_sequence or self._surroundings is None:
            base = self._track.at(sample.value.stamp_s)
            if base is not None:
                self._scan_sequence = sample.sequence
                self._surroundings = self._lookout.look(sample.value, base, self._beside_m)
        if self._surroundings is None or now_s - self._surroundings.stamp_s > SCAN.stale_s:
            holds.append(Reason("missing:scan", "waiting for a scan within the odometry"))

    def _depth(self, inputs: Inputs, now_s: float, holds: list[Reason]) -> None:
        """Keep what the lidar's plane misses, for the next scan; nothing where depth is stale."""
        sample = inputs.sample(DEPTH_OBSTACLES)
        wrong = stale_reason(inputs, DEPTH_OBSTACLES, now_s)
        if sample is not None and wrong is None and not _all_finite(sample.value.points_m):
            wrong = Reason(f"absurd:{DEPTH_OBSTACLES.name}", "depth_obstacles is malformed")
        if sample is None or wrong is not None:
            self._beside_m = NOTHING_M
            if wrong is not None and DEPTH_OBSTACLES.name in self._params.required_inputs:
                holds.append(wrong)
            return
        if sample.sequence != self._depth_sequence:
            base = self._track.at(sample.value.stamp_s)
            if base is not None:
                self._depth_sequence = sample.sequence
                self._beside_m = base.transform_points(sample.value.points_m)

    def _place(
        self, inputs: Inputs, now_s: float, odom: Pose2
    ) -> tuple[Pose2 | None, tuple[Reason, ...], bool]:
        """base_link in `map` now, or why the mission must wait; and whether it is degraded."""
        status = inputs.latest(LOCALIZATION_STATUS)
        estimate = inputs.latest(AMCL_POSE)
        wrong = stale_reason(inputs, LOCALIZATION_STATUS, now_s) or stale_reason(
            inputs, AMCL_POSE, now_s
        )
        if wrong is not None or status is None or estimate is None:
            return None, (wrong,) if wrong is not None else (), False
        if status.level is LocalizationLevel.LOST:
            return None, (Reason("lost", f"localisation is lost: {status.reason}"),), False
        then = self._track.at(estimate.stamp_s)
        if then is None or not estimate.pose.is_finite():
            return None, (Reason("lost", "the pose cannot be carried forward"),), False
        pose = estimate.pose.compose(odom.relative_to(then))
        return pose, (), status.level is LocalizationLevel.DEGRADED

    def _measure_rest(self, velocity: Velocity, dt_s: float, told_to_stand: bool) -> None:
        """Who bumps into a standing robot pushes it: it has stood all the same."""
        resting = abs(velocity.linear_mps) < REST_MPS and abs(velocity.angular_radps) < REST_RADPS
        self._rest_s = self._rest_s + max(dt_s, 0.0) if resting else 0.0
        stands = told_to_stand and abs(velocity.linear_mps) < PUSHED_MPS
        self._stood_s = self._stood_s + max(dt_s, 0.0) if stands else 0.0

    def _bumper(
        self,
        inputs: Inputs,
        now_s: float,
        pose: Pose2 | None,
        velocity: Velocity,
        holds: list[Reason],
        alarms: list[Reason],
    ) -> None:
        """Contact latches, but for a dock's, and but for somebody who touches a standing robot."""
        state = inputs.latest(BUMPER)
        wrong = stale_reason(inputs, BUMPER, now_s)
        if wrong is not None and BUMPER.name in self._params.required_inputs:
            holds.append(wrong)
        if state is None or not state.pressed:
            return
        slow = velocity.linear_mps <= self._params.dock_speed_mps + REST_MPS
        if slow and state.side != "rear" and pose is not None and self._at_dock(pose):
            return
        side = f" at the {state.side}" if state.side else ""
        if self._stood_s >= self._params.rest_before_touch_s:
            holds.append(Reason("touched", f"something touches the standing robot{side}"))
        else:
            alarms.append(Reason("contact", f"the robot touched something{side}"))

    def _at_dock(self, pose: Pose2) -> bool:
        return any(dock.pose.distance_to(pose) <= self._params.dock_area_m for dock in self._docks)

    def _dock_approached(self, inputs: Inputs, now_s: float, pose: Pose2 | None) -> Dock | None:
        approach = inputs.latest(DOCK_APPROACH)
        if approach is None or not approach.active or pose is None:
            return None
        if stale_reason(inputs, DOCK_APPROACH, now_s) is not None:
            return None
        for dock in self._docks:
            if dock.dock_id == approach.dock_id:
                return dock if dock.pose.distance_to(pose) <= DOCKING_RANGE_M else None
        return None


def _well_made(imu: Imu) -> bool:
    """A unit that has died but goes on speaking says zero, gravity included."""
    values = (*imu.angular_velocity_radps, *imu.linear_acceleration_mps2)
    return all(map(math.isfinite, values)) and any(imu.linear_acceleration_mps2)


def _all_finite(points_m: FloatArray) -> bool:
    well_shaped = points_m.ndim == 2 and points_m.shape[1] == 2
    return well_shaped and bool(np.isfinite(points_m).all())


def _well_formed(scan: LaserScan) -> bool:
    angles = (scan.angle_min_rad, scan.angle_increment_rad, scan.range_min_m, scan.range_max_m)
    return (
        scan.ranges_m.ndim == 1
        and len(scan.ranges_m) >= 8
        and all(map(math.isfinite, angles))
        and 0.0 <= scan.range_min_m < scan.range_max_m
        and 0.0 < abs(scan.angle_increment_rad) * (len(scan.ranges_m) - 1) <= math.tau + 1e-3
    )
