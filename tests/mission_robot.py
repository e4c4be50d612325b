"""A site, and a robot that does what the mission asks of it, for tests of the executive."""

from __future__ import annotations

import math
from pathlib import Path

from patrol_core.actions import DOCK, FOLLOW_ROUTE, INSPECT, NAVIGATE_TO_POSE, PATROL
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import (
    Checkpoint,
    Direction,
    Dock,
    PerimeterRoute,
    Retention,
    Site,
)
from patrol_core.topics import AMCL_POSE, BATTERY_STATE, FINDINGS, PATROL_EVENTS, PATROL_STATUS
from patrol_core.types.mission import (
    GoalResult,
    PatrolEvent,
    PatrolGoal,
    PatrolState,
)
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import Finding
from patrol_core.types.sensors import BatteryState
from patrol_mission.executive import PatrolExecutive
from patrol_mission.params import ExecutiveParams


def make_site() -> Site:
    route = PerimeterRoute("perimeter", 2.0, 1.5, Direction.COUNTERCLOCKWISE, ("b", "a"), 1.0)
    return Site(
        name="test",
        folder=Path("test"),
        latitude_rad=0.9,
        longitude_rad=0.1,
        timezone="Europe/Berlin",
        outline_m=((0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (0.0, 30.0)),
        zones=(),
        checkpoints=(
            Checkpoint("a", "north gate", Pose2(20.0, 28.0, math.pi / 2), 2.0),
            Checkpoint("b", "east gate", Pose2(38.0, 15.0, 0.0), 0.0),
        ),
        docks=(Dock("dock", Pose2(20.0, 6.0, 0.0), ((21.0, 5.5), (21.3, 5.5), (21.3, 6.5)), 1.0),),
        routes=(route,),
        schedules=(),
        retention=Retention(30, 30, 30),
        map_file=Path("map.yaml"),
    )


class Robot:
    """Answers goals one tick later by being there; `fail` names actions that abort instead."""

    def __init__(self, site: Site, params: ExecutiveParams | None = None) -> None:
        self.site = site
        self.executive = PatrolExecutive(site, params or ExecutiveParams(), "test")
        self.mailbox = Mailbox(self.executive.reads)
        self.now_s = 0.0
        self.pose = site.docks[0].pose
        self.charging, self.charge = True, 0.9
        self.fail: dict[str, int] = {}
        self.code = ErrorCode.BLOCKED
        self.ignore: set[str] = set()
        self.events: list[PatrolEvent] = []
        self.findings: list[Finding] = []
        self.canceled: list[str] = []
        self.results: list[GoalResult] = []
        self.state = PatrolState.IDLE
        self.goals: list[object] = []

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.now_s += 0.1
            self._put(AMCL_POSE, PoseEstimate(self.now_s, self.pose))
            battery = BatteryState(self.now_s, 25.0, -1.0, self.charge, self.charging)
            self._put(BATTERY_STATE, battery)
            outputs = self.executive.step(self.mailbox.snapshot(), self.now_s)
            self._read(outputs)

    def _put(self, topic: object, value: object) -> None:
        self.mailbox.store(topic, value, self.now_s)  # type: ignore[arg-type]

    def _read(self, outputs: Outputs) -> None:
        self.events += outputs.of(PATROL_EVENTS)
        self.findings += outputs.of(FINDINGS)
        self.results += outputs.of(PATROL.result)
        for status in outputs.of(PATROL_STATUS):
            self.state = status.state
        for action in (FOLLOW_ROUTE, NAVIGATE_TO_POSE, DOCK, INSPECT):
            self.canceled += [cancel.goal_id for cancel in outputs.of(action.cancel)]
            for goal in outputs.of(action.goal):
                self.goals.append(goal)
                if action.name not in self.ignore:
                    self._put(action.result, self._answer(action.name, goal))

    def _answer(self, name: str, goal: object) -> GoalResult:
        goal_id: str = goal.goal_id  # type: ignore[attr-defined]
        if self.fail.get(name, 0) > 0:
            self.fail[name] -= 1
            return GoalResult(goal_id, Result.failure(self.code, "a van"))
        if name == "follow_route":
            self.pose = Pose2(*goal.poses[-1])  # type: ignore[attr-defined]
        elif name == "navigate_to_pose":
            self.pose = goal.pose  # type: ignore[attr-defined]
        elif name == "dock":
            undock: bool = goal.undock  # type: ignore[attr-defined]
            dock = self.site.docks[0]
            self.charging = not undock
            back = Pose2(-dock.approach_m, 0.0, 0.0)
            self.pose = dock.pose.compose(back) if undock else dock.pose
        return GoalResult(goal_id, Result.success())

    def start(self, laps: int = 1, route: str = "perimeter") -> None:
        self.tick()
        self._put(PATROL.goal, PatrolGoal("p1", route, laps))

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]
