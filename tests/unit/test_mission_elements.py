"""What is done with a stop that fails, at which hours, and with a low battery or a lost link."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.mission_robot import Robot, make_site

from patrol_core.actions import PATROL
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.elements import Element, OnFailure, Otherwise, RouteCare
from patrol_core.site.model import Hours, Site
from patrol_core.topics import OPERATOR_LINK, PATROL_COMMAND
from patrol_core.types.mission import (
    FollowRouteGoal,
    PatrolCommand,
    PatrolGoal,
    PatrolState,
    PatrolVerb,
)
from patrol_core.types.status import OperatorLink
from patrol_mission.link import LinkParams
from patrol_mission.params import ExecutiveParams


def site_with(care: RouteCare) -> Site:
    site = make_site()
    return replace(site, routes=(replace(site.routes[0], care=care),))


def failing(on_failure: OnFailure, times: int, params: ExecutiveParams | None = None) -> Robot:
    robot = Robot(site_with(RouteCare(on_failure=on_failure)), params)
    robot.fail["follow_route"] = times
    robot.start()
    return robot


def reached(robot: Robot) -> list[str]:
    return [event.subject for event in robot.events if event.kind == "checkpoint_reached"]


def say(robot: Robot, verb: PatrolVerb) -> None:
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, verb, "anna"))


def test_a_leg_is_tried_again_as_often_as_the_site_says() -> None:
    robot = failing(OnFailure(retries=2), 2)
    robot.tick(60)
    assert robot.kinds().count("element_retried") == 2
    assert reached(robot) == ["b", "a"]
    assert robot.results[0].result.message == "1 lap done, docked"


def test_tries_count_for_one_stop_alone() -> None:
    robot = failing(OnFailure(retries=1), 1)
    robot.tick(5)
    robot.fail["follow_route"] = 0
    while "a" not in [e.subject for e in robot.events if e.kind == "leg_failed"]:
        robot.tick()
        if reached(robot) == ["b"]:
            robot.fail["follow_route"] = max(robot.fail["follow_route"], 1)
    robot.fail["follow_route"] = 0
    robot.tick(60)
    assert robot.kinds().count("element_retried") == 2
    assert robot.results[0].result.ok


def test_the_operator_is_asked_and_nobody_answers() -> None:
    robot = failing(OnFailure(ask_operator_s=3.0), 1)
    robot.tick(15)
    assert robot.state is PatrolState.ASKING
    (asked,) = [e for e in robot.events if e.kind == "operator_asked"]
    assert "east gate" in asked.message and "a van" in asked.message
    robot.tick(100)
    assert "nobody_answered" in robot.kinds()
    assert reached(robot) == ["a", "b"]
    assert robot.results[0].result.ok


@pytest.mark.parametrize(
    ("verb", "visited", "code"),
    [
        (PatrolVerb.RESUME, ["b", "a"], ErrorCode.NONE),
        (PatrolVerb.SKIP, ["a"], ErrorCode.NONE),
        (PatrolVerb.STOP, [], ErrorCode.STOPPED_BY_OPERATOR),
    ],
)
@pytest.mark.parametrize("on_failure", [
    OnFailure(ask_operator_s=60.0), OnFailure(otherwise=Otherwise.STOP_HERE),
])  # fmt: skip
def test_a_person_decides(
    on_failure: OnFailure, verb: PatrolVerb, visited: list[str], code: ErrorCode
) -> None:
    robot = failing(on_failure, 1)
    robot.tick(30)
    assert robot.state is PatrolState.ASKING and robot.results == []
    say(robot, verb)
    robot.tick(100)
    assert reached(robot) == visited
    assert robot.results[0].result.code is code


def test_who_stops_here_stands_for_ever() -> None:
    robot = failing(OnFailure(otherwise=Otherwise.STOP_HERE), 1)
    robot.tick(500)
    assert robot.state is PatrolState.ASKING
    assert robot.kinds()[-1] == "stopped_here"


def test_return_and_end() -> None:
    robot = failing(OnFailure(otherwise=Otherwise.RETURN_AND_END), 1)
    robot.tick(60)
    assert reached(robot) == [] and robot.charging
    assert robot.results[0].result.code is ErrorCode.BLOCKED
    assert "'b' could not be done" in robot.results[0].result.message


def test_what_is_tried_again_later_is_tried_after_a_rest_and_then_left_out() -> None:
    later = OnFailure(otherwise=Otherwise.RETURN_AND_RETRY_LATER)
    robot = failing(later, 1, ExecutiveParams(retry_later_s=20.0))
    robot.tick(60)
    assert robot.state is PatrolState.RESTING and robot.charging
    robot.fail["follow_route"] = 1
    robot.tick(250)
    kinds = robot.kinds()
    assert kinds.count("element_put_off") == 1
    assert kinds.index("patrol_goes_on") < kinds.index("checkpoint_left_for_later")
    assert reached(robot) == ["a", "b"]
    assert robot.results[0].result.ok


def test_an_element_has_its_own_speed_corridor_and_policy() -> None:
    east = Element("b", OnFailure(otherwise=Otherwise.RETURN_AND_END), 0.4, 2.5)
    robot = Robot(site_with(RouteCare((east,))))
    robot.start()
    robot.tick(60)
    goals = [goal for goal in robot.goals if isinstance(goal, FollowRouteGoal)]
    assert [(g.speed_limit_mps, g.corridor_m) for g in goals] == [(0.4, 2.5), (1.0, 0), (1.0, 0)]


def test_at_other_hours_a_checkpoint_is_passed_without_a_stop() -> None:
    never = tuple(Hours((day,), 0, 1) for day in range(7))
    robot = Robot(site_with(RouteCare((Element("a", hours=never),))))
    robot.start()
    robot.tick(60)
    assert reached(robot) == ["b"]
    (passed,) = [e for e in robot.events if e.kind == "checkpoint_passed"]
    assert passed.subject == "a" and "not done at this hour" in passed.message
    assert robot.results[0].result.message == "1 lap done, docked"


def test_a_dry_run_drives_by_without_staying() -> None:
    robot = Robot(make_site())
    robot.tick()
    robot._put(PATROL.goal, PatrolGoal("p1", "perimeter", 1, dry_run=True))
    robot.tick(12)
    assert reached(robot) == ["b", "a"]
    assert robot.state is not PatrolState.DWELLING


def test_a_route_has_its_own_charges() -> None:
    robot = Robot(site_with(RouteCare(start_at=0.95)))
    robot.start()
    robot.tick(2)
    assert robot.results[0].result.code is ErrorCode.BATTERY_LOW
    assert "95%" in robot.results[0].result.message


def test_after_charging_it_goes_on_where_it_was() -> None:
    robot = Robot(make_site())
    robot.start(laps=2)
    while reached(robot) != ["b"]:
        robot.tick()
    robot.ignore.add("follow_route")
    robot.tick(30)
    robot.charge = 0.2
    robot.tick(40)
    assert robot.state is PatrolState.RESTING and robot.results == []
    robot.charge, robot.ignore = 0.81, set()
    robot.tick(150)
    assert reached(robot) == ["b", "a", "b", "a"]
    assert robot.kinds().count("battery_low") == robot.kinds().count("patrol_goes_on") == 1
    assert robot.results[0].result.message == "2 laps done, docked"


def test_it_goes_home_while_the_way_home_can_still_be_paid_for() -> None:
    params = ExecutiveParams(return_battery_fraction=0.05, reserve_battery_fraction=0.1)
    robot = Robot(make_site(), params)
    robot.executive._board.energy.take_over(5e-3, 1e-5)
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(10)
    robot.pose = Pose2(38.0, 15.0, 0.0)
    robot.charge = 0.29
    robot.tick(70)
    (low,) = [e for e in robot.events if e.kind == "battery_low"]
    assert "the way home of 40 m" in low.message


def test_out_of_touch_it_goes_back_along_the_way_come_and_on_when_heard_again() -> None:
    link = LinkParams(watch=True, lost_after_s=2.0, act_after_s=4.0, then="return")
    robot = Robot(make_site(), ExecutiveParams(link=link))

    def heard(count: int) -> None:
        for _ in range(count):
            robot._put(OPERATOR_LINK, OperatorLink(robot.now_s, "anna"))
            robot.tick()

    robot.start()
    robot.ignore.add("follow_route")
    heard(10)
    for step in range(10):
        robot.pose = Pose2(20.0 + step, 6.0 - 0.4 * step, 0.0)
        heard(1)
    assert "link_lost" not in robot.kinds()
    robot.tick(42)
    assert robot.kinds()[-2:] == ["link_lost", "link_return"]
    back = robot.goals[-1]
    assert isinstance(back, FollowRouteGoal)
    assert len(back.poses) >= 5 and max(back.poses[:, 0]) <= 29.1
    robot.ignore.clear()
    robot.tick(100)
    assert robot.state is PatrolState.RESTING
    heard(150)
    assert "link_back" in robot.kinds()
    assert reached(robot) == ["b", "a"]


def test_silent_for_very_long_it_stands() -> None:
    link = LinkParams(watch=True, lost_after_s=1.0, stand_after_s=3.0)
    robot = Robot(make_site(), ExecutiveParams(link=link))
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(60)
    assert robot.state is PatrolState.PAUSED and len(robot.canceled) == 1
    assert "no operator" in robot.executive._board.active.message
