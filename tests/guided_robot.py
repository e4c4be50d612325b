"""A robot that does what a guide asks of it, a patrol that pauses, and a visitor who follows."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from patrol_core.actions import FOLLOW_ROUTE, GUIDE_VISITOR, NAVIGATE_TO_POSE
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Site
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    DIALOGUE,
    PATROL_COMMAND,
    PATROL_STATUS,
    TRACKS,
)
from patrol_core.types.dialogue import DialogueEvent, GuideFeedback, GuideGoal
from patrol_core.types.mission import (
    GoalResult,
    PatrolState,
    PatrolStatus,
    PatrolVerb,
)
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_core.types.sensors import BatteryState
from patrol_hri.guide import Guide
from patrol_hri.guiding.params import GuideParams
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.wayfinding import WayFinder

TICK_S, SPEED_MPS = 0.1, 0.9
LANGUAGES = load_languages()
Visitor = Callable[[float, Pose2, tuple[float, float]], tuple[float, float] | None]


def follows(now_s: float, robot: Pose2, at_m: tuple[float, float]) -> tuple[float, float]:
    """Walks at 1 m/s to 1.5 m before the robot."""
    apart_m = math.dist(at_m, (robot.x_m, robot.y_m))
    step_m = max(min(1.0 * TICK_S, apart_m - 1.5), 0.0)
    share = step_m / apart_m if apart_m > 0.0 else 0.0
    return at_m[0] + share * (robot.x_m - at_m[0]), at_m[1] + share * (robot.y_m - at_m[1])


class GuidedRobot:
    """`visitor` moves the visitor at every tick; None: out of sight. `state` of the patrol."""

    def __init__(
        self,
        site: Site,
        finder: WayFinder,
        start: Pose2,
        visitor: Visitor = follows,
        state: PatrolState = PatrolState.PATROLLING,
        hour: tuple[int, int] = (1, 10 * 3600),
    ) -> None:
        self.guide = Guide(site, finder, LANGUAGES, lambda _: hour, GuideParams(), "test")
        self.mailbox = Mailbox(self.guide.reads)
        self.now_s, self.pose, self.visitor, self.state = 100.0, start, visitor, state
        self.at_m = (start.x_m - 2.0, start.y_m)
        self.seen = True
        self.track = 1
        self.charge, self.charging, self.obeys = 0.9, False, True
        self.paused_by = ""
        self.fail: ErrorCode | None = None
        self.line: FloatArray | None = None
        self.goal_id, self.goal_row = "", FOLLOW_ROUTE
        self.told: list[DialogueEvent] = []
        self.feedback: list[GuideFeedback] = []
        self.commands: list[PatrolVerb] = []
        self.result: Result | None = None
        self.track_m: list[tuple[float, float]] = []

    def ask(self, place_id: str, goal_id: str = "g1") -> None:
        self.put(GUIDE_VISITOR.goal, GuideGoal(goal_id, place_id, "s1"))

    def put(self, topic: object, value: object) -> None:
        self.mailbox.store(topic, value, self.now_s)  # type: ignore[arg-type]

    def tick(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            self._drive()
            self._see()
            status = f"paused by {self.paused_by}" if self.paused_by else "driving"
            state = PatrolState.PAUSED if self.paused_by else self.state
            self.put(
                PATROL_STATUS, PatrolStatus(self.now_s, "p", state, "r", 1, 1, "", 0.1, status)
            )
            self.put(AMCL_POSE, PoseEstimate(self.now_s, self.pose))
            battery = BatteryState(self.now_s, 25.0, -1.0, self.charge, self.charging)
            self.put(BATTERY_STATE, battery)
            self._read(self.guide.step(self.mailbox.snapshot(), self.now_s))

    def until_done(self, limit_s: float = 300.0) -> Result:
        end_s = self.now_s + limit_s
        while self.result is None and self.now_s < end_s:
            self.tick(TICK_S)
        assert self.result is not None, self.said
        return self.result

    @property
    def said(self) -> list[str]:
        return [event.text for event in self.told]

    def _see(self) -> None:
        moved = self.visitor(self.now_s, self.pose, self.at_m)
        self.at_m = moved or self.at_m
        tracks: tuple[Track, ...] = ()
        if moved is not None and self.seen:
            tracks = (Track(
                f"t{self.track}", TrackKind.PERSON, *self.at_m, 0.0, 0.0, 0.4, 0.4, 0.9, 0.0,
                self.now_s,
            ),)  # fmt: skip
        self.put(TRACKS, Tracks(self.now_s, tracks))

    def _drive(self) -> None:
        if self.line is None:
            return
        if self.fail is not None:
            self._answer(Result.failure(self.fail, "a van"))
            return
        step_m = SPEED_MPS * TICK_S
        while len(self.line) and step_m > 0.0:
            offset = self.line[0, :2] - (self.pose.x_m, self.pose.y_m)
            apart_m = float(np.hypot(*offset))
            if apart_m > step_m:
                x_m, y_m = (self.pose.x_m, self.pose.y_m) + offset * (step_m / apart_m)
                self.pose = Pose2(float(x_m), float(y_m), math.atan2(offset[1], offset[0]))
                break
            self.pose, self.line = Pose2(*self.line[0].tolist()), self.line[1:]
            step_m -= apart_m
        self.track_m.append((self.pose.x_m, self.pose.y_m))
        if not len(self.line):
            self._answer(Result.success())

    def _answer(self, result: Result) -> None:
        self.put(self.goal_row.result, GoalResult(self.goal_id, result))
        self.line = None

    def _read(self, outputs: Outputs) -> None:
        self.told += outputs.of(DIALOGUE)
        self.feedback += outputs.of(GUIDE_VISITOR.feedback)
        for outcome in outputs.of(GUIDE_VISITOR.result):
            self.result = outcome.result
        for command in outputs.of(PATROL_COMMAND):
            self.commands.append(command.verb)
            if self.obeys:
                self.paused_by = command.who if command.verb is PatrolVerb.PAUSE else ""
        for row in (FOLLOW_ROUTE, NAVIGATE_TO_POSE):
            for cancel in outputs.of(row.cancel):
                if cancel.goal_id == self.goal_id:
                    self.line = None
            for goal in outputs.of(row.goal):
                if goal.goal_id == self.goal_id:
                    continue
                self.goal_id, self.goal_row = goal.goal_id, row
                pose = getattr(goal, "pose", None)
                self.line = goal.poses if pose is None else np.array(
                    [[pose.x_m, pose.y_m, pose.yaw_rad]]
                )  # fmt: skip
