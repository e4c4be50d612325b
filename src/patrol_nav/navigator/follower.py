"""Follows a path to its end: local control, detours, and what to do when there is no headway."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_nav.control.controller import ControlOutput, ControlRequest
from patrol_nav.control.goal_approach import GoalApproach, Phase
from patrol_nav.navigator.backing import Backing
from patrol_nav.navigator.keeping_clear import (
    LEAVE_AFTER_S,
    LEAVE_PERIOD_S,
    stop_clear,
    way_back_m,
)
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.reference import speeds_by_room
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.way import Way, is_alone
from patrol_nav.navigator.world import TaskStep, World

HEADWAY_M = 0.5
TURNS_RADPS = 0.05
"""A turn at the goal that is slower makes no headway."""
STOP_SHORT_M = 1.2
"""Distance between base_link and a blockage at which to wait: the front is half a metre ahead of
it.
"""
FORGET_AFTER_S = 20.0
"""Without headway for so long it forgets, once, what it has seen: it may have been a ghost."""
BACK_UP_FACTOR = 2.0
"""Stuck for so much longer than makes it look for another way, it backs up, and again."""
GIVE_WAY_M = 2.5
GIVE_WAY_PERIOD_S = 25.0
STUCK_AMONG_PEOPLE_S = 15.0
"""People near by may be what it waits for; so long, and then it is the place that is too tight,
unless there is somebody whom it lets pass at that moment."""
CROWDED_WITHIN_M = 5.0
"""Who stands at a goal farther off may well have gone when the robot gets there."""
PEOPLE_FACTOR = 2.0
"""While it waits for people it gives up later by this."""


class Follower:
    """Drives `poses` (N, 3), N at least 2, no faster than `speed_mps`.

    `is_given`: the way matters, not only its end; else a better one may replace it.
    """

    def __init__(
        self, tools: Tools, poses: FloatArray, speed_mps: float, *, is_given: bool = True
    ) -> None:
        self._tools = tools
        self._speed_mps = min(speed_mps, tools.body.max_speed_mps)
        self._politeness = Politeness(tools.params)
        may_replace = not is_given and tools.params.replan == "better"
        self._way = Way(tools, poses, self._politeness, may_replace=may_replace)
        self._approach = GoalApproach(tools.body)
        self._approaching = False
        self._looked_s = -math.inf
        self._anchor: Pose2 | None = None
        self._headway_s = 0.0
        blind = tools.params.retrace_m > 0.0
        self._backing = Backing(tools.body.footprint, tools.came, blind=blind)
        self._backs = False
        self._gives_way = False
        self._forgot = False
        self._reason = ""
        self._near_s: float | None = None
        tools.controller.reset()

    @property
    def path(self) -> FloatArray:
        """What is being driven (N, 3)."""
        return self._way.reference.poses

    def step(self, world: World) -> TaskStep:
        """One tick; carries a result when the goal is reached or given up."""
        params = self._tools.params
        off_m = self._way.reference.update(world.pose)
        waited_s = self._watch_headway(world)
        if world.now_s - self._looked_s >= params.replan_period_s:
            self._looked_s = world.now_s
            self._look_ahead(world, off_m, waited_s)
        if waited_s > self._patience_s() or self._crowded_s(world) > params.crowded_goal_wait_s:
            still = ControlOutput(0.0, 0.0, np.empty((0, 3)))
            return self._step(still, waited_s, self._failure(world, waited_s))
        self._backing.note(world.pose)
        self._consider_backing(world, waited_s)
        output = self._backed(world) or self._control(world)
        if output.blocked_by:
            self._reason = output.blocked_by
        result = None
        if self._approach.phase is Phase.REACHED:
            result = Result.success("goal reached")
        return self._step(output, waited_s, result)

    def _crowded_s(self, world: World) -> float:
        """For how long people have kept it from a goal that is near, and at which they stand."""
        if self._near_s is None or self._way.reference.remaining_m > CROWDED_WITHIN_M:
            self._near_s = world.now_s
        if not self._way.goal_crowded:
            return 0.0
        return min(self._politeness.delay_s, world.now_s - self._near_s)

    def _step(self, output: ControlOutput, waited_s: float, result: Result | None) -> TaskStep:
        blocked_s = waited_s if waited_s > 2.0 else 0.0
        message = ""
        if blocked_s:
            message = self._reason or "waiting"
        elif self._way.goes_round:
            message = "going round an obstacle"
        return TaskStep(
            output.linear_mps,
            output.angular_radps,
            self._way.reference.remaining_m,
            blocked_s,
            message,
            result,
            self.path,
            output.trajectory,
        )

    def _control(self, world: World) -> ControlOutput:
        reference, body = self._way.reference, self._tools.body
        motion = body.motion
        if self._approaches(world):
            polite = self._politeness.speed_here(world)
            if polite < 0.02:
                still = np.empty((0, 3))
                return ControlOutput(0.0, 0.0, still, self._politeness.reason)
            here = np.array([[world.pose.x_m, world.pose.y_m]])
            limit = float(world.costmap.speed_limit_mps(here)[0])
            speed = min(self._speed_mps, limit, polite, 0.5)
            velocity = (world.linear_mps, world.angular_radps)
            return self._approach.step(
                world.pose, reference.goal, velocity, speed, world.field, world.dt_s
            )
        stop_in_m = math.inf
        if self._way.blocked is not None:
            way = reference.along_m[self._way.blocked] - reference.along_m[reference.index]
            stop_in_m = max(float(way) - STOP_SHORT_M, 0.0)
        speeds = np.minimum(self._speed_mps, self._politeness.speeds(reference.ahead(), world))
        by_room = speeds_by_room(reference.ahead(), world.field, body.footprint, motion)
        speeds = np.minimum(speeds, by_room)
        stop_in_m = stop_clear(reference, speeds, stop_in_m, world.costmap)
        path = reference.window(speeds, stop_in_m, world.costmap, motion)
        if path[0, 4] < 0.02:
            crowd = len(world.people) > 0
            blocked = "waiting for people on the way" if crowd else "the way ahead is blocked"
            reason = self._politeness.reason or blocked
            return ControlOutput(0.0, 0.0, np.empty((0, 3)), reason)
        request = ControlRequest(
            world.dt_s, world.pose, world.linear_mps, world.angular_radps, path, world.field,
            world.people,
        )  # fmt: skip
        return self._tools.controller.step(request)

    def _approaches(self, world: World) -> bool:
        """Whether the goal is so near, and the straight way to it free, that it is driven at."""
        goal, motion = self._way.reference.goal, self._tools.body.motion
        distance = world.pose.distance_to(goal)
        slack = 1.5 if self._approaching else 1.0
        near = (
            self._way.reference.remaining_m <= slack * motion.approach_m
            and distance <= slack * motion.approach_m
        )
        if near and not self._approaching:
            near = self._straight_is_free(world, goal)
        if self._approaching and not near:
            self._approach.reset()
        self._approaching = near
        return near

    def _straight_is_free(self, world: World, goal: Pose2) -> bool:
        pose = world.pose
        heading = math.atan2(goal.y_m - pose.y_m, goal.x_m - pose.x_m)
        share = np.linspace(0.0, 1.0, 8)
        line = np.column_stack(
            (
                pose.x_m + share * (goal.x_m - pose.x_m),
                pose.y_m + share * (goal.y_m - pose.y_m),
                np.full(8, heading if pose.distance_to(goal) > 0.1 else pose.yaw_rad),
            )
        )
        return bool(world.field.clearances(self._tools.body.footprint, line)[1:].min() > 0.0)

    def _watch_headway(self, world: World) -> float:
        """Seconds without headway."""
        if self._anchor is None or world.pose.distance_to(self._anchor) > HEADWAY_M:
            self._anchor, self._headway_s = world.pose, world.now_s
            self._reason = ""
        turns = self._approaching and self._approach.phase is Phase.TURNING
        if turns and abs(world.angular_radps) > TURNS_RADPS and not world.held:
            self._headway_s = max(self._headway_s, world.now_s - 1.0)
        return world.now_s - self._headway_s

    def _look_ahead(self, world: World, off_m: float, waited_s: float) -> None:
        stuck = self._is_stuck(waited_s, self._tools.params.stuck_s)
        vain = self._way.look(world, off_m, waited_s, approaching=self._approaching, stuck=stuck)
        self._reason = vain or self._reason
        if waited_s > FORGET_AFTER_S and not self._forgot:
            self._forgot = True
            world.costmap.forget()

    def _patience_s(self) -> float:
        """How long to be without headway before giving up; people walk on, things do not."""
        params = self._tools.params
        if self._way.goal_occupied:
            return params.goal_wait_s
        waits_for_people = self._politeness.delay_s > 0.5 * params.give_up_s
        return params.give_up_s * (PEOPLE_FACTOR if waits_for_people else 1.0)

    def _consider_backing(self, world: World, waited_s: float) -> None:
        """Back off to give way, or where nothing moves in a tight place."""
        backing, params = self._backing, self._tools.params
        wanted = self._politeness.should_give_way(
            self._way.reference.ahead(), world, blocked=self._way.blocked is not None
        )
        if self._gives_way and not wanted:
            backing.end()
        self._gives_way = wanted and (
            (self._gives_way and backing.active) or backing.rested(world.now_s, GIVE_WAY_PERIOD_S)
        )
        if backing.active:
            return
        long_s = BACK_UP_FACTOR * params.stuck_s
        patience_s = long_s if is_alone(world) else STUCK_AMONG_PEOPLE_S
        back_m = 0.0
        if waited_s > LEAVE_AFTER_S and backing.rested(world.now_s, LEAVE_PERIOD_S):
            back_m = way_back_m(self._way.reference, world.pose, world.costmap)
        if self._gives_way:
            self._start_backing(world, GIVE_WAY_M)
        elif back_m > 0.0:
            self._start_backing(world, back_m)
        elif (
            self._is_stuck(waited_s, patience_s)
            and not (self._way.goal_occupied or self._politeness.reason)
            and backing.rested(world.now_s, long_s)
        ):
            self._start_backing(world, params.back_up_m)

    def _backed(self, world: World) -> ControlOutput | None:
        """Backwards; when a way come has been gone back, what comes next counts from there."""
        output = self._backing.step(world)
        if output is None and self._backs and self._tools.params.retrace_m > 0.0:
            self._anchor = None
        self._backs = output is not None
        return output

    def _start_backing(self, world: World, distance_m: float) -> None:
        self._tools.controller.reset()
        self._way.note_dead_end(world)
        self._backing.begin(world, distance_m)

    def _is_stuck(self, waited_s: float, long_s: float) -> bool:
        return waited_s > long_s and not self._approaching

    def _failure(self, world: World, waited_s: float) -> Result:
        place = f"({world.pose.x_m:.1f}, {world.pose.y_m:.1f})"
        waited = f"waited {waited_s:.0f} s"
        gate = ""
        if world.gate is not None and world.gate.reasons:
            gate = f"; the gate says: {', '.join(world.gate.reasons)}"
        if self._way.goal_occupied or self._way.goal_crowded:
            x, y, _ = self._way.reference.poses[-1]
            who = "an obstacle leaves" if self._way.goal_occupied else "people leave"
            return Result.failure(
                ErrorCode.GOAL_OCCUPIED, f"{who} no room to stand at ({x:.1f}, {y:.1f}); {waited}"
            )
        if self._way.blocked is not None:
            return Result.failure(
                ErrorCode.BLOCKED, f"blocked at {place}: {self._reason}; {waited}{gate}"
            )
        reason = self._reason or "no headway"
        return Result.failure(ErrorCode.STUCK, f"stuck at {place}: {reason}; {waited}{gate}")
