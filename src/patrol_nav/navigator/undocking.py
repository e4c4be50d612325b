"""Off a dock, straight back: as a goal of its own, and before every other one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Dock
from patrol_nav.control.kernels import approach_speed
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.tasks import Task
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.params import DockingParams

REAR_ROOM_M = 0.08
IN_DOCK_M = 0.3
IN_DOCK_RAD = 0.4


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
        if not rear_is_free(world, self._tools):
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
        turn = straight_back(at) if linear != 0.0 else 0.0
        message = self._politeness.reason or "leaving the dock"
        return TaskStep(linear, turn, to_go, 0.0, message)


class OffDockTask:
    """Off a dock, if the robot stands in one, then the task: it must not turn in there.

    `poses`: of so many on the way none has been passed until then.
    """

    def __init__(
        self, task: Task, poses: int, docks: Sequence[Dock], tools: Tools, params: DockingParams
    ) -> None:
        self._task, self._poses, self._docks = task, poses, docks
        self._tools, self._params = tools, params
        self._looked = False
        self._undock: UndockTask | None = None

    def step(self, world: World) -> TaskStep:
        """See Task."""
        if not self._looked:
            self._looked = True
            docked = [dock for dock in self._docks if _stands_in(world.pose, dock)]
            if docked:
                self._undock = UndockTask(docked[0], self._tools, self._params)
        if self._undock is None:
            return self._task.step(world)
        step = replace(self._undock.step(world), poses_remaining=self._poses)
        if step.result is None or not step.result.ok:
            return step
        self._undock = None
        return TaskStep(message=step.result.message, poses_remaining=self._poses)


def _stands_in(pose: Pose2, dock: Dock) -> bool:
    turned = abs(pose.relative_to(dock.pose).yaw_rad)
    return pose.distance_to(dock.pose) < IN_DOCK_M and turned < IN_DOCK_RAD


def straight_back(at: Pose2) -> float:
    """Turn rate that keeps the robot on the dock's axis while it drives backwards."""
    heading = max(-0.2, min(0.8 * at.y_m, 0.2))
    return max(-0.4, min(1.5 * wrap_angle(heading - at.yaw_rad), 0.4))


def rear_is_free(world: World, tools: Tools) -> bool:
    ways = np.array([0.1, 0.2, 0.3])
    points = world.pose.transform_points(np.column_stack((-ways, np.zeros(3))))
    behind = np.column_stack((points, np.full(3, world.pose.yaw_rad)))
    footprint = tools.body.footprint
    here = np.array([[world.pose.x_m, world.pose.y_m, world.pose.yaw_rad]])
    now = world.field.clearances(footprint, here)[0]
    room = world.field.clearances(footprint, behind)
    return bool((room >= min(REAR_ROOM_M, now - 0.01)).all())
