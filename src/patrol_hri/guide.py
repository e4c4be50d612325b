"""Walks visitors to places of the site: the server of `guide_visitor`.

It leads along the way that it would describe, no farther than visitors may be, at their pace, and
gives the robot back to its patrol. Anything of higher authority ends the walk with a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from patrol_core.action_client import ActionClient
from patrol_core.actions import FOLLOW_ROUTE, GUIDE_VISITOR, NAVIGATE_TO_POSE
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Site
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    DIALOGUE,
    FINDINGS,
    GATE_STATUS,
    PATROL_COMMAND,
    PATROL_STATUS,
    TRACKS,
)
from patrol_core.types.dialogue import DialogueEvent, DialogueKind, GuideFeedback, GuideGoal
from patrol_core.types.mission import (
    VISITOR_GUIDE,
    FollowRouteGoal,
    GoalResult,
    NavigateGoal,
    PatrolCommand,
    PatrolVerb,
)
from patrol_core.types.status import GateState
from patrol_hri.guiding.interruptions import busy, interruption, on_patrol, paused_by
from patrol_hri.guiding.params import GuideParams
from patrol_hri.guiding.planning import plan_walk
from patrol_hri.guiding.walk import Stage, Walk
from patrol_hri.languages.catalogue import Language
from patrol_hri.wayfinding import WayFinder
from patrol_hri.wayfinding.telling import name_of, rounded_m

FEEDBACK_PERIOD_S, RESEND_S, RESUME_AGAIN_S = 0.5, 2.0, 2.0
TELL_AHEAD_M, AWAY_M, AGAIN_S = 3.0, 1.0, 10.0
_CLIENTS = (FOLLOW_ROUTE, NAVIGATE_TO_POSE)
_SENTENCES = {
    ErrorCode.BUSY: "guiding_busy",
    ErrorCode.CANCELED: "guiding_stopped",
    ErrorCode.NO_PATH: "guiding_no_way",
    ErrorCode.PLACE_UNKNOWN: "guiding_no_way",
    ErrorCode.NOT_OPEN_TO_VISITORS: "guiding_not_open",
    ErrorCode.VISITOR_GONE: "guiding_gone",
    ErrorCode.BLOCKED: "guiding_blocked",
    ErrorCode.STUCK: "guiding_blocked",
    ErrorCode.GOAL_OCCUPIED: "guiding_blocked",
}
"""What is said at an end; at any other the robot is called away."""
_HANDS_OFF = (ErrorCode.GATE_LATCHED, ErrorCode.PREEMPTED, ErrorCode.STOPPED_BY_OPERATOR)
"""Ends after which the robot does not drive back by itself."""


class Guide(Component):
    """One visitor, or group, at a time."""

    name = "guide"
    rate_hz = 10.0
    reads = (
        AMCL_POSE, TRACKS, GATE_STATUS, BATTERY_STATE, PATROL_STATUS, PATROL_COMMAND, FINDINGS,
        GUIDE_VISITOR.goal, GUIDE_VISITOR.cancel,
        *(row for action in _CLIENTS for row in (action.feedback, action.result)),
    )  # fmt: skip
    writes = (
        DIALOGUE, PATROL_COMMAND, GUIDE_VISITOR.feedback, GUIDE_VISITOR.result,
        *(row for action in _CLIENTS for row in (action.goal, action.cancel)),
    )  # fmt: skip

    def __init__(
        self,
        site: Site,
        finder: WayFinder,
        languages: Mapping[str, Language],
        local_time: LocalTime,
        params: GuideParams,
        prefix: str,
    ) -> None:
        """`prefix` makes the ids of its goals differ from those of other runs."""
        self._site, self._finder, self._languages = site, finder, languages
        self._local_time, self._params = local_time, params
        self._lead = ActionClient(FOLLOW_ROUTE, f"{prefix}-guide")
        self._back = ActionClient(NAVIGATE_TO_POSE, f"{prefix}-guide")
        self._walk: Walk | None = None
        self._ended: GoalResult | None = None
        self._resumed_s = -math.inf
        self._inputs, self._outputs, self._now_s = Inputs({}, {}), Outputs(), 0.0

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """See Component."""
        self._inputs, self._outputs, self._now_s = inputs, Outputs(), now_s
        for client in (self._lead, self._back):
            client.update(inputs, self._outputs, now_s, RESEND_S)
        for goal in inputs.events(GUIDE_VISITOR.goal):
            self._take(goal)
        for cancel in inputs.events(GUIDE_VISITOR.cancel):
            if self._walk is not None and self._walk.goal.goal_id == cancel.goal_id:
                self._end(self._walk, Result.canceled())
        estimate = inputs.latest(AMCL_POSE)
        if estimate is not None:
            self._go_on(estimate.pose)
        if self._walk is None:
            self._release_patrol()
        return self._outputs

    def _go_on(self, pose: Pose2) -> None:
        walk, params, now_s = self._walk, self._params, self._now_s
        if walk is None and not self._back.active:
            return
        wanted = interruption(self._inputs, pose, params, now_s)
        if walk is None:
            if wanted is not None:
                self._back.cancel(self._outputs)
        elif wanted is not None:
            self._end(walk, wanted)
        else:
            walk.companion.update(self._inputs.fresh(TRACKS, now_s), pose, now_s)
            if walk.stage is Stage.MEETING:
                self._meet(walk)
            elif walk.stage is Stage.LEADING:
                self._lead_on(walk, pose)
            else:
                self._wait(walk, pose)
            self._feed_back(walk)

    def _take(self, goal: GuideGoal) -> None:
        """Start a goal. One that is known is not started again: its result is repeated."""
        if self._walk is not None and self._walk.goal.goal_id == goal.goal_id:
            return
        if self._ended is not None and self._ended.goal_id == goal.goal_id:
            self._outputs.put(GUIDE_VISITOR.result, self._ended)
            return
        begun = self._begin(goal)
        if isinstance(begun, Result):
            self._ended = GoalResult(goal.goal_id, begun)
            self._outputs.put(GUIDE_VISITOR.result, self._ended)
            key = _SENTENCES.get(begun.code, "guiding_called_away")
            self._tell(goal, self._language(goal), self._language(goal).say(key))
            return
        self._walk, begun.since_s = begun, self._now_s
        begun.from_patrol = on_patrol(self._inputs)
        self._back.cancel(self._outputs)
        if begun.from_patrol:
            self._command(PatrolVerb.PAUSE)

    def _begin(self, goal: GuideGoal) -> Walk | Result:
        """The walk of a goal, or why there is none."""
        inputs, now_s = self._inputs, self._now_s
        if self._walk is not None:
            return Result.failure(ErrorCode.BUSY, "somebody else is being guided")
        estimate = inputs.fresh(AMCL_POSE, now_s)
        if estimate is None:
            return Result.failure(ErrorCode.LOCALIZATION_LOST, "the robot has no pose")
        refusal = interruption(inputs, estimate.pose, self._params, now_s) or busy(inputs)
        return refusal or plan_walk(
            goal, self._language(goal), estimate.pose, self._site, self._finder, self._params,
            self._local_time(now_s),
        )  # fmt: skip

    def _meet(self, walk: Walk) -> None:
        """Until the patrol has paused and the visitor is seen."""
        waited_s = self._now_s - walk.since_s
        if walk.from_patrol and not paused_by(VISITOR_GUIDE, self._inputs.latest(PATROL_STATUS)):
            if waited_s > self._params.pause_s:
                self._end(walk, Result.failure(ErrorCode.BUSY, "the patrol does not pause"))
        elif walk.companion.met:
            key = "guiding_follow" if walk.to_place else "guiding_follow_part"
            metres = rounded_m(max(walk.end_m, 1.0))
            self._say(walk, walk.language.say(key, place=walk.name, metres=metres))
            self._drive(walk)
        elif waited_s > self._params.meet_s:
            nobody = Result.failure(ErrorCode.VISITOR_GONE, "nobody stands near the robot")
            self._end(walk, nobody, "guiding_nobody")

    def _drive(self, walk: Walk) -> None:
        poses = walk.line.poses(walk.reached_m, max(walk.end_m, walk.reached_m + 0.1))
        goal = FollowRouteGoal(self._lead.new_id(), poses, self._params.speed_mps)
        self._lead.send(goal, self._outputs, self._now_s)
        walk.turn_to(Stage.LEADING, self._now_s)
        walk.free_s = self._now_s

    def _lead_on(self, walk: Walk, pose: Pose2) -> None:
        walk.reached_m = walk.line.progress_m(pose, walk.reached_m)
        while walk.to_tell and walk.to_tell[0].along_m < walk.reached_m + TELL_AHEAD_M:
            self._tell_of_place(walk)
        result, params = self._lead.result, self._params
        if result is not None:
            near = pose.distance_to(Pose2(*walk.line.point(walk.end_m))) <= params.near_enough_m
            if result.ok or (near and result.code in _SENTENCES):
                self._arrive(walk, pose)
            else:
                self._end(walk, result)
        elif (
            walk.companion.distance_m(pose) > params.lag_m
            or self._now_s - walk.companion.seen_s > params.unseen_s
        ):
            self._lead.cancel(self._outputs)
            walk.turn_to(Stage.WAITING, self._now_s)
        else:
            self._ask_for_room(walk, pose)

    def _ask_for_room(self, walk: Walk, pose: Pose2) -> None:
        """The gate holds the robot before who walks close behind it."""
        gate = self._inputs.fresh(GATE_STATUS, self._now_s)
        held = gate is not None and gate.state is GateState.HOLD
        if not held or walk.companion.distance_m(pose) > self._params.close_m:
            walk.free_s = self._now_s
        elif self._now_s - walk.free_s > self._params.held_s:
            walk.free_s = self._now_s + AGAIN_S
            self._say(walk, walk.language.say("guiding_too_close"))

    def _tell_of_place(self, walk: Walk) -> None:
        passed, own = walk.to_tell.pop(0), self._finder.site_language
        key = "guiding_pass_left" if passed.on_left else "guiding_pass_right"
        about = passed.place.about.get(walk.language.code, "")
        name = name_of(passed.place, walk.language.code, own)
        self._say(walk, f"{walk.language.say(key, place=name)} {about}".strip())

    def _wait(self, walk: Walk, pose: Pose2) -> None:
        params, unseen_s = self._params, self._now_s - walk.companion.seen_s
        waited_s, apart_m = walk.waiting_s(self._now_s), walk.companion.distance_m(pose)
        if unseen_s <= params.unseen_s and apart_m <= params.come_m:
            self._drive(walk)
        elif unseen_s > params.gone_s or apart_m > params.gone_m or waited_s > params.patience_s:
            gone = Result.failure(ErrorCode.VISITOR_GONE, "the visitor did not come along")
            self._end(walk, gone)
        elif waited_s > params.remind_s and not walk.reminded:
            walk.reminded = True
            self._say(walk, walk.language.say("guiding_waiting"))

    def _arrive(self, walk: Walk, pose: Pose2) -> None:
        if walk.to_place:
            self._end(walk, Result.success(f"led to {walk.goal.place_id}"), "guiding_arrived")
            return
        at_m = walk.companion.at_m
        assert at_m is not None
        facing_rad = math.atan2(at_m[1] - pose.y_m, at_m[0] - pose.x_m)
        rest = self._finder.way(
            (pose.x_m, pose.y_m), walk.goal.place_id, walk.language, walk.goal.step_free,
            robot_yaw_rad=facing_rad, local_time=self._local_time(self._now_s),
        )  # fmt: skip
        self._say(
            walk, " ".join((walk.language.say("guiding_border"), *(rest.steps if rest else ())))
        )
        message = f"led towards {walk.goal.place_id} as far as visitors may be led"
        self._end(walk, Result.success(message), "guiding_goodbye")

    def _end(self, walk: Walk, result: Result, key: str = "") -> None:
        """Say why, give the robot back, and answer the goal."""
        self._lead.cancel(self._outputs)
        key = key or _SENTENCES.get(result.code, "guiding_called_away")
        self._say(walk, walk.language.say(key, place=walk.name))
        self._ended = GoalResult(walk.goal.goal_id, result)
        self._outputs.put(GUIDE_VISITOR.result, self._ended)
        self._walk = None
        estimate = self._inputs.latest(AMCL_POSE)
        if walk.from_patrol:
            self._resumed_s = self._now_s
            self._command(PatrolVerb.RESUME)
        elif (
            result.code not in _HANDS_OFF
            and estimate is not None
            and estimate.pose.distance_to(walk.start) > AWAY_M
        ):
            goal = NavigateGoal(self._back.new_id(), walk.start)
            self._back.send(goal, self._outputs, self._now_s)

    def _release_patrol(self) -> None:
        """Resume a patrol that still waits for a walk of before: of a process that died, too."""
        waits = paused_by(VISITOR_GUIDE, self._inputs.fresh(PATROL_STATUS, self._now_s))
        if waits and self._now_s - self._resumed_s > RESUME_AGAIN_S:
            self._resumed_s = self._now_s
            self._command(PatrolVerb.RESUME)

    def _command(self, verb: PatrolVerb) -> None:
        self._outputs.put(PATROL_COMMAND, PatrolCommand(self._now_s, verb, VISITOR_GUIDE))

    def _language(self, goal: GuideGoal) -> Language:
        """The one asked for, or else the site's, or else English: there is always that one."""
        known = self._languages
        return known.get(goal.language) or known.get(self._finder.site_language) or known["en"]

    def _say(self, walk: Walk, text: str) -> None:
        walk.message = text
        self._tell(walk.goal, walk.language, text)
        self._feed_back(walk, at_once=True)

    def _tell(self, goal: GuideGoal, language: Language, text: str) -> None:
        estimate = self._inputs.latest(AMCL_POSE)
        pose = Pose2(math.nan, math.nan) if estimate is None else estimate.pose
        self._outputs.put(DIALOGUE, DialogueEvent(
            self._now_s, goal.session_id, DialogueKind.GUIDING, language.code, "robot", text,
            pose.x_m, pose.y_m,
        ))  # fmt: skip

    def _feed_back(self, walk: Walk, at_once: bool = False) -> None:
        due = self._now_s - walk.fed_back_s >= FEEDBACK_PERIOD_S - 1e-6
        if self._walk is walk and (at_once or due):
            walk.fed_back_s = self._now_s
            feedback = GuideFeedback(
                walk.goal.goal_id, max(walk.end_m - walk.reached_m, 0.0),
                walk.waiting_s(self._now_s), walk.message,
            )  # fmt: skip
            self._outputs.put(GUIDE_VISITOR.feedback, feedback)
