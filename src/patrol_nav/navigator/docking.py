"""Onto the dock, judged by the charging current, and off again."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Dock
from patrol_nav.control.kernels import approach_speed
from patrol_nav.navigator.follower import Tools
from patrol_nav.navigator.outline_match import dock_shift_m
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.tasks import NavigateTask
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.params import DockingParams

ALIGNED_M = 0.06
ALIGNED_RAD = 0.12
REAR_ROOM_M = 0.08
SHIFT_GAIN = 0.1


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
        self._target = self._dock.pose
        self._shift_m: FloatArray = np.zeros(2)
        self._since_s = math.nan

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if _charges(world):
            return TaskStep(result=Result.success("docked and charging"))
        if self._phase is DockPhase.TO_APPROACH:
            return self._to_approach(world)
        if self._phase is DockPhase.BACKING_OFF:
            return self._back_off(world)
        return self._drive_on(world)

    def _to_approach(self, world: World) -> TaskStep:
        step = self._navigate.step(world)
        if step.result is None or not step.result.ok:
            return step
        self._enter(DockPhase.DRIVING_ON, world)
        return self._answer(0.0, 0.0, world)

    def _drive_on(self, world: World) -> TaskStep:
        """Follow the dock's axis; slower at the end; wait for current when there."""
        params = self._params
        self._correct(world)
        at = world.pose.relative_to(self._target)
        elapsed_s = world.now_s - self._since_s
        if self._phase is DockPhase.CONTACT:
            if elapsed_s > params.contact_s:
                return self._retry(world, "no charging current")
            pressing = at.x_m < params.overshoot_m
            return self._answer(params.final_speed_mps if pressing else 0.0, 0.0, world)
        aligned = abs(at.y_m) <= ALIGNED_M and abs(at.yaw_rad) <= ALIGNED_RAD
        if at.x_m > -0.1 and not aligned:
            return self._retry(world, f"{abs(at.y_m) * 100.0:.0f} cm beside the dock's axis")
        if elapsed_s > params.timeout_s:
            return self._retry(world, f"not there after {params.timeout_s:.0f} s")
        if at.x_m >= -0.005:
            self._enter(DockPhase.CONTACT, world)
            return self._answer(params.final_speed_mps, 0.0, world)
        return self._along_axis(at, world)

    def _correct(self, world: World) -> None:
        """Move the target towards where the scan shows the dock."""
        shift = dock_shift_m(world.scan.points_m(), world.scan_pose, self._dock)
        if shift is not None:
            self._shift_m = self._shift_m + SHIFT_GAIN * (shift - self._shift_m)
            dock = self._dock.pose
            x_m, y_m = dock.x_m + self._shift_m[0], dock.y_m + self._shift_m[1]
            self._target = Pose2(float(x_m), float(y_m), dock.yaw_rad)

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

    def _retry(self, world: World, why: str) -> TaskStep:
        if self._attempt >= self._params.attempts:
            return TaskStep(
                result=Result.failure(
                    ErrorCode.DOCK_NOT_CHARGING,
                    f"dock '{self._dock.dock_id}': {why} in the last of {self._attempt} tries",
                )
            )
        self._attempt += 1
        self._enter(DockPhase.BACKING_OFF, world)
        return self._answer(0.0, 0.0, world)

    def _back_off(self, world: World) -> TaskStep:
        at = world.pose.relative_to(self._dock.pose)
        late = world.now_s - self._since_s > self._params.timeout_s
        if (
            -at.x_m >= self._dock.approach_m - 0.05
            or late
            or not _rear_is_free(world, self._tools)
        ):
            self._enter_approach()
            return self._to_approach(world)
        return self._answer(-self._params.undock_mps, _straight_back(at), world)

    def _enter(self, phase: DockPhase, world: World) -> None:
        self._phase, self._since_s = phase, world.now_s

    def _answer(
        self, linear: float, angular: float, world: World, to_go_m: float = 0.0
    ) -> TaskStep:
        wants_contact = self._phase in (DockPhase.DRIVING_ON, DockPhase.CONTACT)
        near = world.pose.distance_to(self._target) < self._params.final_m + 0.05
        message = f"{self._phase.value}, try {self._attempt}"
        dock_id = self._dock.dock_id if wants_contact and near else ""
        return TaskStep(linear, angular, to_go_m, 0.0, message, dock_id=dock_id)


class UndockTask:
    """Straight back until the robot stands `approach_m` behind the docked pose."""

    def __init__(self, dock: Dock, tools: Tools, params: DockingParams) -> None:
        self._dock = dock
        self._tools = tools
        self._params = params
        self._started_s: float | None = None
        self._blocked_since_s: float | None = None
        self._politeness = Politeness(tools.params)

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if self._started_s is None:
            self._started_s = world.now_s
        at = world.pose.relative_to(self._dock.pose)
        to_go = self._dock.approach_m + at.x_m
        if at.x_m > 1.0 or abs(at.y_m) > 1.0:
            return TaskStep(result=Result.success("not at the dock: nothing to leave"))
        if to_go <= 0.03:
            return TaskStep(result=Result.success("undocked"))
        if world.now_s - self._started_s > self._params.timeout_s:
            return TaskStep(
                result=Result.failure(
                    ErrorCode.BLOCKED,
                    f"could not back off from dock '{self._dock.dock_id}' "
                    f"within {self._params.timeout_s:.0f} s",
                )
            )
        if not _rear_is_free(world, self._tools):
            if self._blocked_since_s is None:
                self._blocked_since_s = world.now_s
            blocked_s = world.now_s - self._blocked_since_s
            return TaskStep(0.0, 0.0, to_go, blocked_s, "something stands behind the robot")
        self._blocked_since_s = None
        motion = self._tools.body.motion
        polite = self._politeness.speed_here(world)
        wanted = -min(self._params.undock_mps, max(1.5 * to_go, 0.05), polite)
        linear = approach_speed(
            world.linear_mps, wanted, motion.acceleration_mps2, motion.deceleration_mps2,
            2.0 * world.dt_s,
        )  # fmt: skip
        turn = _straight_back(at) if linear != 0.0 else 0.0
        message = self._politeness.reason or "leaving the dock"
        return TaskStep(linear, turn, to_go, 0.0, message)


def _charges(world: World) -> bool:
    """Whether current flows into the pack: also a full one takes what the robot itself needs."""
    battery = world.battery
    return battery is not None and (battery.charging or battery.current_a > 0.0)


def _straight_back(at: Pose2) -> float:
    """Turn rate that keeps the robot on the dock's axis while it drives backwards."""
    heading = max(-0.2, min(0.8 * at.y_m, 0.2))
    return max(-0.4, min(1.5 * wrap_angle(heading - at.yaw_rad), 0.4))


def _rear_is_free(world: World, tools: Tools) -> bool:
    ways = np.array([0.1, 0.2, 0.3])
    points = world.pose.transform_points(np.column_stack((-ways, np.zeros(3))))
    behind = np.column_stack((points, np.full(3, world.pose.yaw_rad)))
    footprint = tools.body.footprint
    here = np.array([[world.pose.x_m, world.pose.y_m, world.pose.yaw_rad]])
    now = world.field.clearances(footprint, here)[0]
    room = world.field.clearances(footprint, behind)
    return bool((room >= min(REAR_ROOM_M, now - 0.01)).all())
