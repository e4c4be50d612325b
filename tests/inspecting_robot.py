"""A robot that does what an inspector asks of it, on open ground, for tests."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from patrol_core.actions import FOLLOW_ROUTE, INSPECT, NAVIGATE_TO_POSE
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Zone
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    CAMERA_BLURRED,
    FINDINGS,
    GATE_STATUS,
    INCIDENTS,
    LOCALIZATION_STATUS,
    MAP,
    ODOM,
    OPERATOR_LINES,
    PATROL_EVENTS,
    PATROL_STATUS,
    TRACKS,
    Topic,
)
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_core.types.mission import (
    GoalCancel,
    GoalResult,
    InspectFeedback,
    InspectGoal,
    NavigateGoal,
    PatrolEvent,
    PatrolState,
    PatrolStatus,
)
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.perception import Finding, Incident, Track, TrackKind, Tracks
from patrol_core.types.sensors import BatteryState, CompressedImage
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_mission.inspecting.inspector import Inspector
from patrol_mission.inspecting.params import InspectParams
from tests.nav_world import rover, toy_site

TICK_S, SPEED_MPS, SIZE_M = 0.1, 1.0, 20.0
GOAL_ID = "a" * 32


class InspectingRobot:
    """Drives along its goals at 1 m/s and stores findings at once. `people`: where they stand."""

    def __init__(
        self, folder: Path, *, zones: tuple[Zone, ...] = (), camera: bool = True,
        params: InspectParams | None = None,
    ) -> None:  # fmt: skip
        self.site = toy_site(SIZE_M, SIZE_M, zones=zones)
        self.inspector = Inspector(
            self.site, rover(), params or InspectParams(), "test", folder / "inspection.json", 0.0
        )
        self.inspector.setup()
        self.mailbox = Mailbox(self.inspector.reads)
        self.now_s, self.pose = 100.0, Pose2(10.0, 2.0)
        self.camera, self.charge, self.charging = camera, 0.9, False
        self.state = PatrolState.IDLE
        self.gate = GateStatus(
            0.0, GateState.PASSING, Authority.MISSION, (), 1.5, 0.0, 0.0, 0.0, 0.0, 5.0
        )
        self.level = LocalizationLevel.GOOD
        self.people: list[tuple[float, float]] = []
        self.fail: list[ErrorCode] = []
        self.line: FloatArray | None = None
        self.goal_id = ""
        self.outputs: list[Outputs] = []
        self.track: list[Pose2] = []
        count = round(SIZE_M / 0.1)
        free = np.full((count, count), FREE, np.int8)
        self.put(MAP, OccupancyGrid(0.0, 0.1, 0.0, 0.0, free))

    def put(self, topic: object, value: object) -> None:
        self.mailbox.store(topic, value, self.now_s)  # type: ignore[arg-type]

    def ask(self, subject: str = "crate", x_m: float = 10.0, y_m: float = 10.0) -> None:
        self.tick()
        self.put(INSPECT.goal, InspectGoal(GOAL_ID, subject, x_m, y_m, 0.3))

    def cancel(self) -> None:
        self.put(INSPECT.cancel, GoalCancel(GOAL_ID))

    def tick(self, seconds: float = TICK_S) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            moved = self._drive()
            self._sense(moved)
            outputs = self.inspector.step(self.mailbox.snapshot(), self.now_s)
            self.outputs.append(outputs)
            self._read(outputs)

    def until_done(self, limit_s: float = 300.0) -> Result:
        end_s = self.now_s + limit_s
        while self.result is None and self.now_s < end_s:
            self.tick()
        assert self.result is not None, self.messages
        return self.result

    def goes_to(self) -> tuple[float, float]:
        """Where the goal that it drives to ends."""
        assert self.line is not None
        x, y, _ = self.line[-1].tolist()
        return x, y

    def said(self, topic: Topic[Any]) -> list[Any]:
        return [value for outputs in self.outputs for value in outputs.of(topic)]

    @property
    def result(self) -> Result | None:
        ends = [end for end in self.said(INSPECT.result) if isinstance(end, GoalResult)]
        return ends[-1].result if ends else None

    @property
    def findings(self) -> list[Finding]:
        """Every revision once."""
        found = [one for one in self.said(FINDINGS) if isinstance(one, Finding)]
        return list({one.revision: one for one in found}.values())

    @property
    def events(self) -> list[PatrolEvent]:
        return [one for one in self.said(PATROL_EVENTS) if isinstance(one, PatrolEvent)]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    @property
    def messages(self) -> list[str]:
        told = [one for one in self.said(INSPECT.feedback) if isinstance(one, InspectFeedback)]
        return list(dict.fromkeys(one.message for one in told))

    @property
    def announcements(self) -> int:
        return len(self.said(OPERATOR_LINES))

    def _sense(self, moved: bool) -> None:
        now_s = self.now_s
        self.put(AMCL_POSE, PoseEstimate(now_s, self.pose))
        speed = min(SPEED_MPS, math.dist(self.goes_to(), (self.pose.x_m, self.pose.y_m))) if (
            moved and self.line is not None) else 0.0  # fmt: skip
        self.put(ODOM, Odometry(now_s, self.pose, speed, 0.0))
        self.put(BATTERY_STATE, BatteryState(now_s, 25.0, -1.0, self.charge, self.charging))
        self.put(GATE_STATUS, self.gate)
        self.put(
            LOCALIZATION_STATUS, LocalizationStatus(now_s, self.level, "a test", 0.1, 0.1, 0.9)
        )
        status = PatrolStatus(now_s, "", self.state, "", 0, 0, "", 0.0, "")
        self.put(PATROL_STATUS, status)
        tracks = tuple(
            Track(f"t{i}", TrackKind.PERSON, x, y, 0.0, 0.0, 0.4, 0.4, 0.9, 0.0, now_s)
            for i, (x, y) in enumerate(self.people)
        )
        self.put(TRACKS, Tracks(now_s, tracks))
        if self.camera:
            self.put(CAMERA_BLURRED, CompressedImage(now_s, "camera", "jpeg", b"picture"))

    def _drive(self) -> bool:
        if self.line is None:
            return False
        if self.fail:
            self._answer(Result.failure(self.fail.pop(0), "a van"))
            return False
        step_m = SPEED_MPS * TICK_S
        while len(self.line) and step_m > 0.0:
            x, y, yaw = self.line[0].tolist()
            apart_m = math.hypot(x - self.pose.x_m, y - self.pose.y_m)
            share = min(step_m / apart_m, 1.0) if apart_m > 0.0 else 1.0
            self.pose = Pose2(
                self.pose.x_m + share * (x - self.pose.x_m),
                self.pose.y_m + share * (y - self.pose.y_m), yaw,
            )  # fmt: skip
            step_m -= apart_m
            if share >= 1.0:
                self.line = self.line[1:]
        self.track.append(self.pose)
        if not len(self.line):
            self._answer(Result.success())
        return True

    def _answer(self, result: Result) -> None:
        self.put(FOLLOW_ROUTE.result, GoalResult(self.goal_id, result))
        self.line = None

    def _read(self, outputs: Outputs) -> None:
        for finding in outputs.of(FINDINGS):
            self.put(INCIDENTS, Incident(
                self.now_s, 7, finding.finding_id, finding.revision, finding.kind, finding.x_m,
                finding.y_m, finding.reason, finding.photo is not None,
            ))  # fmt: skip
        for cancel in outputs.of(FOLLOW_ROUTE.cancel):
            if cancel.goal_id == self.goal_id:
                self.line = None
        for goal in outputs.of(FOLLOW_ROUTE.goal):
            if goal.goal_id != self.goal_id:
                self.goal_id, self.line = goal.goal_id, goal.poses

    @property
    def stands(self) -> list[NavigateGoal]:
        """Goals to stand where the robot is."""
        told = self.said(NAVIGATE_TO_POSE.goal)
        return [goal for goal in told if isinstance(goal, NavigateGoal)]
