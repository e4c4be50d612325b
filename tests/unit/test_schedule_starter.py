"""Schedules and the executive in one process, on a fake clock, with restarts at any moment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mission_robot import make_site

from patrol_core.actions import DOCK, FOLLOW_ROUTE, NAVIGATE_TO_POSE, PATROL
from patrol_core.component import ProcessContext
from patrol_core.hosting import HostedProcess
from patrol_core.result import Result
from patrol_core.robot import load_robot
from patrol_core.site.model import Site
from patrol_core.site.schedules import Blackout, Schedule
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    GATE_STATUS,
    LOCALIZATION_STATUS,
    PATROL_EVENTS,
    STORED_EVENTS,
)
from patrol_core.types.mission import GoalResult, PatrolEvent, PatrolGoal, StoredEvent
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.sensors import BatteryState
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_mission.assembly import build
from patrol_mission.params import MissionParams
from patrol_mission.schedule.accounts import Ending
from patrol_mission.schedule.memory_file import read_memory
from patrol_mission.schedule.params import SchedulerParams

ROVER = load_robot(Path(__file__).parents[2] / "urdf" / "config" / "rover.yaml")
EVENING_S = datetime(2026, 5, 5, 18, 0, tzinfo=timezone.utc).timestamp()
"""Eight in the evening in Berlin."""
EVENING = Schedule("evening", "perimeter", tuple(range(7)), (72000,), 1)
PATIENT = replace(EVENING, patience_s=math.inf)
KEY = "evening 2026-05-05 20:00"
GATE = GateStatus(
    0.0, GateState.PASSING, Authority.MISSION, (), 1.0, 0.0, 0.0, 0.0, 0.0, math.inf
)  # fmt: skip


class MissionProcess:
    """The components that the mission process builds; navigation answers every goal at once."""

    def __init__(
        self, folder: Path, schedules: Sequence[Schedule] = (EVENING,), *,
        rests: Sequence[Blackout] = (), start_s: float = EVENING_S - 60.0, enabled: bool = True,
        site: Site | None = None,
    ) -> None:  # fmt: skip
        (folder / "run").mkdir(exist_ok=True)
        site = site or replace(make_site(), schedules=tuple(schedules), blackouts=tuple(rests))
        self._context = ProcessContext(site, ROVER, folder / "run")
        self._params = MissionParams(scheduler=SchedulerParams(enabled=enabled))
        self.file = folder / "schedule" / "test.json"
        self.now_s, self.charge, self.charging = start_s, 0.9, True
        self.gate: GateStatus | None = GATE
        self.answers = True
        self.events: list[PatrolEvent] = []
        self.goals: list[PatrolGoal] = []
        self.start()

    def start(self) -> None:
        """Start, or after `kill -9`: what was in memory is gone."""
        self._host = HostedProcess("mission", build(self._context, self._params))
        self._host.setup()

    def tick(self, seconds: float, step_s: float = 0.5) -> None:
        for _ in range(round(seconds / step_s)):
            self.now_s += step_s
            self._sense()
            for topic, value in self._host.tick(self.now_s):
                if topic is PATROL_EVENTS:
                    self._store(value)
                elif topic is PATROL.goal:
                    self.goals.append(value)
                elif topic in (FOLLOW_ROUTE.goal, NAVIGATE_TO_POSE.goal, DOCK.goal):
                    self._answer(topic, value)

    def _store(self, event: PatrolEvent) -> None:
        """As records do: once, however often it is said, and acknowledged."""
        if event not in self.events:
            self.events.append(event)
        if event.number:
            stored = StoredEvent(self.now_s, event.patrol_id, event.number)
            self._host.store(STORED_EVENTS, stored, self.now_s)

    def ask(self, patrol_id: str) -> None:
        self._host.store(PATROL.goal, PatrolGoal(patrol_id, "perimeter", 1), self.now_s)

    def _sense(self) -> None:
        home = self._context.site.docks[0].pose
        self._host.store(AMCL_POSE, PoseEstimate(self.now_s, home), self.now_s)
        battery = BatteryState(self.now_s, 25.0, -1.0, self.charge, self.charging)
        self._host.store(BATTERY_STATE, battery, self.now_s)
        sure = LocalizationStatus(self.now_s, LocalizationLevel.GOOD, "", 0.02, 0.01, 0.9)
        self._host.store(LOCALIZATION_STATUS, sure, self.now_s)
        if self.gate is not None:
            self._host.store(GATE_STATUS, self.gate, self.now_s)

    def _answer(self, topic: object, goal: object) -> None:
        action = next(a for a in (FOLLOW_ROUTE, NAVIGATE_TO_POSE, DOCK) if a.goal is topic)
        if action is DOCK:
            self.charging = not goal.undock  # type: ignore[attr-defined]
        if self.answers or action is DOCK:
            done = GoalResult(goal.goal_id, Result.success())  # type: ignore[attr-defined]
            self._host.store(action.result, done, self.now_s)

    def told(self, prefix: str = "schedule_") -> list[str]:
        return [event.kind for event in self.events if event.kind.startswith(prefix)]

    def accounts(self) -> dict[str, tuple[Ending, str]]:
        memory = read_memory(self.file)
        assert memory is not None
        return {a.run.key: (a.ending, a.why) for a in memory.accounts}


def test_nothing_happens_where_schedules_are_off(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path, enabled=False)
    process.tick(600.0)
    assert process.events == [] and not process.file.exists()


def test_a_run_starts_in_time_is_patrolled_and_told(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path)
    process.tick(59.0)
    assert process.goals == []
    process.tick(241.0)
    (goal,) = process.goals
    assert (goal.route_id, goal.laps, goal.for_s) == ("perimeter", 1, 0.0)
    kinds = process.told("")
    assert kinds[:2] == ["patrol_started", "schedule_started"]
    assert kinds[-2:] == ["patrol_ended", "schedule_done"]
    assert {event.patrol_id for event in process.events} == {goal.goal_id}
    started = process.events[0]
    assert 0.0 <= started.stamp_s - EVENING_S < 2.0
    assert process.accounts() == {KEY: (Ending.DONE, "1 lap done, docked")}
    process.start()
    process.tick(400.0)
    assert len(process.goals) == 1 and process.told().count("schedule_done") == 1


@pytest.mark.parametrize(
    ("why", "gate", "charge"),
    [
        ("the gate is silent", None, 0.9),
        ("a stop is latched", replace(GATE, state=GateState.LATCHED, reasons=("bumper",)), 0.9),
        ("drives by hand", replace(GATE, authority=Authority.TELEOP), 0.9),
        ("battery at 20%", GATE, 0.2),
    ],
)
def test_a_robot_that_cannot_starts_when_it_can(
    why: str, gate: GateStatus | None, charge: float, tmp_path: Path
) -> None:
    process = MissionProcess(tmp_path, [PATIENT])
    process.gate, process.charge = gate, charge
    process.tick(200.0)
    (waits,) = process.events
    assert waits.kind == "schedule_waits" and waits.subject == "evening"
    assert waits.message.startswith("planned for 2026-05-05 20:00: ") and why in waits.message
    process.gate, process.charge = GATE, 0.9
    process.tick(10.0)
    assert len(process.goals) == (0 if "latched" in why else 1)
    process.tick(60.0)
    assert len(process.goals) == 1


def test_a_run_without_patience_is_missed_with_its_reason(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path)
    process.charge = 0.2
    process.tick(400.0)
    assert process.told() == ["schedule_waits", "schedule_missed"]
    ending, why = process.accounts()[KEY]
    assert ending is Ending.MISSED and why.startswith("battery at 20")
    assert process.goals == []


def test_a_patrol_started_by_hand_goes_first(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path, [PATIENT])
    process.answers = False
    process.tick(40.0)
    process.ask("a" * 32)
    process.tick(100.0)
    assert process.goals == []
    process.answers = True
    process.tick(100.0)
    (waits,) = [event for event in process.events if event.kind == "schedule_waits"]
    assert waits.message.endswith("another patrol was under way")
    assert process.told()[-1] == "schedule_done"


def test_a_run_that_the_executive_refuses_is_tried_again_until_its_time_is_over(
    tmp_path: Path,
) -> None:
    process = MissionProcess(tmp_path, [replace(EVENING, route_id="nowhere")])
    process.tick(400.0)
    assert len(process.goals) == 5
    assert process.told() == ["schedule_waits", "schedule_missed"]
    assert "no route 'nowhere'" in process.accounts()[KEY][1]


def test_a_blackout_is_told(tmp_path: Path) -> None:
    day = datetime(2026, 5, 5, tzinfo=timezone.utc).date()
    process = MissionProcess(tmp_path, rests=[Blackout(day, day, "fair")])
    process.tick(100.0)
    (event,) = process.events
    assert (event.kind, event.message) == (
        "schedule_blackout",
        "planned for 2026-05-05 20:00: fair",
    )


def test_killed_on_the_way_it_says_that_the_end_is_not_known(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path)
    process.answers = False
    process.tick(90.0)
    assert process.told() == ["schedule_started"]
    (tmp_path / "run" / "mission.json").unlink()
    process.start()
    process.tick(120.0)
    assert process.told() == ["schedule_started", "schedule_ended_early"]
    assert "started anew" in process.accounts()[KEY][1]
    assert len(process.goals) == 1


def test_a_patrol_that_goes_on_after_a_restart_is_the_run_still(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path)
    process.answers = False
    process.tick(90.0)
    process.start()
    process.tick(120.0)
    process.answers = True
    process.tick(120.0)
    assert process.told() == ["schedule_started", "schedule_done"]


def test_a_full_disk_keeps_nobody_from_patrolling(tmp_path: Path) -> None:
    (tmp_path / "schedule").write_text("a file where the folder should be")
    process = MissionProcess(tmp_path)
    process.tick(300.0)
    assert process.told() == ["schedule_forgot", "schedule_started", "schedule_done"]


def test_a_damaged_memory_is_put_aside_and_told(tmp_path: Path) -> None:
    (tmp_path / "schedule").mkdir()
    (tmp_path / "schedule" / "test.json").write_text("{")
    process = MissionProcess(tmp_path)
    process.tick(50.0)
    assert process.told() == ["schedule_forgot"]
    assert (tmp_path / "schedule" / "test.json.damaged").read_text() == "{"
    process.tick(30.0)
    assert len(process.goals) == 1


def test_a_clock_that_cannot_be_right_starts_nothing_and_is_told_once(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path)
    process.tick(40.0)
    process.now_s += 200 * 86400.0
    process.tick(100.0)
    process.now_s -= 200 * 86400.0 + 100.0
    assert process.told() == ["schedule_held"] and process.goals == []
    process.tick(120.0)
    assert len(process.goals) == 1


def test_a_clock_that_was_never_set_is_waited_for(tmp_path: Path) -> None:
    process = MissionProcess(tmp_path, start_s=1000.0)
    process.tick(100.0)
    assert not process.file.exists()
    process.now_s = EVENING_S - 60.0
    process.tick(100.0)
    assert len(process.goals) == 1 and process.told()[0] == "schedule_started"


@settings(max_examples=2, deadline=None)
@given(seconds=st.lists(st.floats(0.1, 120.0), max_size=4))
def test_killed_at_any_moments_every_run_is_accounted_for_once(
    seconds: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    start = replace(EVENING, starts_s=(72000, 72060, 72120), patience_s=600.0)
    process = MissionProcess(tmp_path_factory.mktemp("runs"), [start])
    process.tick(40.0)
    for wait_s in seconds:
        process.tick(wait_s)
        process.start()
    process.tick(EVENING_S + 900.0 - process.now_s, step_s=1.0)
    assert set(process.accounts()) == {f"evening 2026-05-05 20:{m:02d}" for m in (0, 1, 2)}
    assert len({goal.goal_id for goal in process.goals}) <= 3
    ends = [e for e in process.events if e.kind != "schedule_started" and "schedule" in e.kind]
    ends = [event for event in ends if event.kind != "schedule_waits"]
    assert len({(event.patrol_id, event.kind, event.stamp_s) for event in ends}) == 3
