"""Follows a path to its end: local control, detours, and what to do when there is no headway."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_nav.control.controller import Body, Controller, ControlOutput, ControlRequest
from patrol_nav.control.goal_approach import GoalApproach, Phase
from patrol_nav.navigator.backing import Backing
from patrol_nav.navigator.dead_ends import DeadEnds
from patrol_nav.navigator.detour import find_detour, first_blocked, length_m
from patrol_nav.navigator.fresh_plan import fresh_plan
from patrol_nav.navigator.keeping_clear import (
    LEAVE_AFTER_S,
    LEAVE_PERIOD_S,
    stop_clear,
    way_back_m,
)
from patrol_nav.navigator.people import distances_m
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.reference import Reference, speeds_by_room
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.params import FollowerParams
from patrol_nav.planning.planner import Planner

HEADWAY_M = 0.5
STOP_SHORT_M = 1.2
"""Distance between base_link and a blockage at which to wait: the front is half a metre ahead of
it.
"""
LONG_WAY_M = 12.0
"""A detour that adds more than this is taken only after some patience."""
PATIENCE_S = 10.0
THINGS_PATIENCE_S = 3.0
"""Things do not walk on: with nobody near it takes the long way sooner."""
GRID_SLACK_M = 0.1
PEOPLE_NEAR_M = 6.0
"""With people that near it waits or goes round; backing up would only worry them."""
SEARCH_PERIOD_S = 5.0
"""A search of the whole site that found nothing is not repeated sooner."""
BACK_UP_FACTOR = 2.0
"""Stuck for so much longer than makes it look for another way, it backs up, and again."""
GIVE_WAY_M = 2.5
GIVE_WAY_PERIOD_S = 25.0
STUCK_AMONG_PEOPLE_S = 15.0
"""People near by may be what it waits for; so long, and then it is the place that is too tight."""
PEOPLE_FACTOR = 2.0
"""While it waits for people it gives up later by this."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a follower works with."""

    body: Body
    params: FollowerParams
    planner: Planner
    controller: Controller


class Follower:
    """Drives `poses` (N, 3), N at least 2, no faster than `speed_mps`.

    `is_given`: the way matters, not only its end; else a better one may replace it.
    """

    def __init__(
        self, tools: Tools, poses: FloatArray, speed_mps: float, *, is_given: bool = True
    ) -> None:
        self._tools = tools
        self._may_replace = not is_given and tools.params.replan == "better"
        self._speed_mps = min(speed_mps, tools.body.max_speed_mps)
        self._home = Reference(poses)
        self._reference = self._home
        self._approach = GoalApproach(tools.body)
        self._approaching = False
        self._looked_s = -math.inf
        self._blocked: int | None = None
        self._goal_occupied = False
        self._goal_crowded = False
        self._kept_from: FloatArray = np.empty((0, 3))
        self._anchor: Pose2 | None = None
        self._headway_s = 0.0
        self._backing = Backing(tools.body.footprint, tools.params.retrace_m)
        self._backs = False
        self._dead_ends = DeadEnds()
        self._gives_way = False
        self._forgot = False
        self._searched_s = -math.inf
        self._reason = ""
        self._politeness = Politeness(tools.params)
        tools.controller.reset()

    @property
    def path(self) -> FloatArray:
        """What is being driven (N, 3)."""
        return self._reference.poses

    def step(self, world: World) -> TaskStep:
        """One tick; carries a result when the goal is reached or given up."""
        params = self._tools.params
        off_m = self._reference.update(world.pose)
        waited_s = self._watch_headway(world)
        if world.now_s - self._looked_s >= params.replan_period_s:
            self._looked_s = world.now_s
            self._look_ahead(world, off_m, waited_s)
        crowded_s = self._politeness.delay_s if self._goal_crowded else 0.0
        if waited_s > self._patience_s() or crowded_s > params.crowded_goal_wait_s:
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

    def _step(self, output: ControlOutput, waited_s: float, result: Result | None) -> TaskStep:
        blocked_s = waited_s if waited_s > 2.0 else 0.0
        message = ""
        if blocked_s:
            message = self._reason or "waiting"
        elif self._reference is not self._home:
            message = "going round an obstacle"
        return TaskStep(
            output.linear_mps,
            output.angular_radps,
            self._reference.remaining_m,
            blocked_s,
            message,
            result,
            self.path,
            output.trajectory,
        )

    def _control(self, world: World) -> ControlOutput:
        reference, body = self._reference, self._tools.body
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
        if self._blocked is not None:
            way = reference.along_m[self._blocked] - reference.along_m[reference.index]
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
        goal, motion = self._reference.goal, self._tools.body.motion
        distance = world.pose.distance_to(goal)
        slack = 1.5 if self._approaching else 1.0
        near = (
            self._reference.remaining_m <= slack * motion.approach_m
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
        if self._approaching and self._approach.phase is Phase.TURNING and not world.held:
            self._headway_s = max(self._headway_s, world.now_s - 1.0)
        return world.now_s - self._headway_s

    def _look_ahead(self, world: World, off_m: float, waited_s: float) -> None:
        """See whether the path is free; plan round what blocks it."""
        params, body = self._tools.params, self._tools.body
        self._kept_from = self._politeness.discs(world)
        paced = self._politeness.paced(world)
        shunned = self._dead_ends.discs(world.now_s)
        self._keep_out(world, np.vstack((self._kept_from, paced, shunned)))
        self._return_home(world)
        if len(paced) and not self._approaching:
            self._go_round(world)
            self._keep_out(world, self._kept_from)
        field = world.costmap.planning_field
        reference = self._reference
        self._blocked = first_blocked(reference, field, body.footprint, params.look_ahead_m)
        self._goal_occupied = self._goal_crowded = False
        if self._may_replace and self._renew(world, waited_s):
            pass
        elif off_m > params.off_path_m and self._blocked is None:
            self._replan(world, reference.index_ahead(1.0), waited_s)
        elif self._blocked is not None:
            self._replan(world, self._blocked, waited_s)
        elif self._is_stuck(waited_s, params.stuck_s):
            self._replan(world, reference.index_ahead(1.5), waited_s)
        if waited_s > 2.0 * PATIENCE_S and not self._forgot:
            self._forgot = True
            world.costmap.forget()

    def _keep_out(self, world: World, discs: FloatArray) -> None:
        world.costmap.refresh_planning(world.pose)
        world.costmap.keep_from(discs)

    def _go_round(self, world: World) -> None:
        """Leave the path for a short way round those who pace across it, if there is one."""
        tools, field = self._tools, world.costmap.planning_field
        footprint, params = tools.body.footprint, tools.params
        crossed = first_blocked(self._reference, field, footprint, params.look_ahead_m)
        if crossed is None:
            return
        poses = find_detour(
            world.pose, self._reference, crossed, field, footprint, tools.planner, params,
            wide=False,
        )  # fmt: skip
        if poses is not None and length_m(poses) - self._reference.remaining_m < LONG_WAY_M:
            self._reference = Reference(poses)

    def _return_home(self, world: World) -> None:
        """Leave a detour once the path itself is free again and near."""
        if self._reference is self._home:
            return
        home, body = self._home, self._tools.body
        home.update(world.pose)
        near = home.pose(home.index).distance_to(world.pose) < 0.8
        field = world.costmap.planning_field
        look_ahead_m = self._tools.params.look_ahead_m
        if near and first_blocked(home, field, body.footprint, look_ahead_m) is None:
            self._reference = home

    def _renew(self, world: World, waited_s: float) -> bool:
        """Take a new plan to the goal if the old one is blocked, leads nowhere, or is worse."""
        tools = self._tools
        needed = self._blocked is not None or self._is_stuck(waited_s, tools.params.stuck_s)
        poses = fresh_plan(world, self._reference, tools.planner, tools.params, needed=needed)
        if poses is None:
            if needed:
                self._dead_ends.forget()
            return False
        self._home = self._reference = Reference(poses)
        self._blocked = None
        return True

    def _replan(self, world: World, blocked: int, waited_s: float) -> None:
        tools, reference = self._tools, self._reference
        field = world.costmap.planning_field
        wide = waited_s > PATIENCE_S and world.now_s - self._searched_s > SEARCH_PERIOD_S
        poses = find_detour(
            world.pose, reference, blocked, field, tools.body.footprint, tools.planner,
            tools.params, wide=wide,
        )  # fmt: skip
        if poses is None:
            self._searched_s = world.now_s if wide else self._searched_s
            self._reason = "the way ahead is blocked and there is no way round"
            last = field.clearances(tools.body.footprint, reference.poses[-1:])[0]
            if last < 0.0:
                self._goal_crowded = self._people_are_near(reference.goal)
                self._goal_occupied = not self._goal_crowded
            return
        extra_m = length_m(poses) - reference.remaining_m
        patience_s = THINGS_PATIENCE_S if _is_alone(world) else PATIENCE_S
        if extra_m > LONG_WAY_M and waited_s < patience_s:
            self._reason = f"the way ahead is blocked; the way round is {extra_m:.0f} m longer"
            return
        self._reference = Reference(poses)
        self._blocked = None

    def _people_are_near(self, goal: Pose2) -> bool:
        """Whether it is for people, who will walk on, that there is no room at the goal."""
        discs = self._kept_from
        reach = discs[:, 2] + self._tools.body.footprint.circumscribed_m + GRID_SLACK_M
        away = np.hypot(discs[:, 0] - goal.x_m, discs[:, 1] - goal.y_m)
        return bool((away < reach).any())

    def _patience_s(self) -> float:
        """How long to be without headway before giving up; people walk on, things do not."""
        params = self._tools.params
        if self._goal_occupied:
            return params.goal_wait_s
        waits_for_people = self._politeness.delay_s > 0.5 * params.give_up_s
        return params.give_up_s * (PEOPLE_FACTOR if waits_for_people else 1.0)

    def _consider_backing(self, world: World, waited_s: float) -> None:
        """Back off to give way, or where nothing moves in a tight place."""
        backing, params = self._backing, self._tools.params
        wanted = self._politeness.should_give_way(
            self._reference.ahead(), world, blocked=self._blocked is not None
        )
        if self._gives_way and not wanted:
            backing.end()
        self._gives_way = wanted and (
            (self._gives_way and backing.active) or backing.rested(world.now_s, GIVE_WAY_PERIOD_S)
        )
        if backing.active:
            return
        long_s = BACK_UP_FACTOR * params.stuck_s
        patience_s = long_s if _is_alone(world) else STUCK_AMONG_PEOPLE_S
        back_m = 0.0
        if waited_s > LEAVE_AFTER_S and backing.rested(world.now_s, LEAVE_PERIOD_S):
            back_m = way_back_m(self._reference, world.pose, world.costmap)
        if self._gives_way:
            self._start_backing(world, GIVE_WAY_M)
        elif back_m > 0.0:
            self._start_backing(world, back_m)
        elif (
            self._is_stuck(waited_s, patience_s)
            and not self._goal_occupied
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
        if self._may_replace:
            self._dead_ends.note(world.pose, self._reference.ahead(), world.now_s)
        self._backing.begin(world, distance_m)

    def _is_stuck(self, waited_s: float, long_s: float) -> bool:
        return waited_s > long_s and not self._approaching

    def _failure(self, world: World, waited_s: float) -> Result:
        place = f"({world.pose.x_m:.1f}, {world.pose.y_m:.1f})"
        waited = f"waited {waited_s:.0f} s"
        gate = ""
        if world.gate is not None and world.gate.reasons:
            gate = f"; the gate says: {', '.join(world.gate.reasons)}"
        if self._goal_occupied or self._goal_crowded:
            x, y, _ = self._reference.poses[-1]
            who = "an obstacle leaves" if self._goal_occupied else "people leave"
            return Result.failure(
                ErrorCode.GOAL_OCCUPIED, f"{who} no room to stand at ({x:.1f}, {y:.1f}); {waited}"
            )
        if self._blocked is not None:
            return Result.failure(
                ErrorCode.BLOCKED, f"blocked at {place}: {self._reason}; {waited}{gate}"
            )
        reason = self._reason or "no headway"
        return Result.failure(ErrorCode.STUCK, f"stuck at {place}: {reason}; {waited}{gate}")


def _is_alone(world: World) -> bool:
    return not (distances_m(world.people, world.pose) < PEOPLE_NEAR_M).any()
