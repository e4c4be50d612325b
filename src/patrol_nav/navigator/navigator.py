"""The component: takes goals, keeps the costmap, steps the task, publishes."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from patrol_core import actions, topics
from patrol_core.actions import Action
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.robot import RobotModel
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Site
from patrol_core.site.zone_watch import ZoneWatch
from patrol_core.types.mission import ClearCostmapResponse, GoalResult, NavigateGoal
from patrol_core.types.motion import Path, VelocityCommand
from patrol_core.types.status import DockApproach, Health, HealthLevel
from patrol_nav.control.controller import Body, Controller, body_of
from patrol_nav.control.mppi import MppiController
from patrol_nav.control.pure_pursuit import PurePursuitController
from patrol_nav.control.weighed_view import MOST, weighed_markers
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.field import DistanceField
from patrol_nav.navigator.goals import TaskMaker, feedback_of
from patrol_nav.navigator.lanes import Lanes
from patrol_nav.navigator.people import moving_masks, people_near
from patrol_nav.navigator.pose_tracker import PoseTracker
from patrol_nav.navigator.tasks import Task
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.watch import Watch
from patrol_nav.navigator.way_come import WayCome
from patrol_nav.navigator.world import SeenMarker, TaskStep, World
from patrol_nav.params import NavigatorParams
from patrol_nav.planning.planner import GridPlanner
from patrol_nav.routing.graph import RouteGraph

ACTIONS = (
    actions.NAVIGATE_TO_POSE, actions.NAVIGATE_THROUGH_POSES, actions.FOLLOW_WAYPOINTS,
    actions.FOLLOW_ROUTE, actions.DOCK,
)  # fmt: skip
CLEARING = (actions.CLEAR_GLOBAL_COSTMAP, actions.CLEAR_LOCAL_COSTMAP)
FEEDBACK_PERIOD_S = 0.5
COSTMAP_PERIOD_S = 0.5
SITE_COSTMAP_PERIOD_S = 5.0
ZONES_PERIOD_S = 1.0
TRAJECTORY_PERIOD_S = 0.2
WAY_COME_M = 3.0
"""So much of the way come is remembered, to back up along it."""
COMMAND_TRUST_MPS = 0.3
"""The last command says how fast the robot goes, as long as odometry is no farther off than this.
"""
COMMAND_TRUST_RADPS = 0.6
_NOWHERE = Pose2(math.nan, math.nan, math.nan)


@dataclasses.dataclass(slots=True)
class _Active:
    """The goal being worked on; `action` is None for a goal that a person clicked."""

    action: Action | None
    goal_id: str
    task: Task
    since_s: float
    fed_back_s: float = -1e9
    shown_s: float = -1e9
    plan: FloatArray | None = None


class Navigator(Component):
    """Drives the robot to goals, one at a time; a new goal ends the old one as preempted.

    Publishes a velocity at every tick while a goal is active and a zero when it ends.
    """

    name = "navigator"
    reads = (
        topics.MAP, topics.AMCL_POSE, topics.ODOM, topics.SCAN, topics.TRACKS,
        topics.LOCALIZATION_STATUS, topics.GATE_STATUS, topics.BATTERY_STATE, topics.GOAL_POSE,
        topics.DETECTED_DOCK_POSE, topics.DEPTH_OBSTACLES,
        *(service.request for service in CLEARING),
        *(row for action in ACTIONS for row in (action.goal, action.cancel)),
    )  # fmt: skip
    writes = (
        topics.CMD_VEL_NAV, topics.PLAN, topics.OPTIMAL_TRAJECTORY, topics.LOCAL_COSTMAP,
        topics.GLOBAL_COSTMAP, topics.TRAJECTORIES,
        topics.DOCK_APPROACH, topics.DIAGNOSTICS,
        *(service.response for service in CLEARING),
        *(row for action in ACTIONS for row in (action.feedback, action.result)),
    )  # fmt: skip
    rate_hz = 20.0

    def __init__(
        self,
        params: NavigatorParams,
        site: Site,
        robot: RobotModel,
        rng: np.random.Generator,
        controller: str,
        local_time: LocalTime,
        lanes: RouteGraph | None = None,
    ) -> None:
        self._params = params
        self._site = site
        self._zones = ZoneWatch(site, local_time)
        self._zone_problem = ""
        self._zones_said_s = -1e9
        self._sensor_mount = robot.lidar.transform().pose2()
        body = body_of(robot, params.motion, params.footprint)
        self._body = body
        self._tools = Tools(
            body,
            params.follower,
            GridPlanner(body.footprint, params.planner),
            _controller(controller, params, body, rng),
            WayCome(params.follower.retrace_m or WAY_COME_M),
        )
        self._lanes = None if lanes is None else Lanes(lanes, params.lanes, params.speed_mps)
        self._tracker = PoseTracker()
        self._maker = TaskMaker(params, site, self._tools, self._lanes, self._tracker)
        self._watch = Watch(params.follower)
        self._costmap: Costmap | None = None
        self._field: DistanceField | None = None
        self._scan_count = self._depth_count = 0
        self._scan_pose: Pose2 | None = None
        self._active: _Active | None = None
        self._finished: GoalResult | None = None
        self._last = (0.0, 0.0)
        self._costmap_s = self._site_costmap_s = -1e9
        self._shown_revision = -1
        self._dock_id = ""
        self._approach_s = -1e9

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """See Component."""
        outputs = Outputs()
        self._perceive(inputs, outputs, now_s)
        self._clear(inputs, outputs)
        self._take_goals(inputs, outputs, now_s)
        if self._active is not None:
            self._work(self._active, inputs, outputs, now_s)
        self._publish_costmap(outputs, now_s)
        return outputs

    def _perceive(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Keep pose and costmap up to date, goal or not."""
        grid = inputs.latest(topics.MAP)
        odometry, estimate = inputs.latest(topics.ODOM), inputs.latest(topics.AMCL_POSE)
        if odometry is not None and estimate is not None:
            self._tracker.update(odometry, estimate)
        if grid is None:
            return
        if self._costmap is None:
            footprint = self._body.footprint
            outline_m = self._site.outline_m
            self._costmap = Costmap(grid, outline_m, footprint, self._params.costmap)
        self._heed_zones(self._costmap, outputs, now_s)
        self._see_beside(self._costmap, inputs)
        scan = inputs.sample(topics.SCAN)
        if scan is None or scan.sequence == self._scan_count:
            return
        pose = self._tracker.pose_at(scan.value.stamp_s)
        if pose is None:
            return
        self._scan_count = scan.sequence
        self._scan_pose = pose.compose(self._sensor_mount)
        people = people_near(inputs.fresh(topics.TRACKS, now_s), pose, now_s)
        self._costmap.observe(scan.value, self._scan_pose, pose, moving_masks(people))
        self._field = self._costmap.local_field(pose)

    def _see_beside(self, costmap: Costmap, inputs: Inputs) -> None:
        depth = inputs.sample(topics.DEPTH_OBSTACLES)
        if depth is None or depth.sequence == self._depth_count:
            return
        pose = self._tracker.pose_at(depth.value.stamp_s)
        if pose is not None:
            self._depth_count = depth.sequence
            costmap.observe_beside(pose.transform_points(depth.value.points_m), pose)

    def _heed_zones(self, costmap: Costmap, outputs: Outputs, now_s: float) -> None:
        if self._zones.refresh(now_s):
            costmap.set_zones(self._zones.zones)
            if self._lanes is not None:
                self._lanes.heed(self._zones.zones)
        problem = self._zones.problem
        again = problem and now_s - self._zones_said_s >= ZONES_PERIOD_S
        if again or problem != self._zone_problem:
            self._zone_problem, self._zones_said_s = problem, now_s
            level = HealthLevel.WARN if self._zone_problem else HealthLevel.OK
            message = self._zone_problem or "the zones of the file are in force"
            outputs.put(topics.DIAGNOSTICS, Health(now_s, "nav/zones", level, message))

    def _clear(self, inputs: Inputs, outputs: Outputs) -> None:
        """Forget what was seen, as Nav2's clients ask of either costmap: here they are one."""
        for service in CLEARING:
            for request in inputs.events(service.request):
                if self._costmap is not None:
                    self._costmap.forget()
                outputs.put(service.response, ClearCostmapResponse(request.request_id))

    def _take_goals(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        for action in ACTIONS:
            for cancel in inputs.events(action.cancel):
                self._cancel(cancel.goal_id, outputs, now_s)
            for goal in inputs.events(action.goal):
                self._accept(action, goal, outputs, now_s)
        for clicked in inputs.events(topics.GOAL_POSE):
            goal = NavigateGoal(f"goal_pose-{clicked.stamp_s:.3f}", clicked.pose)
            self._accept(None, goal, outputs, now_s)

    def _cancel(self, goal_id: str, outputs: Outputs, now_s: float) -> None:
        if self._active is not None and self._active.goal_id == goal_id:
            self._finish(Result.canceled(), outputs, now_s)

    def _accept(self, action: Action | None, goal: Any, outputs: Outputs, now_s: float) -> None:
        """Start a goal. One that is known is not started again: its result is repeated."""
        if self._active is not None and self._active.goal_id == goal.goal_id:
            return
        known = self._finished
        if action is not None and known is not None and known.goal_id == goal.goal_id:
            outputs.put(action.result, known)
            return
        if self._active is not None:
            message = f"another goal came: {goal.goal_id}"
            self._finish(Result.failure(ErrorCode.PREEMPTED, message), outputs, now_s)
        task = self._maker.task(goal)
        if isinstance(task, Result):
            self._report(action, GoalResult(goal.goal_id, task), outputs, now_s)
            return
        self._active = _Active(action, goal.goal_id, task, now_s)

    def _work(self, active: _Active, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        trouble = self._watch.look(inputs, now_s)
        world = None if trouble is not None else self._world(inputs, now_s)
        if world is not None:
            step = active.task.step(world)
        elif trouble is not None:
            verdict = self._watch.verdict(trouble, now_s)
            waited_s = self._watch.waited_s(now_s)
            step = TaskStep(blocked_s=waited_s, message=trouble.message, result=verdict)
        else:
            step = TaskStep(message="waiting for the first scan with a pose")
        self._publish(active, step, outputs, now_s)
        if step.result is not None:
            self._finish(step.result, outputs, now_s)

    def _world(self, inputs: Inputs, now_s: float) -> World | None:
        odometry, scan = inputs.latest(topics.ODOM), inputs.latest(topics.SCAN)
        pose = self._tracker.pose_at(now_s)
        if odometry is None or scan is None or pose is None or self._field is None:
            return None
        if self._costmap is None or self._scan_pose is None:
            return None
        return World(
            now_s,
            1.0 / self.rate_hz,
            pose,
            _near(self._last[0], odometry.linear_mps, COMMAND_TRUST_MPS),
            _near(self._last[1], odometry.angular_radps, COMMAND_TRUST_RADPS),
            self._costmap,
            self._field,
            people_near(inputs.fresh(topics.TRACKS, now_s), pose, now_s),
            inputs.fresh(topics.GATE_STATUS, now_s),
            inputs.fresh(topics.BATTERY_STATE, now_s),
            scan,
            self._scan_pose,
            self._marker(inputs, now_s),
        )

    def _marker(self, inputs: Inputs, now_s: float) -> SeenMarker | None:
        seen = inputs.fresh(topics.DETECTED_DOCK_POSE, now_s)
        base = None if seen is None else self._tracker.pose_at(seen.stamp_s)
        if seen is None or base is None or not seen.pose.is_finite():
            return None
        return SeenMarker(seen.stamp_s, seen.pose, base)

    def _publish(self, active: _Active, step: TaskStep, outputs: Outputs, now_s: float) -> None:
        linear, angular = (0.0, 0.0) if step.result else (step.linear_mps, step.angular_radps)
        self._last = (linear, angular)
        outputs.put(topics.CMD_VEL_NAV, VelocityCommand(now_s, linear, angular))
        if step.path is not None and step.path is not active.plan:
            active.plan = step.path
            outputs.put(topics.PLAN, Path(now_s, step.path))
        shown = now_s - active.shown_s >= TRAJECTORY_PERIOD_S - 1e-6
        if shown and step.trajectory is not None and len(step.trajectory):
            active.shown_s = now_s
            outputs.put(topics.OPTIMAL_TRAJECTORY, Path(now_s, step.trajectory))
            weighed = self._tools.controller.weighed(MOST)
            outputs.put(topics.TRAJECTORIES, weighed_markers(weighed, now_s))
        if active.action is not None and now_s - active.fed_back_s >= FEEDBACK_PERIOD_S - 1e-6:
            active.fed_back_s = now_s
            feedback = feedback_of(
                active.action, active.goal_id, step, self._tracker.newest or _NOWHERE,
                now_s - active.since_s, self._params.speed_mps,
            )  # fmt: skip
            outputs.put(active.action.feedback, feedback)
        self._publish_approach(step.dock_id, step.touches_dock, outputs, now_s)

    def _publish_approach(
        self, dock_id: str, contact: bool, outputs: Outputs, now_s: float
    ) -> None:
        """Ten times a second while a dock is approached, and once when it no longer is."""
        if dock_id and now_s - self._approach_s >= 0.1 - 1e-6:
            outputs.put(topics.DOCK_APPROACH, DockApproach(now_s, dock_id, contact))
            self._dock_id, self._approach_s = dock_id, now_s
        elif not dock_id and self._dock_id:
            outputs.put(topics.DOCK_APPROACH, DockApproach(now_s, self._dock_id, False))
            self._dock_id = ""

    def _finish(self, result: Result, outputs: Outputs, now_s: float) -> None:
        active = self._active
        assert active is not None
        self._active = None
        self._last = (0.0, 0.0)
        if self._costmap is not None:
            self._costmap.keep_off(None)
        outputs.put(topics.CMD_VEL_NAV, VelocityCommand(now_s, 0.0, 0.0))
        self._publish_approach("", False, outputs, now_s)
        self._report(active.action, GoalResult(active.goal_id, result), outputs, now_s)

    def _report(
        self, action: Action | None, outcome: GoalResult, outputs: Outputs, now_s: float
    ) -> None:
        self._finished = outcome
        if action is not None:
            outputs.put(action.result, outcome)
            return
        level = HealthLevel.OK if outcome.result.ok else HealthLevel.WARN
        message = outcome.result.message or outcome.result.status.value
        outputs.put(
            topics.DIAGNOSTICS, Health(now_s, "nav/goal_pose", level, f"goal_pose: {message}")
        )

    def _publish_costmap(self, outputs: Outputs, now_s: float) -> None:
        if self._field is None or now_s - self._costmap_s < COSTMAP_PERIOD_S - 1e-6:
            return
        self._costmap_s = now_s
        footprint = self._body.footprint
        outputs.put(topics.LOCAL_COSTMAP, self._field.costs(footprint, now_s))
        if self._costmap is None or now_s - self._site_costmap_s < SITE_COSTMAP_PERIOD_S - 1e-6:
            return
        field = self._costmap.planning_field
        revision = int(field.revisions.sum())
        if revision != self._shown_revision:
            self._site_costmap_s, self._shown_revision = now_s, revision
            outputs.put(topics.GLOBAL_COSTMAP, field.costs(footprint, now_s))


def _controller(
    name: str, params: NavigatorParams, body: Body, rng: np.random.Generator
) -> Controller:
    if name == "pure_pursuit":
        return PurePursuitController(params.pursuit, body)
    return MppiController(params.mppi, params.pursuit, body, rng)


def _near(wanted: float, measured: float, slack: float) -> float:
    return min(max(wanted, measured - slack), measured + slack)
