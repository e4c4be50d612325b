"""The patrol executive against a scripted navigator: no map, no motion, only goals and answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.mission_robot import Robot, make_site

from patrol_core.actions import FOLLOW_ROUTE, PATROL
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.topics import CAMERA_BLURRED, INCIDENTS, LOCALIZATION_STATUS, PATROL_COMMAND
from patrol_core.types.mission import (
    VISITOR_GUIDE,
    FollowRouteGoal,
    GoalCancel,
    NavigateGoal,
    PatrolCommand,
    PatrolState,
    PatrolVerb,
)
from patrol_core.types.perception import FindingKind, Incident
from patrol_core.types.sensors import CompressedImage
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_mission.params import ExecutiveParams
from patrol_mission.route import lap_legs, lap_poses, path_length_m


def test_lap_is_closed_inside_the_outline_and_cut_in_driving_order() -> None:
    site = make_site()
    poses = lap_poses(site, site.routes[0])
    assert np.allclose(poses[0, :2], poses[-1, :2])
    assert poses[:, 0].min() == pytest.approx(2.0, abs=0.01)
    assert poses[:, 1].max() == pytest.approx(28.0, abs=0.01)
    expected = 2 * (36.0 + 26.0) - (8 - 2 * math.pi) * 1.5
    assert path_length_m(poses) == pytest.approx(expected, rel=0.005)
    headings = np.unwrap(poses[:, 2])
    assert headings[-1] - headings[0] == pytest.approx(2 * math.pi, abs=0.1)
    stops = [leg.checkpoint for leg in lap_legs(site, site.routes[0])]
    assert [stop and stop.checkpoint_id for stop in stops] == ["b", "a", None]


def test_patrol_visits_every_checkpoint_then_docks() -> None:
    robot = Robot(make_site())
    robot.start(laps=2)
    robot.tick(100)
    lap = ["lap_started", "checkpoint_reached", "checkpoint_reached", "lap_completed"]
    assert robot.kinds() == ["patrol_started", *lap, *lap, "patrol_ended"]
    assert [e.subject for e in robot.events if e.kind == "checkpoint_reached"] == ["b", "a"] * 2
    assert robot.results[0].result.ok
    assert robot.charging
    assert robot.state is PatrolState.FINISHED


def test_pause_cancels_the_goal_and_resume_goes_on() -> None:
    robot = Robot(make_site())
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(5)
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.PAUSE, "anna"))
    robot.tick(10)
    assert robot.state is PatrolState.PAUSED
    assert len(robot.canceled) == 1
    robot.ignore.clear()
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.RESUME, "anna"))
    robot.tick(60)
    assert robot.state is PatrolState.FINISHED


@pytest.mark.parametrize("order", [("guide", "anna"), ("anna", "guide")])
def test_a_guide_never_ends_an_operators_pause(order: tuple[str, str]) -> None:
    robot = Robot(make_site())
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(5)
    for who in order:
        name = VISITOR_GUIDE if who == "guide" else who
        robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.PAUSE, name))
        robot.tick(1)
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.RESUME, VISITOR_GUIDE))
    robot.tick(10)
    assert robot.state is PatrolState.PAUSED
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.RESUME, "anna"))
    robot.tick(10)
    assert robot.state is PatrolState.PATROLLING


def test_low_battery_sends_the_robot_home() -> None:
    robot = Robot(make_site(), ExecutiveParams(go_on_battery_fraction=1.0))
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(5)
    robot.charge = 0.2
    robot.tick(20)
    assert robot.results[0].result.code is ErrorCode.BATTERY_LOW
    assert robot.charging


def test_stop_returns_and_skip_goes_to_the_next_leg() -> None:
    robot = Robot(make_site())
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(5)
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.SKIP, "anna"))
    robot.tick(5)
    assert robot.executive._board.run is not None
    assert robot.executive._board.run.leg_index == 1
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.STOP, "anna"))
    robot.tick(20)
    assert robot.results[0].result.code is ErrorCode.STOPPED_BY_OPERATOR


def test_a_checkpoint_that_was_blocked_is_tried_again_at_the_end_of_the_lap() -> None:
    robot = Robot(make_site())
    robot.fail["follow_route"] = 1
    robot.start()
    robot.tick(80)
    assert "leg_failed" in robot.kinds()
    assert [e.subject for e in robot.events if e.kind == "checkpoint_reached"] == ["a", "b"]
    assert robot.kinds().index("lap_completed") > robot.kinds().index("checkpoint_reached") + 1
    assert robot.results[0].result.ok
    assert "skipped" not in robot.results[0].result.message


def test_a_checkpoint_that_stays_blocked_is_skipped_after_the_second_try() -> None:
    robot = Robot(make_site())
    robot.fail = {"follow_route": 1}
    robot.start(laps=2)
    while "checkpoint_reached" not in robot.kinds():
        robot.tick()
    robot.fail["navigate_to_pose"] = 1
    robot.tick(150)
    assert [e.subject for e in robot.events if e.kind == "checkpoint_skipped"] == ["b"]
    reached = [e.subject for e in robot.events if e.kind == "checkpoint_reached"]
    assert reached == ["a", "b", "a"]
    assert "skipped: b" in robot.results[0].result.message


def test_what_is_skipped_by_hand_in_its_second_try_is_named_once() -> None:
    robot = Robot(make_site())
    robot.fail["follow_route"] = 1
    robot.start()
    while "checkpoint_reached" not in robot.kinds():
        robot.tick()
    robot.ignore.add("navigate_to_pose")
    robot.tick(60)
    robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, PatrolVerb.SKIP, "anna"))
    robot.ignore.clear()
    robot.tick(60)
    assert robot.results[0].result.message.endswith("skipped: b")


def test_a_blocked_way_is_reported_with_a_picture_until_it_is_stored() -> None:
    robot = Robot(make_site())
    robot.fail["follow_route"] = 1
    robot.start()
    picture = CompressedImage(0.0, "camera_optical_frame", "jpeg", b"jpeg")
    robot._put(CAMERA_BLURRED, picture)
    robot.tick(30)
    first, again = robot.findings[:2]
    assert first == again and first.kind is FindingKind.BLOCKED
    assert first.photo == picture
    assert "'b'" in first.reason and "a van" in first.reason
    stored = Incident(
        robot.now_s, 1, first.finding_id, 1, first.kind, first.x_m, first.y_m, first.reason, True
    )
    robot._put(INCIDENTS, stored)
    robot.findings.clear()
    robot.tick(60)
    assert robot.findings == []


def test_where_the_route_begins_under_a_van_it_is_joined_farther_on() -> None:
    robot = Robot(make_site())
    robot.fail["navigate_to_pose"] = 1
    robot.start()
    robot.tick(60)
    tries = [goal.pose for goal in robot.goals if isinstance(goal, NavigateGoal)][:2]
    assert 2.0 < tries[0].distance_to(tries[1]) < 4.1
    assert robot.kinds().count("join_failed") == 1
    assert robot.results[0].result.ok


def test_three_blocked_legs_send_the_robot_home() -> None:
    robot = Robot(make_site())
    robot.fail["follow_route"] = 9
    robot.start(laps=5)
    robot.tick(60)
    assert robot.results[0].result.code is ErrorCode.BLOCKED
    assert robot.charging


def test_a_checkpoint_that_is_taken_is_watched_from_beside_it() -> None:
    robot = Robot(make_site())
    robot.code = ErrorCode.GOAL_OCCUPIED
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(5)
    goal = robot.goals[-1]
    assert isinstance(goal, FollowRouteGoal)
    robot.pose = Pose2(36.0, 14.0, 1.0)
    robot.ignore.clear()
    robot.fail["follow_route"] = 1
    robot._put(FOLLOW_ROUTE.result, robot._answer("follow_route", goal))
    robot.tick(60)
    first = next(e for e in robot.events if e.kind == "checkpoint_reached")
    assert first.subject == "b"
    assert "from 2.2 m away" in first.message
    assert robot.kinds().count("checkpoint_reached") == 2
    assert robot.results[0].result.ok


def wait_near_b(robot: Robot, ticks: int) -> None:
    """On the last metres to the checkpoint, and no nearer for so long."""
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(5)
    assert robot.executive._board.run is not None
    robot.pose = Pose2(38.0, 12.9, math.pi / 2)
    robot.executive._board.run.leg_progress = len(robot.executive._board.run.leg.poses) - 10
    robot.tick(ticks)


def test_who_lingers_near_a_checkpoint_keeps_nobody_from_watching_it() -> None:
    robot = Robot(make_site())
    wait_near_b(robot, 115)
    assert "checkpoint_reached" not in robot.kinds()
    robot.tick(20)
    first = next(e for e in robot.events if e.kind == "checkpoint_reached")
    asked = next(goal for goal in robot.goals if isinstance(goal, FollowRouteGoal))
    assert (first.subject, robot.canceled) == ("b", [asked.goal_id])
    assert "from 2.1 m away: the way to it was not free" in first.message
    robot.ignore.clear()
    robot.tick(60)
    assert robot.results[0].result.ok


def test_who_is_lost_near_a_checkpoint_has_not_reached_it() -> None:
    robot = Robot(make_site())
    lost = LocalizationStatus(0.0, LocalizationLevel.LOST, "moved", 1.0, 1.0, 0.0)
    robot._put(LOCALIZATION_STATUS, lost)
    wait_near_b(robot, 300)
    assert "checkpoint_reached" not in robot.kinds()


def test_who_is_lost_while_it_turns_has_not_reached_it() -> None:
    robot = Robot(make_site())
    robot.start()
    lost = LocalizationStatus(0.0, LocalizationLevel.LOST, "moved", 1.0, 1.0, 0.0)
    while not any(isinstance(goal, FollowRouteGoal) for goal in robot.goals):
        robot.tick()
    robot.ignore.add("navigate_to_pose")
    robot.tick(10)
    assert isinstance(robot.goals[-1], NavigateGoal)
    robot._put(LOCALIZATION_STATUS, lost)
    robot.tick(400)
    assert robot.kinds().count("checkpoint_reached") == 1


def test_where_it_may_not_even_turn_it_watches_as_it_stands() -> None:
    robot = Robot(make_site())
    robot.start()
    while not any(isinstance(goal, FollowRouteGoal) for goal in robot.goals):
        robot.tick()
    robot.ignore.add("navigate_to_pose")
    robot.tick(260)
    reached = next(e for e in robot.events if e.kind == "checkpoint_reached" and e.subject == "a")
    assert "the way to it was not free" in reached.message
    places = [goal.pose for goal in robot.goals if isinstance(goal, NavigateGoal)]
    assert places[-1].yaw_rad == pytest.approx(math.pi / 2)


def test_a_taken_checkpoint_far_away_is_left_for_the_end_of_the_lap() -> None:
    robot = Robot(make_site())
    robot.code = ErrorCode.GOAL_OCCUPIED
    robot.fail["follow_route"] = 1
    robot.start()
    robot.tick(60)
    assert "leg_failed" in robot.kinds()
    assert [e.subject for e in robot.events if e.kind == "checkpoint_reached"] == ["a", "b"]


def test_goals_where_somebody_stands_do_not_end_the_patrol() -> None:
    robot = Robot(make_site())
    robot.code = ErrorCode.GOAL_OCCUPIED
    robot.fail = {"follow_route": 3, "navigate_to_pose": 3}
    robot.start()
    robot.tick(80)
    assert robot.kinds().count("leg_failed") == 3
    assert [e.subject for e in robot.events if e.kind == "checkpoint_reached"] == ["b", "a"]
    assert robot.results[0].result.ok


def test_what_stands_at_the_end_of_the_lap_does_not_keep_it_from_ending() -> None:
    robot = Robot(make_site())
    robot.ignore.add("follow_route")
    robot.start()
    for _ in range(3):
        robot.tick(40)
        goal = robot.goals[-1]
        assert isinstance(goal, FollowRouteGoal)
        short = Pose2(*goal.poses[-9])
        if len(robot.kinds()) > 3:
            robot.code, robot.fail = ErrorCode.GOAL_OCCUPIED, {"follow_route": 1}
        answer = robot._answer("follow_route", goal)
        if not answer.result.ok:
            robot.pose = short
        robot._put(FOLLOW_ROUTE.result, answer)
    robot.tick(40)
    assert robot.fail == {"follow_route": 0}
    assert "lap_completed" in robot.kinds()
    assert "leg_failed" not in robot.kinds()
    assert robot.results[0].result.message == "1 lap done, docked"


def test_a_navigator_that_was_restarted_is_asked_anew_and_nothing_is_skipped() -> None:
    robot = Robot(make_site())
    robot.code = ErrorCode.SERVER_RESTARTED
    robot.fail = {"follow_route": 4, "navigate_to_pose": 3, "dock": 2}
    robot.start()
    robot.tick(80)
    assert robot.kinds().count("goal_resent") == 9
    assert robot.kinds().count("checkpoint_reached") == 2
    assert not any(kind.endswith("failed") for kind in robot.kinds())
    assert robot.results[0].result.ok


def test_a_navigator_that_dies_at_every_goal_is_given_up() -> None:
    robot = Robot(make_site())
    robot.code = ErrorCode.SERVER_RESTARTED
    robot.fail["follow_route"] = 1000
    robot.start()
    robot.tick(80)
    assert robot.results[0].result.code is ErrorCode.SERVER_RESTARTED
    assert robot.charging


def test_docking_that_never_works_ends_failed() -> None:
    robot = Robot(make_site(), ExecutiveParams(dock_attempts=2))
    robot.start()
    robot.tick(5)
    robot.fail["dock"] = 9
    robot.tick(80)
    assert robot.kinds().count("dock_failed") == 2
    assert robot.state is PatrolState.FAILED
    assert robot.executive._board.run is None


def test_silent_navigator_is_asked_again_with_the_same_id() -> None:
    robot = Robot(make_site())
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(50)
    ids = [g.goal_id for g in robot.goals if isinstance(g, FollowRouteGoal)]
    assert len(ids) >= 2
    assert len(set(ids)) == 1


def test_goal_cancel_stands_still() -> None:
    robot = Robot(make_site())
    robot.ignore.add("follow_route")
    robot.start()
    robot.tick(5)
    robot._put(PATROL.cancel, GoalCancel("p1"))
    robot.tick(5)
    assert robot.results[0].result.code is ErrorCode.CANCELED
    assert len(robot.canceled) == 1


@pytest.mark.parametrize(
    ("route", "laps", "charge", "code"),
    [
        ("nowhere", 1, 0.9, ErrorCode.ROUTE_UNKNOWN),
        ("perimeter", 0, 0.9, ErrorCode.INVALID_GOAL),
        ("perimeter", 1, 0.3, ErrorCode.BATTERY_LOW),
    ],
)
def test_impossible_goals_are_refused(
    route: str, laps: int, charge: float, code: ErrorCode
) -> None:
    robot = Robot(make_site())
    robot.charge = charge
    robot.start(laps, route)
    robot.tick(2)
    assert robot.results[0].result.code is code
    assert robot.goals == []
