"""Goes round an object and looks at it from several sides: the server of `inspect`.

It announces itself, keeps the stand-off on every way, waits while people are at the object, tells
each side as a revision of one finding, and ends with a word to the operator. It only drives: that
the patrol stands meanwhile, and goes on afterwards, is up to who sent the goal.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from patrol_core.action_client import ActionClient
from patrol_core.actions import FOLLOW_ROUTE, INSPECT, NAVIGATE_TO_POSE
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.robot import RobotModel
from patrol_core.site.model import Site
from patrol_core.site.private_places import PrivatePlaces
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    CAMERA_BLURRED,
    FINDINGS,
    GATE_STATUS,
    GLOBAL_COSTMAP,
    INCIDENTS,
    LOCAL_COSTMAP,
    LOCALIZATION_STATUS,
    MAP,
    ODOM,
    OPERATOR_LINES,
    PATROL_EVENTS,
    PATROL_STATUS,
    SCAN,
    TRACKS,
)
from patrol_core.types.mission import FollowRouteGoal, GoalResult, InspectGoal
from patrol_core.types.sensors import CompressedImage
from patrol_mission.inspecting.beginning import KnownFindings, begin
from patrol_mission.inspecting.inspection import (
    Inspection,
    Stage,
    at_object,
    choose_views,
    grow,
    people_of,
    returns_of,
)
from patrol_mission.inspecting.interruptions import interruption, patrol_drives
from patrol_mission.inspecting.journal import Journal
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.recovery import Recovery
from patrol_mission.inspecting.subject import Subject
from patrol_mission.inspecting.telling import measured_m, side_words
from patrol_mission.inspecting.viewpoints import View
from patrol_mission.inspecting.voice import Voice
from patrol_mission.outbox import EventOutbox

RESEND_S, CHOOSE_PERIOD_S = 2.0, 1.0
ANNOUNCED_S = 2.0
"""All have heard the announcement after that."""
GUARD_M, SLIP_M, TOO_NEAR_TRIES, PAUSE_S = 0.05, 0.05, 3, 4.0
"""What is stopped so much before the stand-off waits, longer each time, before another try."""
BRAKES_MPS2, REACTION_S = 0.9, 0.2
"""How the robot comes to rest when its goal is taken back."""
STILL_MPS, STILL_RADPS, GROW_RADPS = 0.02, 0.05, 0.15
VIEW_TAKEN_SHARE = 0.7
_ENDS = (
    ErrorCode.PREEMPTED, ErrorCode.LOCALIZATION_LOST, ErrorCode.GATE_LATCHED,
    ErrorCode.INPUT_STALE,
)  # fmt: skip
"""Results of the navigator after which no other way is tried."""


class Inspector(Component):
    """One inspection at a time. After a restart nothing goes on: it is reported as broken off."""

    name = "inspector"
    rate_hz = 10.0
    reads = (
        AMCL_POSE, ODOM, SCAN, MAP, GLOBAL_COSTMAP, LOCAL_COSTMAP, TRACKS, FINDINGS, INCIDENTS,
        CAMERA_BLURRED, GATE_STATUS, LOCALIZATION_STATUS, BATTERY_STATE, PATROL_STATUS,
        INSPECT.goal, INSPECT.cancel, FOLLOW_ROUTE.feedback, FOLLOW_ROUTE.result,
    )  # fmt: skip
    writes = (
        FINDINGS, PATROL_EVENTS, OPERATOR_LINES, INSPECT.feedback, INSPECT.result,
        FOLLOW_ROUTE.goal, FOLLOW_ROUTE.cancel, NAVIGATE_TO_POSE.goal,
    )  # fmt: skip

    def __init__(
        self,
        site: Site,
        robot: RobotModel,
        params: InspectParams,
        prefix: str,
        journal: Path,
        epoch_s: float,
        outbox: EventOutbox | None = None,
    ) -> None:
        """`prefix` makes the ids of its goals differ from those of others; `journal`: a file."""
        self._site, self._robot, self._params, self._prefix = site, robot, params, prefix
        self._footprint_m = robot.footprint_m()
        self._private = PrivatePlaces(site, epoch_s)
        self._voice = Voice(Journal(journal), params, outbox)
        self._recovery = Recovery(self._voice.journal, prefix, outbox)
        self._known = KnownFindings()
        self._current: Inspection | None = None
        self._ended: GoalResult | None = None
        self._scan_count = 0
        self._inputs, self._outputs, self._now_s = Inputs({}, {}), Outputs(), 0.0

    def setup(self) -> None:
        self._recovery.look()

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """See Component."""
        self._inputs, self._outputs, self._now_s = inputs, Outputs(), now_s
        self._voice.begin(inputs, self._outputs, now_s)
        self._private.refresh(now_s)
        self._recovery.step(inputs, self._outputs, now_s)
        self._known.step(inputs)
        for goal in inputs.events(INSPECT.goal):
            self._take(goal)
        for cancel in inputs.events(INSPECT.cancel):
            if self._current is not None and self._current.goal.goal_id == cancel.goal_id:
                self._end(self._current, Result.canceled("canceled: standing here"))
        if self._current is not None:
            self._current.client.update(inputs, self._outputs, now_s, RESEND_S)
            self._go_on(self._current)
        self._voice.finish()
        return self._outputs

    def _take(self, goal: InspectGoal) -> None:
        """Start a goal. One that is known is not started again: its result is repeated."""
        current = self._current
        if current is not None and current.goal.goal_id == goal.goal_id:
            return
        if self._ended is not None and self._ended.goal_id == goal.goal_id:
            self._outputs.put(INSPECT.result, self._ended)
            return
        client = ActionClient(FOLLOW_ROUTE, f"{self._prefix}-{goal.goal_id}")
        begun = begin(
            goal, client, self._inputs, self._known, self._private, self._params, self._now_s,
            is_busy=current is not None,
        )  # fmt: skip
        if isinstance(begun, Result):
            self._outputs.put(INSPECT.result, GoalResult(goal.goal_id, begun))
            return
        self._current = begun
        self._voice.note(begun)
        self._voice.record(begun, "inspection_started", f"going round {begun.subject.name}")

    def _go_on(self, inspection: Inspection) -> None:
        now_s, params = self._now_s, self._params
        wanted = interruption(self._inputs, params, now_s)
        if wanted is None and now_s - inspection.started_s > params.timeout_s:
            wanted = Result.failure(ErrorCode.TIMEOUT, f"it took over {params.timeout_s:.0f} s")
        if wanted is not None:
            self._end(inspection, wanted)
            return
        estimate = self._inputs.latest(AMCL_POSE)
        assert estimate is not None, "who has no pose is interrupted"
        self._observe(inspection, estimate.pose)
        stage = inspection.stage
        if stage is Stage.BEGINNING:
            self._begin(inspection, estimate.pose)
        elif stage is Stage.WAITING:
            self._wait(inspection, estimate.pose)
        elif stage is Stage.DRIVING:
            self._drive(inspection, estimate.pose)
        else:
            self._look(inspection, estimate.pose)
        if self._current is inspection:
            self._voice.feed_back(inspection)

    def _observe(self, inspection: Inspection, pose: Pose2) -> None:
        """Take in what perception and the lidar say of the object by now."""
        inspection.subject = self._known.of(inspection.subject)
        incident = self._known.incidents.get(inspection.finding_id)
        inspection.incident_id = incident or inspection.incident_id
        scan, odometry = self._inputs.sample(SCAN), self._inputs.latest(ODOM)
        steady = odometry is not None and abs(odometry.angular_radps) <= GROW_RADPS
        if scan is not None and scan.sequence != self._scan_count and steady:
            self._scan_count = scan.sequence
            people = self._people()
            grow(inspection, self._inputs, pose, people, self._robot)

    def _begin(self, inspection: Inspection, pose: Pose2) -> None:
        waited_s = self._now_s - inspection.since_s
        if patrol_drives(self._inputs):
            if waited_s > self._params.pause_s:
                self._end(inspection, Result.failure(ErrorCode.BUSY, "the patrol does not pause"))
            return
        if inspection.announced_s == -math.inf:
            self._voice.announce(inspection)
        elif self._now_s - inspection.announced_s >= ANNOUNCED_S:
            self._choose(inspection, pose)

    def _choose(self, inspection: Inspection, pose: Pose2) -> None:
        """Drive to the next view; wait for people who keep it from being taken; or end."""
        inspection.chosen_s = self._now_s
        people = self._people()
        if len(inspection.views) >= self._params.views:
            self._conclude(inspection)
            return
        if at_object(people, inspection.subject, self._params):
            self._wait_on(inspection, "waiting for people to leave the object")
            return
        choice, ways = choose_views(
            inspection, self._inputs, pose, people, self._robot, self._private.zones.zones,
            self._site.outline_m, self._params,
        )  # fmt: skip
        inspection.choice = choice
        if choice.views:
            view = choice.views[0]
            inspection.next = view
            poses = ways.way(view.pose)
            subject = inspection.subject
            goal = FollowRouteGoal(
                inspection.client.new_id(), poses, self._params.speed_mps,
                keep_off_x_m=subject.x_m, keep_off_y_m=subject.y_m,
                keep_off_radius_m=subject.radius_m + self._params.standoff_m + GUARD_M,
            )  # fmt: skip
            inspection.client.send(goal, self._outputs, self._now_s)
            near = self._is_near(subject, pose)
            inspection.least_m = subject.beside_m(pose) - SLIP_M if near else math.inf
            inspection.turn_to(Stage.DRIVING, self._now_s)
            number = len(inspection.views) + 1
            self._voice.say(inspection, f"driving to side {number} of {self._params.views}")
        elif choice.for_people:
            self._wait_on(inspection, "waiting for people to leave the places to look from")
        else:
            self._conclude(inspection)

    def _wait_on(self, inspection: Inspection, message: str) -> None:
        inspection.client.cancel(self._outputs)
        if inspection.stage is not Stage.WAITING:
            inspection.turn_to(Stage.WAITING, self._now_s)
            self._voice.say(inspection, message)
        if self._now_s - inspection.announced_s >= self._params.announce_again_s:
            self._voice.announce(inspection)

    def _wait(self, inspection: Inspection, pose: Pose2) -> None:
        if self._now_s - inspection.since_s > self._params.patience_s:
            stay = Result.failure(ErrorCode.PEOPLE_NEAR, "people stay where it is to look")
            self._end(inspection, stay)
        elif self._now_s - inspection.chosen_s >= CHOOSE_PERIOD_S:
            self._choose(inspection, pose)

    def _drive(self, inspection: Inspection, pose: Pose2) -> None:
        subject, result = inspection.subject, inspection.client.result
        people, rest = self._people(), self._at_rest(pose)
        if at_object(people, subject, self._params):
            self._wait_on(inspection, "waiting for people to leave the object")
        elif self._is_near(subject, rest) and subject.beside_m(rest) < inspection.least_m:
            self._keep_off(inspection)
        elif result is None:
            if self._is_taken(inspection, people):
                inspection.client.cancel(self._outputs)
                self._choose(inspection, pose)
        elif result.ok:
            inspection.turn_to(Stage.LOOKING, self._now_s)
            self._voice.say(inspection, f"looking at side {len(inspection.views) + 1}")
        elif result.code in _ENDS:
            self._end(inspection, result)
        else:
            self._shun(inspection, f"{result.code.name.lower()}: {result.message}")

    def _is_near(self, subject: Subject, pose: Pose2) -> bool:
        """Whether the body is as good as within the stand-off."""
        return subject.apart_m(pose, self._footprint_m) < self._params.standoff_m + GUARD_M

    def _at_rest(self, pose: Pose2) -> Pose2:
        """Where the robot would stand if it were stopped now."""
        odometry = self._inputs.latest(ODOM)
        speed = 0.0 if odometry is None else odometry.linear_mps
        return pose.compose(
            Pose2(speed * REACTION_S + speed * abs(speed) / (2.0 * BRAKES_MPS2), 0)
        )

    def _is_taken(self, inspection: Inspection, people: FloatArray) -> bool:
        """Whether somebody is by now where it drives to; looked for once a second."""
        view = inspection.next
        if view is None or self._now_s - inspection.chosen_s < CHOOSE_PERIOD_S:
            return False
        inspection.chosen_s = self._now_s
        apart = np.hypot(people[:, 0] - view.pose.x_m, people[:, 1] - view.pose.y_m)
        return bool((apart < VIEW_TAKEN_SHARE * self._params.people_room_m).any())

    def _keep_off(self, inspection: Inspection) -> None:
        inspection.client.cancel(self._outputs)
        inspection.too_near += 1
        inspection.chosen_s = self._now_s + PAUSE_S * inspection.too_near
        if inspection.too_near > TOO_NEAR_TRIES:
            message = "every way led nearer to the object than the stand-off"
            self._end(inspection, Result.failure(ErrorCode.TOO_NEAR, message))
            return
        inspection.turn_to(Stage.WAITING, self._now_s)
        self._voice.say(inspection, "stopped before the stand-off; looking for another way")

    def _shun(self, inspection: Inspection, why: str) -> None:
        """Go on without the view that could not be taken."""
        assert inspection.next is not None
        inspection.shunned.append(inspection.next)
        inspection.failed_ways += 1
        side = side_words(inspection.next.bearing_rad)
        self._voice.record(inspection, "inspection_view_missed", f"from the {side}: {why}")
        if inspection.failed_ways >= self._params.failed_ways:
            message = f"{inspection.failed_ways} views could not be taken, the last one: {why}"
            self._end(inspection, Result.failure(self._code(inspection), message))
            return
        inspection.turn_to(Stage.WAITING, self._now_s)

    def _look(self, inspection: Inspection, pose: Pose2) -> None:
        """Wait until the robot stands and a picture of that moment is there; then tell. What is
        next is decided a tick later, when records may have stored the view."""
        now_s, odometry = self._now_s, self._inputs.latest(ODOM)
        moves = odometry is None or (
            abs(odometry.linear_mps) > STILL_MPS or abs(odometry.angular_radps) > STILL_RADPS
        )
        inspection.still_s = math.inf if moves else min(inspection.still_s, now_s)
        picture = self._inputs.sample(CAMERA_BLURRED)
        steady = now_s - inspection.still_s >= self._params.steady_s
        if picture is None and steady:
            self._tell(inspection, pose, None)
        elif picture is not None and steady and picture.value.stamp_s > inspection.still_s:
            self._tell(inspection, pose, picture.value)
        elif now_s - inspection.since_s > self._params.steady_s + self._params.picture_s:
            self._shun(inspection, "no picture came" if steady else "the robot does not stand")

    def _tell(self, inspection: Inspection, pose: Pose2, photo: CompressedImage | None) -> None:
        subject = inspection.subject
        inspection.views.append(View(pose, subject.bearing_rad(pose)))
        returns = returns_of(self._inputs, self._robot, pose, self._people())
        front_m = self._footprint_m[0][0]
        self._voice.view(
            inspection, subject.apart_m(pose, self._footprint_m),
            measured_m(returns, pose, subject, front_m), photo,
        )  # fmt: skip
        inspection.chosen_s = -math.inf
        inspection.turn_to(Stage.WAITING, self._now_s)

    def _people(self) -> FloatArray:
        return people_of(self._inputs, self._now_s)

    def _conclude(self, inspection: Inspection) -> None:
        """There is no further view to take."""
        if len(inspection.views) >= self._params.views:
            self._end(inspection, Result.success())
        else:
            self._end(inspection, Result.failure(self._code(inspection), ""))

    def _code(self, inspection: Inspection) -> ErrorCode:
        return ErrorCode.TOO_FEW_VIEWS if inspection.views else ErrorCode.NO_VIEW

    def _end(self, inspection: Inspection, result: Result) -> None:
        """Stand, answer the goal, and hand over to the operator."""
        inspection.client.cancel(self._outputs)
        self._ended = self._voice.end(inspection, result)
        self._current = None
