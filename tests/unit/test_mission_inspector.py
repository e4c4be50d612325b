"""The inspector with a scripted robot: sides, stand-off, people, and every way it can end."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.inspecting_robot import GOAL_ID, InspectingRobot
from tests.nav_world import rover

from patrol_core.actions import FOLLOW_ROUTE, INSPECT
from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.result import ErrorCode, Status
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.topics import FINDINGS
from patrol_core.types.mission import GoalResult, InspectGoal, PatrolState
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.status import Authority, GateState, LocalizationLevel
from patrol_mission.inspecting.journal import Journal, Unfinished
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.subject import Subject

CRATE = Subject("crate", 10.0, 10.0, 0.3)
FOUND = Finding(
    "0000001000-ab", 1, 1.0, FindingKind.OBJECT, 12.0, 10.0, 0.8, 0.6, 0.9, 1.0, "a thing", ()
)


@pytest.fixture
def robot(tmp_path: Path) -> InspectingRobot:
    return InspectingRobot(tmp_path)


def test_three_sides_each_a_revision_with_its_picture(robot: InspectingRobot) -> None:
    robot.ask()
    result = robot.until_done()
    assert result.ok, result
    assert [finding.revision for finding in robot.findings] == [1, 2, 3]
    for finding in robot.findings:
        assert finding.kind is FindingKind.INSPECTION
        assert finding.photo is not None
        assert finding.reason.startswith("Inspection of crate: side ")
    bearings = [math.radians(finding.evidence[1].value) for finding in robot.findings]
    apart = [abs(wrap_angle(a - b)) for a, b in itertools.combinations(bearings, 2)]
    assert min(apart) > math.radians(60.0)
    assert robot.announcements == 1
    assert robot.events[0].kind == "inspection_started"
    assert robot.events[-1].kind == "inspection_ended"
    assert robot.events[-1].message.endswith("Operator: look at incident 7.")


def test_it_never_comes_nearer_than_the_standoff(robot: InspectingRobot) -> None:
    robot.ask()
    robot.until_done()
    footprint_m = rover().footprint_m()
    assert min(CRATE.apart_m(pose, footprint_m) for pose in robot.track) >= 1.0


def test_a_picture_is_taken_while_the_robot_stands(robot: InspectingRobot) -> None:
    robot.ask()
    robot.until_done()
    for finding in robot.findings:
        assert finding.photo is not None
        assert finding.photo.stamp_s == pytest.approx(finding.stamp_s)
    assert robot.now_s > robot.findings[-1].stamp_s - 0.05


def test_a_finding_is_inspected_where_it_was_found(robot: InspectingRobot) -> None:
    robot.put(FINDINGS, FOUND)
    robot.ask(FOUND.finding_id, math.nan, math.nan)
    assert robot.until_done().ok
    assert {(f.x_m, f.y_m) for f in robot.findings} == {(12.0, 10.0)}
    assert "It is seen as 0.8 m x 0.6 m." in robot.findings[0].reason


def test_what_nobody_knows_is_not_looked_for(robot: InspectingRobot) -> None:
    robot.ask("the red one", math.nan, math.nan)
    result = robot.until_done()
    assert result.code is ErrorCode.SUBJECT_UNKNOWN and "red one" in result.message
    assert not robot.said(FOLLOW_ROUTE.goal)


def test_without_a_camera_it_says_so_in_every_view(tmp_path: Path) -> None:
    robot = InspectingRobot(tmp_path, camera=False)
    robot.ask()
    assert robot.until_done().ok
    assert all("no picture" in f.reason and f.photo is None for f in robot.findings)


def test_a_camera_that_falls_silent_gives_no_views(robot: InspectingRobot) -> None:
    robot.ask()
    robot.tick(1.0)
    robot.camera = False
    result = robot.until_done()
    assert result.code is ErrorCode.NO_VIEW and "no picture came" in result.message
    assert robot.findings == []


def test_it_waits_for_who_stands_at_the_object_and_goes_on(robot: InspectingRobot) -> None:
    robot.people = [(10.6, 10.0)]
    robot.ask()
    robot.tick(25.0)
    assert robot.line is None and robot.announcements == 2
    assert robot.messages[-1] == "waiting for people to leave the object"
    robot.people = []
    assert robot.until_done().ok


def test_its_patience_ends(robot: InspectingRobot) -> None:
    robot.ask()
    while not robot.findings:
        robot.tick()
    robot.people = [(10.6, 10.0)]
    result = robot.until_done()
    assert result.code is ErrorCode.PEOPLE_NEAR
    assert "1 of 3 sides" in result.message and robot.line is None


def test_who_walks_to_the_object_stops_the_drive(robot: InspectingRobot) -> None:
    robot.ask()
    robot.tick(4.0)
    assert robot.line is not None
    robot.people = [(10.0, 10.9)]
    robot.tick(0.3)
    assert robot.line is None


def test_another_side_is_taken_when_somebody_stands_at_the_place(robot: InspectingRobot) -> None:
    robot.ask()
    robot.tick(4.0)
    first = robot.goes_to()
    robot.people = [first]
    robot.tick(2.0)
    assert math.dist(robot.goes_to(), first) > 1.0
    assert robot.until_done().ok


def test_ways_that_fail_are_left_out(robot: InspectingRobot) -> None:
    robot.fail = [ErrorCode.BLOCKED, ErrorCode.STUCK]
    robot.ask()
    result = robot.until_done()
    assert result.ok and robot.kinds.count("inspection_view_missed") == 2


def test_it_gives_up_when_every_way_fails(robot: InspectingRobot) -> None:
    robot.fail = [ErrorCode.BLOCKED] * 9
    robot.ask()
    result = robot.until_done()
    assert result.code is ErrorCode.NO_VIEW and "a van" in result.message


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        (ErrorCode.GATE_LATCHED, lambda r: setattr(
            r, "gate", replace(r.gate, state=GateState.LATCHED, reasons=("bumper",)))),
        (ErrorCode.PREEMPTED, lambda r: setattr(
            r, "gate", replace(r.gate, authority=Authority.TELEOP))),
        (ErrorCode.LOCALIZATION_LOST, lambda r: setattr(r, "level", LocalizationLevel.LOST)),
        (ErrorCode.BATTERY_LOW, lambda r: setattr(r, "charge", 0.1)),
        (ErrorCode.PREEMPTED, lambda r: r.fail.append(ErrorCode.PREEMPTED)),
        (ErrorCode.CANCELED, lambda r: r.cancel()),
    ],
)  # fmt: skip
def test_what_matters_more_ends_it_with_code_and_sentence(
    robot: InspectingRobot, code: ErrorCode, spoil: object
) -> None:
    robot.ask()
    robot.tick(6.0)
    assert robot.line is not None
    spoil(robot)  # type: ignore[operator]
    robot.tick(0.5)
    assert robot.result is not None and robot.result.code is code and robot.result.message
    assert (robot.result.status is Status.CANCELED) is (code is ErrorCode.CANCELED)
    assert robot.line is None
    sent = len(robot.said(FOLLOW_ROUTE.goal))
    robot.tick(5.0)
    assert len(robot.said(FOLLOW_ROUTE.goal)) == sent


def test_a_patrol_that_does_not_pause_keeps_its_robot(robot: InspectingRobot) -> None:
    robot.state = PatrolState.PATROLLING
    robot.ask()
    assert robot.until_done().code is ErrorCode.BUSY
    assert not robot.said(FOLLOW_ROUTE.goal)


def test_on_the_dock_it_does_not_begin(robot: InspectingRobot) -> None:
    robot.charging = True
    robot.ask()
    assert robot.until_done().code is ErrorCode.BUSY


def test_a_second_goal_is_refused_and_the_first_goes_on(robot: InspectingRobot) -> None:
    robot.ask()
    robot.tick(3.0)
    robot.put(INSPECT.goal, InspectGoal("b" * 32, "other", 5.0, 5.0))
    robot.put(INSPECT.goal, InspectGoal(GOAL_ID, "crate", 10.0, 10.0))
    robot.tick()
    ends = [end for end in robot.said(INSPECT.result) if isinstance(end, GoalResult)]
    assert [(end.goal_id, end.result.code) for end in ends] == [("b" * 32, ErrorCode.BUSY)]
    assert robot.line is not None


def test_nothing_in_a_privacy_zone_is_inspected(tmp_path: Path) -> None:
    area = ((9.0, 9.0), (11.0, 9.0), (11.0, 11.0), (9.0, 11.0))
    robot = InspectingRobot(tmp_path, zones=(Zone("garden", ZoneKind.PRIVACY, area),))
    robot.ask()
    result = robot.until_done()
    assert result.code is ErrorCode.INVALID_GOAL and "privacy" in result.message


def test_a_robot_that_is_pushed_too_near_stops_and_finds_another_way(
    robot: InspectingRobot,
) -> None:
    robot.ask()
    robot.tick(4.0)
    robot.pose = Pose2(10.0, 8.3, math.pi / 2)
    robot.line = robot.line if robot.line is None else robot.line[-1:]
    robot.tick(0.2)
    assert "stopped before the stand-off; looking for another way" in robot.messages
    assert robot.until_done().ok


def test_the_navigator_is_told_to_keep_off_the_object(robot: InspectingRobot) -> None:
    robot.ask()
    robot.tick(4.0)
    goal = robot.said(FOLLOW_ROUTE.goal)[-1]
    assert (goal.keep_off_x_m, goal.keep_off_y_m) == (10.0, 10.0)
    assert goal.keep_off_radius_m > CRATE.radius_m + 1.0


def test_from_within_the_stand_off_it_is_stopped_as_soon_as_it_comes_nearer(
    robot: InspectingRobot,
) -> None:
    robot.ask()
    robot.tick(4.0)
    for away_m in (1.7, 1.55, 1.4):
        while robot.line is None:
            robot.tick()
        robot.pose = Pose2(10.0, 10.0 - away_m, math.pi / 2)
        robot.line = np.array([[10.0, 10.2 - away_m, math.pi / 2]])
        robot.tick(0.1)
        assert robot.line is None and robot.pose.y_m < 10.2 - away_m
    assert robot.until_done().ok


def test_a_restart_in_the_middle_is_reported_and_nothing_drives(tmp_path: Path) -> None:
    first = InspectingRobot(tmp_path)
    first.ask()
    while len(first.findings) < 2:
        first.tick()
    second = InspectingRobot(tmp_path)
    second.tick(5.0)
    assert second.kinds == ["inspection_broken_off"]
    assert "crate" in second.events[0].message and "after 2 views" in second.events[0].message
    assert second.result is not None and second.result.code is ErrorCode.SERVER_RESTARTED
    assert [goal.pose for goal in second.stands] == [second.pose]
    assert not second.said(FOLLOW_ROUTE.goal)
    third = InspectingRobot(tmp_path)
    third.tick(2.0)
    assert third.kinds == []


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=60))
def test_a_damaged_journal_is_still_a_report(tmp_path_factory: pytest.TempPathFactory,
                                             data: bytes) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("journal") / "inspection.json"
    path.write_bytes(data)
    left = Journal(path).read()
    assert left is not None and left.subject


def test_the_journal_tells_what_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "inspection.json")
    journal.write(Unfinished("id", "crate", 2))
    assert journal.read() == Unfinished("id", "crate", 2)
    journal.clear()
    assert journal.read() is None


def test_a_full_disk_keeps_nobody_from_inspecting(tmp_path: Path) -> None:
    robot = InspectingRobot(tmp_path / "missing", params=InspectParams())
    robot.ask()
    assert robot.until_done().ok
