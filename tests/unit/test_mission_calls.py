"""Calls: who asks for a look, what comes first, what is forgotten never and what at last."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mission_robot import Robot, make_site

from patrol_core.actions import INSPECT
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import AlarmSensor, Site
from patrol_core.topics import ALARMS, FINDINGS, GATE_STATUS, PATROL_COMMAND
from patrol_core.types.mission import (
    Alarm,
    GoalResult,
    InspectGoal,
    PatrolCommand,
    PatrolState,
    PatrolVerb,
)
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_mission.calls import AGAIN_AFTER_S, Call, Calls


def site() -> Site:
    shed = AlarmSensor("shed", "Door of the shed", (30.0, 20.0), 70)
    return replace(make_site(), alarms=(shed, AlarmSensor("low", "Fence", (5.0, 5.0), 20)))


def under_way() -> Robot:
    robot = Robot(site())
    robot.ignore |= {"follow_route", "inspect"}
    robot.start()
    robot.tick(8)
    assert robot.state is PatrolState.PATROLLING
    return robot


def look(robot: Robot, x_m: float, y_m: float) -> None:
    command = PatrolCommand(robot.now_s, PatrolVerb.LOOK, "anna", x_m, y_m)
    robot._put(PATROL_COMMAND, command)


def free(
    robot: Robot, authority: Authority = Authority.NONE, state: GateState = GateState.PASSING
) -> None:
    robot._put(GATE_STATUS, GateStatus(
        robot.now_s, state, authority, (), 1.0, 0.0, 0.0, 0.0, 0.0, 9.0
    ))  # fmt: skip


def alarm(robot: Robot, alarm_id: str) -> None:
    robot._put(ALARMS, Alarm(robot.now_s, alarm_id, "gate contact"))


def inspected(robot: Robot) -> list[InspectGoal]:
    return [goal for goal in robot.goals if isinstance(goal, InspectGoal)]


def answer(robot: Robot, result: Result) -> None:
    goal = inspected(robot)[-1]
    robot._put(INSPECT.result, GoalResult(goal.goal_id, result))


def test_it_leaves_the_route_looks_and_comes_back_to_the_same_stop() -> None:
    robot = under_way()
    look(robot, 12.0, 9.0)
    robot.tick(3)
    (goal,) = inspected(robot)
    assert (goal.x_m, goal.y_m) == (12.0, 9.0)
    assert robot.state is PatrolState.LOOKING and len(robot.canceled) == 1
    robot.ignore.clear()
    answer(robot, Result.success("3 views"))
    robot.tick(100)
    (told,) = [e for e in robot.events if e.kind == "call_answered"]
    assert "asked for by anna" in told.message and "3 views" in told.message
    reached = [e.subject for e in robot.events if e.kind == "checkpoint_reached"]
    assert reached == ["b", "a"] and robot.results[0].result.ok


def test_a_visitors_report_gets_its_pictures_under_its_own_id() -> None:
    robot = under_way()
    report = Finding(
        "r1", 1, robot.now_s, FindingKind.REPORT, 25.0, 9.0, 0.0, 0.0, 1.0, robot.now_s,
        "a visitor reports: a bag", (),
    )  # fmt: skip
    robot._put(FINDINGS, report)
    robot._put(FINDINGS, replace(report, revision=2))
    robot._put(FINDINGS, replace(report, finding_id="r2", x_m=math.nan, y_m=math.nan))
    robot.tick(3)
    assert [goal.subject for goal in inspected(robot)] == ["r1"]
    assert robot.kinds().count("call_taken") == 1


def test_the_more_urgent_call_comes_first_and_the_other_is_not_forgotten() -> None:
    robot = under_way()
    alarm(robot, "low")
    robot.tick(3)
    alarm(robot, "shed")
    robot.tick(3)
    look(robot, 9.0, 9.0)
    robot.tick(3)
    assert [(g.x_m, g.y_m) for g in inspected(robot)] == [(5.0, 5.0), (30.0, 20.0), (9.0, 9.0)]
    assert robot.kinds().count("call_put_off") == 2
    for _ in range(3):
        answer(robot, Result.success())
        robot.tick(3)
    answered = [e.message for e in robot.events if e.kind == "call_answered"]
    assert ["anna" in answered[0], "shed" in answered[1], "Fence" in answered[2]] == [True] * 3


def test_what_could_not_be_seen_is_tried_again_later_and_then_given_up_with_the_reason() -> None:
    robot = under_way()
    look(robot, 12.0, 9.0)
    robot.tick(3)
    blocked = Result.failure(ErrorCode.NO_VIEW, "a wall")
    answer(robot, blocked)
    robot.tick(5)
    assert robot.state is PatrolState.PATROLLING and "call_not_answered" in robot.kinds()
    robot.tick(round(AGAIN_AFTER_S * 10))
    assert len(inspected(robot)) == 2
    answer(robot, blocked)
    robot.tick(800)
    (told,) = [e for e in robot.events if e.kind == "call_given_up"]
    assert "no_view: a wall" in told.message
    assert len(inspected(robot)) == 2


def test_an_alarm_starts_a_robot_that_is_docked_and_it_comes_home() -> None:
    robot = Robot(site())
    robot.ignore.add("inspect")
    robot.tick(3)
    alarm(robot, "low")
    free(robot)
    robot.tick(20)
    assert robot.goals == [] and robot.state is PatrolState.IDLE
    free(robot)
    alarm(robot, "shed")
    robot.tick(10)
    assert robot.kinds()[-1] == "answer_started" and not robot.charging
    answer(robot, Result.success("3 views"))
    robot.tick(5)
    answer(robot, Result.success("2 views"))
    robot.tick(60)
    assert robot.kinds().count("call_answered") == 2
    assert robot.state is PatrolState.FINISHED and robot.charging


def test_with_a_low_battery_it_stays_and_the_call_stays_open() -> None:
    robot = Robot(site())
    robot.charge = 0.2
    robot.tick(3)
    free(robot)
    alarm(robot, "shed")
    robot.tick(4)
    assert robot.goals == [] and len(robot.executive._board.calls.open) == 1


@pytest.mark.parametrize("why", ["gate silent", "latched", "teleop", "e-stop", "off its dock"])
def test_nobody_but_a_person_moves_a_robot_that_is_held_or_stands_somewhere(why: str) -> None:
    robot = Robot(site())
    robot.charging = why != "off its dock"
    robot.tick(3)
    if why != "gate silent":
        authority = {"teleop": Authority.TELEOP, "e-stop": Authority.ESTOP}
        state = GateState.LATCHED if why == "latched" else GateState.PASSING
        free(robot, authority.get(why, Authority.NONE), state)
    alarm(robot, "shed")
    robot.tick(4)
    assert robot.goals == [] and len(robot.executive._board.calls.open) == 1
    robot.charging = True
    free(robot)
    robot.tick(4)
    assert "answer_started" in robot.kinds()


@pytest.mark.parametrize("kind", ["unknown alarm", "no place"])
def test_what_cannot_be_a_call_is_told(kind: str) -> None:
    robot = under_way()
    if kind == "no place":
        look(robot, math.nan, 2.0)
    else:
        alarm(robot, "sehd")
    robot.tick(3)
    assert robot.kinds()[-1] == ("call_refused" if kind == "no place" else "alarm_unknown")
    assert inspected(robot) == []


def test_while_somebody_else_inspects_the_patrol_stands() -> None:
    robot = under_way()
    goal = InspectGoal("ab" * 16, "f1", 1.0, 2.0)
    robot._put(INSPECT.goal, goal)
    robot.tick(20)
    assert robot.state is PatrolState.LOOKING and len(robot.canceled) == 1
    robot._put(INSPECT.result, GoalResult(goal.goal_id, Result.success()))
    robot.tick(3)
    assert robot.state is PatrolState.PATROLLING


def test_a_call_that_has_waited_for_too_long_is_given_up_and_said() -> None:
    robot = under_way()
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.PAUSE, "anna"))
    look(robot, 12.0, 9.0)
    robot.tick(3)
    robot.now_s += 3700.0
    robot.tick(2)
    assert "call_given_up" in robot.kinds() and inspected(robot) == []


calls = st.builds(
    Call, st.sampled_from("abcdef"), st.just("s"), st.just("n"), st.integers(0, 100),
    st.just(0.0), st.just(0.0), st.floats(0.0, 100.0),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(added=st.lists(calls, max_size=12), outcomes=st.lists(st.booleans(), max_size=40))
def test_every_call_ends_once_and_the_most_urgent_first(
    added: list[Call], outcomes: list[bool]
) -> None:
    book, now_s, ended = Calls(), 100.0, []
    taken = [call for call in added if book.add(call)]
    for good in outcomes:
        call = book.next(now_s)
        if call is None:
            now_s += AGAIN_AFTER_S
            continue
        due = [other for other in book.open if other.not_before_s <= now_s]
        assert call.priority == max(other.priority for other in due)
        if good:
            book.done(call)
        if good or book.failed(call, now_s):
            ended.append(call.call_id)
    assert len(ended) == len(set(ended))
    assert sorted(ended + [c.call_id for c in book.open]) == sorted(c.call_id for c in taken)
