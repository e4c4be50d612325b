"""Onto the dock, by its marker and its outline; the charging current tells that it is there."""

from __future__ import annotations

import dataclasses
import math
from enum import Enum

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Dock
from patrol_nav.control.kernels import approach_speed
from patrol_nav.navigator.dock_estimate import DockEstimate
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.tasks import NavigateTask
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.undocking import rear_is_free, straight_back
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.params import DockingParams

ALIGNED_M = 0.03
ALIGNED_RAD = 0.06
THERE_M = 0.004
UNSEEN_S = 2.0
MISFITS = 5
LOOK_M = 4.0
"""So near to the dock the camera is asked to look for its marker."""


class DockPhase(Enum):
    TO_APPROACH = "driving to the dock's approach"
    DRIVING_ON = "driving onto the dock"
    CONTACT = "waiting for charging current"
    BACKING_OFF = "backing off for another try"


class DockTask:
    """From anywhere to charging: approach pose, straight on, contact; again if that fails."""

    def __init__(self, dock: Dock, tools: Tools, params: DockingParams, speed_mps: float) -> None:
        self._dock = dock
        self._tools = tools
        self._params = params
        self._speed_mps = speed_mps
        self._attempt = 1
        self._politeness = Politeness(tools.params)
        self._enter_approach()

    def _enter_approach(self) -> None:
        goal = self._dock.pose.compose(Pose2(-self._dock.approach_m, 0.0))
        self._navigate = NavigateTask(goal, self._tools, self._speed_mps)
        self._phase = DockPhase.TO_APPROACH
        self._since_s = self._scan_s = self._marker_s = -math.inf
        self._estimate: DockEstimate | None = None

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if self._phase is DockPhase.TO_APPROACH:
            return self._to_approach(world)
        if self._phase is DockPhase.BACKING_OFF:
            return self._back_off(world)
        return self._drive_on(world)

    def _to_approach(self, world: World) -> TaskStep:
        if _charges(world):
            return TaskStep(result=Result.success("docked and charging"))
        step = self._navigate.step(world)
        if step.result is None or not step.result.ok:
            near = world.pose.distance_to(self._dock.pose) < LOOK_M
            return dataclasses.replace(step, dock_id=self._dock.dock_id if near else "")
        self._enter(DockPhase.DRIVING_ON, world)
        return self._answer(0.0, 0.0, world)

    def _drive_on(self, world: World) -> TaskStep:
        """Follow the dock's axis; slower at the end; wait for current when there."""
        params = self._params
        estimate = self._look(world)
        at = world.pose.relative_to(estimate.pose)
        elapsed_s = world.now_s - self._since_s
        if self._phase is DockPhase.CONTACT:
            return self._press_on(at, world)
        trouble = self._trouble(estimate, at, world)
        if trouble is not None:
            return self._retry(world, *trouble)
        if elapsed_s > params.timeout_s:
            return self._retry(
                world, ErrorCode.DOCK_NOT_CHARGING, f"not there after {params.timeout_s:.0f} s"
            )
        if at.x_m >= -THERE_M:
            self._enter(DockPhase.CONTACT, world)
            return self._press_on(at, world)
        return self._along_axis(at, world)

    def _press_on(self, at: Pose2, world: World) -> TaskStep:
        """There: done when current flows, else on a little and wait for it."""
        params = self._params
        if _charges(world):
            return TaskStep(result=Result.success(f"docked and charging{self._by()}"))
        waited_s = world.now_s - self._since_s
        if waited_s > params.contact_s:
            return self._retry(world, ErrorCode.DOCK_NOT_CHARGING, "no charging current")
        pressing = waited_s > params.press_after_s and at.x_m < params.overshoot_m
        return self._answer(0.5 * params.final_speed_mps if pressing else 0.0, 0.0, world)

    def _look(self, world: World) -> DockEstimate:
        """Take in what lidar and camera have seen of the dock since the last tick."""
        estimate = self._estimate
        if estimate is None:
            estimate = self._estimate = DockEstimate(self._dock, world.now_s)
        if world.scan.stamp_s > self._scan_s:
            self._scan_s = world.scan.stamp_s
            estimate.see_scan(world.scan.points_m(), world.scan_pose, world.now_s)
        marker = world.marker
        if (
            self._dock.marker is not None
            and marker is not None
            and marker.stamp_s > self._marker_s
        ):
            self._marker_s = marker.stamp_s
            estimate.see_marker(marker.pose, marker.base, world.now_s)
        return estimate

    def _trouble(
        self, estimate: DockEstimate, at: Pose2, world: World
    ) -> tuple[ErrorCode, str] | None:
        """Why this try leads nowhere, or None."""
        if world.now_s - estimate.fitted_s > UNSEEN_S:
            return ErrorCode.DOCK_NOT_SEEN, "the lidar does not see its outline"
        if estimate.misfits >= MISFITS:
            off_cm = 100.0 * estimate.off_m
            return ErrorCode.DOCK_NOT_SEEN, (
                f"its marker is {off_cm:.0f} cm from where the lidar sees the dock"
            )
        aligned = abs(at.y_m) <= ALIGNED_M and abs(at.yaw_rad) <= ALIGNED_RAD
        if at.x_m > -0.1 and not aligned:
            return ErrorCode.DOCK_NOT_CHARGING, (
                f"{abs(at.y_m) * 100.0:.0f} cm beside the dock's axis, "
                f"{math.degrees(abs(at.yaw_rad)):.0f} degrees off it"
            )
        return None

    def _by(self) -> str:
        """What guided it, where that is not all that should have."""
        unseen = self._estimate is None or self._estimate.sightings == 0
        return ", by lidar alone: no marker seen" if self._dock.marker and unseen else ""

    def _along_axis(self, at: Pose2, world: World) -> TaskStep:
        params, motion = self._params, self._tools.body.motion
        to_go = -at.x_m
        wanted = params.final_speed_mps
        if to_go > params.final_m:
            slack = to_go - params.final_m
            faster = math.sqrt(wanted**2 + motion.deceleration_mps2 * slack)
            wanted = min(params.speed_mps, faster)
        lookahead = min(max(0.6 * to_go, 0.25), 0.6)
        heading = math.atan2(-at.y_m, lookahead)
        error = wrap_angle(heading - at.yaw_rad)
        if abs(error) > 0.5:
            wanted = 0.0
        wanted = min(wanted, self._politeness.speed_here(world))
        linear = approach_speed(
            world.linear_mps, wanted, motion.acceleration_mps2, motion.deceleration_mps2,
            2.0 * world.dt_s,
        )  # fmt: skip
        return self._answer(linear, max(-0.5, min(1.8 * error, 0.5)), world, to_go)

    def _retry(self, world: World, code: ErrorCode, why: str) -> TaskStep:
        if self._attempt >= self._params.attempts:
            return TaskStep(
                result=Result.failure(
                    code,
                    f"dock '{self._dock.dock_id}': {why} in the last of {self._attempt} tries",
                )
            )
        self._attempt += 1
        self._enter(DockPhase.BACKING_OFF, world)
        return self._answer(0.0, 0.0, world)

    def _back_off(self, world: World) -> TaskStep:
        at = world.pose.relative_to(self._dock.pose)
        late = world.now_s - self._since_s > self._params.timeout_s
        if -at.x_m >= self._dock.approach_m - 0.05 or late or not rear_is_free(world, self._tools):
            self._enter_approach()
            return self._to_approach(world)
        return self._answer(-self._params.undock_mps, straight_back(at), world)

    def _enter(self, phase: DockPhase, world: World) -> None:
        self._phase, self._since_s = phase, world.now_s

    def _answer(
        self, linear: float, angular: float, world: World, to_go_m: float = 0.0
    ) -> TaskStep:
        wants_contact = self._phase in (DockPhase.DRIVING_ON, DockPhase.CONTACT)
        target = self._dock.pose if self._estimate is None else self._estimate.pose
        near = world.pose.distance_to(target) < self._params.final_m + 0.05
        return TaskStep(
            linear, angular, to_go_m, 0.0, f"{self._phase.value}, try {self._attempt}",
            dock_id=self._dock.dock_id, touches_dock=wants_contact and near,
        )  # fmt: skip


def _charges(world: World) -> bool:
    """Whether current flows into the pack: also a full one takes what the robot itself needs."""
    battery = world.battery
    return battery is not None and (battery.charging or battery.current_a > 0.0)
