"""The patrol executive: takes patrol goals and operators' commands, ticks the mission tree."""

from __future__ import annotations

import math
from dataclasses import replace

from py_trees.common import Status

from patrol_core.actions import DOCK, FOLLOW_ROUTE, INSPECT, NAVIGATE_TO_POSE, PATROL
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.errors import ConfigError
from patrol_core.result import ErrorCode, Result
from patrol_core.site.local_time import site_local_time
from patrol_core.site.model import Site
from patrol_core.site.site_watch import SiteWatch
from patrol_core.topics import (
    ALARMS,
    AMCL_POSE,
    BATTERY_STATE,
    CAMERA_BLURRED,
    FINDINGS,
    GATE_STATUS,
    INCIDENTS,
    LOCALIZATION_STATUS,
    OPERATOR_LINK,
    PATROL_COMMAND,
    PATROL_EVENTS,
    PATROL_STATUS,
    STORED_EVENTS,
)
from patrol_core.types.mission import (
    FOR_VISITORS,
    GoalResult,
    PatrolCommand,
    PatrolFeedback,
    PatrolGoal,
    PatrolState,
    PatrolStatus,
    PatrolVerb,
)
from patrol_core.types.perception import FindingKind
from patrol_core.types.status import GateState
from patrol_mission.answering import begin_answer, take_calls
from patrol_mission.board import Board, LookTarget
from patrol_mission.failing import leave_out
from patrol_mission.journal import Journal
from patrol_mission.outbox import EventOutbox
from patrol_mission.params import ExecutiveParams
from patrol_mission.planned import Planner, plan_legs
from patrol_mission.route import lap_legs
from patrol_mission.run import Run
from patrol_mission.taking_up import TakingUp
from patrol_mission.tree import make_tree
from patrol_mission.watching import BatteryWatch, LinkWatch

_CLIENTS = (NAVIGATE_TO_POSE, FOLLOW_ROUTE, DOCK, INSPECT)
_NO_PICTURE = (
    FindingKind.BLOCKED, FindingKind.BEHAVIOUR, FindingKind.EMERGENCY, FindingKind.REPORT,
    FindingKind.INSPECTION,
)  # fmt: skip
"""Of these it is not for perception to take one from where the robot happens to be."""
STATUS_PERIOD_S = 0.5


class PatrolExecutive(Component):
    """One patrol at a time. STOP returns to the dock; canceling the goal stands where it is."""

    name = "patrol_executive"
    rate_hz = 10.0
    reads = (
        ALARMS, AMCL_POSE, BATTERY_STATE, CAMERA_BLURRED, FINDINGS, GATE_STATUS, INCIDENTS,
        LOCALIZATION_STATUS, OPERATOR_LINK, PATROL_COMMAND, STORED_EVENTS, PATROL.goal,
        PATROL.cancel, INSPECT.goal,
        *(row for action in _CLIENTS for row in (action.feedback, action.result)),
    )  # fmt: skip
    writes = (
        FINDINGS, PATROL_STATUS, PATROL_EVENTS, PATROL.feedback, PATROL.result,
        *(row for action in _CLIENTS for row in (action.goal, action.cancel)),
    )  # fmt: skip

    def __init__(
        self,
        site: Site,
        params: ExecutiveParams,
        prefix: str,
        epoch_s: float = 0.0,
        journal: Journal | None = None,
        outbox: EventOutbox | None = None,
        planner: Planner | None = None,
    ) -> None:
        """`journal`: what outlives the process; without one nothing does. `outbox`: events are
        said again until they are stored; without one once. `planner`: for routes that are to be
        unpredictable; without one they are not.
        """
        self._site, self._watch = site, SiteWatch(site)
        self._params = params
        self._prefix = prefix
        self._outbox, self._planner = outbox, planner
        self._local_time = site_local_time(site.timezone, epoch_s)
        self._taking_up = TakingUp(journal, epoch_s)
        self._begin_anew(prefix)
        self._last: Run | None = None
        self._status_s = float("-inf")
        self._told_state = PatrolState.IDLE

    def _begin_anew(self, prefix: str) -> None:
        self._board = Board(self._site, self._params, prefix, self._local_time, self._outbox)
        self._tree = make_tree(self._board)
        self._battery, self._link = BatteryWatch(), LinkWatch()

    def setup(self) -> None:
        """Take in what an earlier life of the process has left; goals get names of their own."""
        life = self._taking_up.recall()
        self._begin_anew(f"{self._prefix}-{life}")
        if self._outbox is not None:
            self._outbox.setup()
        if self._planner is not None:
            self._planner.setup()
        self._taking_up.restore(self._board, self._planner)

    def close(self) -> None:
        self._taking_up.keep(self._board)

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        self._board.begin(inputs, outputs, now_s)
        self._heed_site(now_s)
        for goal in inputs.events(PATROL.goal):
            self._take_goal(goal, outputs, now_s)
        for cancel in inputs.events(PATROL.cancel):
            if self._board.run and cancel.goal_id == self._board.run.patrol_id:
                self._end(PatrolState.FAILED, Result.canceled("canceled: standing here"))
        self._taking_up.step(self._board)
        for command in inputs.events(PATROL_COMMAND):
            self._obey(command)
        take_calls(self._board)
        self._note_findings(inputs, now_s)
        if self._board.run is None:
            begin_answer(self._board)
        if self._board.run is not None:
            self._battery.step(self._board)
            self._link.step(self._board)
            self._tree.tick_once()
            self._conclude(self._board.run)
        state = PatrolState.IDLE if self._board.run is None else self._board.run.state
        if now_s - self._status_s >= STATUS_PERIOD_S - 1e-6 or state is not self._told_state:
            self._status_s, self._told_state = now_s, state
            self._report(inputs, outputs, now_s)
        self._taking_up.keep_if_changed(self._board)
        if self._outbox is not None:
            self._outbox.step(inputs, outputs, now_s)
        return outputs

    def _heed_site(self, now_s: float) -> None:
        """What the site's files say by now counts for patrols that begin from now on."""
        watch, board = self._watch, self._board
        if watch.refresh(now_s):
            waits = "" if board.run is None else "; the patrol under way keeps its plan"
            kind = "site_wrong" if watch.problem else "site_changed"
            board.record(kind, "site", f"{watch.problem or 'its files are read anew'}{waits}")
        if board.run is None and watch.site is not self._site:
            self._site = board.site = watch.site
            self._taking_up.heed(self._site)
            if self._planner is not None:
                self._planner.heed(self._site)

    def _take_goal(self, goal: PatrolGoal, outputs: Outputs, now_s: float) -> None:
        running = self._board.run
        if running is not None and running.patrol_id == goal.goal_id:
            return
        refusal = self._refusal(goal)
        if refusal is not None:
            outputs.put(PATROL.result, GoalResult(goal.goal_id, refusal))
            return
        try:
            self._board.run = self._run_of(goal, now_s)
        except OSError as error:
            told = f"the plan of the patrol cannot be kept: {error}"
            failed = Result.failure(ErrorCode.INTERNAL, told)
            outputs.put(PATROL.result, GoalResult(goal.goal_id, failed))
            return
        how = ", dry: nothing is done on the way" if goal.dry_run else ""
        laps = f"{goal.laps} laps" if goal.laps else f"{goal.for_s / 60.0:.0f} min"
        self._board.record("patrol_started", goal.route_id, f"{laps}{how}")
        if self._board.run.is_planned:
            told = f"as plans/{goal.goal_id}.json has it: ./ronda patrol explain tells it"
            self._board.record("plan_drawn", goal.route_id, told)

    def _run_of(self, goal: PatrolGoal, now_s: float) -> Run:
        """With the legs of the route, or of a plan drawn for it."""
        route = self._site.route(goal.route_id)
        ends_s = math.inf if goal.laps else now_s + goal.for_s
        run = Run(
            goal.goal_id, goal.route_id, route.speed_mps, goal.laps, (), now_s, route.care,
            goal.dry_run, ends_s,
        )  # fmt: skip
        if self._planner is None or not self._planner.draws(route) or goal.dry_run:
            run.legs = lap_legs(self._site, route)
            return run
        lap_s = sum(leg.length_m for leg in lap_legs(self._site, route)) / route.speed_mps
        plan = self._planner.draw(
            route, goal.laps or max(round(goal.for_s / lap_s), 1), goal.goal_id
        )
        run.legs, run.laps, run.is_planned = plan_legs(self._site, route, plan), 1, True
        run.not_before_s = now_s + plan.start_delay_s
        return run

    def _refusal(self, goal: PatrolGoal) -> Result | None:
        if self._board.run is not None:
            return Result.failure(
                ErrorCode.INVALID_GOAL, "another patrol is under way: stop it first"
            )
        if goal.laps < 1 and not 0.0 < goal.for_s < math.inf:
            return Result.failure(
                ErrorCode.INVALID_GOAL,
                f"{goal.laps} laps: expected 1 or more, or a time for which to patrol",
            )
        try:
            lap_legs(self._site, self._site.route(goal.route_id))
        except KeyError:
            known = ", ".join(route.route_id for route in self._site.routes)
            return Result.failure(
                ErrorCode.ROUTE_UNKNOWN, f"no route '{goal.route_id}': the site has {known}"
            )
        except ConfigError as error:
            return Result.failure(ErrorCode.INVALID_GOAL, str(error))
        battery = self._board.inputs.latest(BATTERY_STATE)
        start_at = self._board.start_charge(self._site.route(goal.route_id).care)
        if battery and battery.charge_fraction < start_at:
            return Result.failure(
                ErrorCode.BATTERY_LOW,
                f"battery at {battery.charge_fraction:.0%}: a patrol starts from {start_at:.0%}",
            )
        return None

    def _obey(self, command: PatrolCommand) -> None:
        run = self._board.run
        if run is None or command.verb is PatrolVerb.LOOK:
            return
        if command.who in FOR_VISITORS and run.paused_by not in ("", *FOR_VISITORS):
            return
        self._board.record("operator_command", command.verb.value, f"by {command.who}")
        if command.verb is PatrolVerb.PAUSE:
            run.paused_by = command.who
        elif command.verb is PatrolVerb.RESUME:
            run.paused_by, run.tries = "", 0
            if command.who not in FOR_VISITORS:
                run.question = None
        elif command.verb is PatrolVerb.STOP:
            run.go_home(f"stopped by {command.who}", ErrorCode.STOPPED_BY_OPERATOR)
            run.paused_by = ""
        elif not run.return_reason:
            self._tree.stop(Status.INVALID)
            run.question = None
            leave_out(self._board, ErrorCode.STOPPED_BY_OPERATOR, f"skipped by {command.who}")

    def _note_findings(self, inputs: Inputs, now_s: float) -> None:
        has_camera = inputs.latest(CAMERA_BLURRED) is not None
        for finding in inputs.events(FINDINGS):
            if finding.kind in _NO_PICTURE or not math.isfinite(finding.x_m):
                continue
            targets, name = self._board.look_targets, finding.finding_id
            if finding.photo is not None:
                targets.pop(name, None)
            elif name in targets:
                targets[name] = replace(targets[name], x_m=finding.x_m, y_m=finding.y_m)
            elif has_camera and finding.revision == 1 and self._board.run:
                targets[name] = LookTarget(name, finding.x_m, finding.y_m, now_s)

    def _conclude(self, run: Run) -> None:
        if not run.return_reason:
            return
        if self._tree.status is Status.SUCCESS and self._board.charging and run.rest is None:
            if run.return_code is ErrorCode.NONE:
                skipped = f"; skipped: {', '.join(run.skipped)}" if run.skipped else ""
                done_laps = run.laps or run.lap
                laps = "1 lap" if done_laps == 1 else f"{done_laps} laps"
                done = Result.success(f"{laps} done, docked{skipped}")
                self._end(PatrolState.FINISHED, done)
            else:
                early = Result.failure(run.return_code, f"docked early: {run.return_reason}")
                self._end(PatrolState.FINISHED, early)
        elif self._tree.status is Status.FAILURE:
            failure = "cannot get back to the dock: standing here, please fetch the robot"
            self._end(PatrolState.FAILED, Result.failure(ErrorCode.STUCK, failure))

    def _end(self, state: PatrolState, result: Result) -> None:
        run = self._board.run
        assert run is not None
        self._tree.stop(Status.INVALID)
        run.state, run.message = state, result.message
        self._board.record("patrol_ended", result.status.value, result.message)
        self._board.outputs.put(PATROL.result, GoalResult(run.patrol_id, result))
        self._board.look_targets.clear()
        self._last, self._board.run = run, None
        self._status_s = float("-inf")

    def _report(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        run = self._board.run or self._last
        if run is None:
            outputs.put(
                PATROL_STATUS,
                PatrolStatus(now_s, "", PatrolState.IDLE, "", 0, 0, "", 0.0, "no patrol"),
            )
            return
        checkpoint = run.leg.checkpoint
        gate = inputs.fresh(GATE_STATUS, now_s)
        message = run.message
        if gate is not None and gate.state in (GateState.HOLD, GateState.LATCHED):
            message += f" (held: {', '.join(gate.reasons)})"
        fraction = run.fraction_done(now_s)
        outputs.put(
            PATROL_STATUS,
            PatrolStatus(
                now_s, run.patrol_id, run.state, run.route_id, run.lap, run.laps,
                checkpoint.checkpoint_id if checkpoint else "", fraction, message,
            ),
        )  # fmt: skip
        if self._board.run is not None:
            feedback = PatrolFeedback(run.patrol_id, run.lap, fraction, message)
            outputs.put(PATROL.feedback, feedback)
