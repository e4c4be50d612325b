"""Goals, preemption and failures of the navigator in a toy world."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.nav_goals import (
    ROUTE,
    TO_POSE,
    navigate,
    result_of,
    run_to_end,
    send,
    straight_route,
    world,
)
from tests.nav_world import Walker, draw_box

from patrol_core import actions, topics
from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.result import ErrorCode, Status
from patrol_core.types.mission import (
    ClearCostmapRequest,
    ClearCostmapResponse,
    DockGoal,
    FollowRouteGoal,
    FollowWaypointsGoal,
    GoalCancel,
    NavigateThroughGoal,
)
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_nav.navigator.navigator import CLEARING, Navigator

THROUGH, WAYPOINTS = actions.NAVIGATE_THROUGH_POSES, actions.FOLLOW_WAYPOINTS


@pytest.mark.parametrize("controller", ["pure_pursuit", "mppi"])
def test_reaches_a_pose_precisely(controller: str) -> None:
    toy, goal = world(controller=controller), Pose2(6.0, 7.5, -2.0)
    navigate(toy, goal)
    assert run_to_end(toy, "a").ok
    assert toy.pose.distance_to(goal) < 0.1
    assert abs(wrap_angle(toy.pose.yaw_rad - goal.yaw_rad)) < math.radians(5.0)
    assert toy.least_room_m > 0.1


def test_commands_at_every_tick_while_active_and_ends_with_zero() -> None:
    toy = world()
    toy.run(0.5)
    assert not any(outputs.of(topics.CMD_VEL_NAV) for outputs in toy.outputs)
    navigate(toy, Pose2(4.0, 5.0))
    begun = len(toy.outputs)
    run_to_end(toy, "a")
    commands = [outputs.of(topics.CMD_VEL_NAV) for outputs in toy.outputs[begun:]]
    assert all(commands)
    assert commands[-1][-1].is_zero()
    toy.run(0.5)
    assert not toy.outputs[-1].of(topics.CMD_VEL_NAV)


def test_publishes_plan_trajectory_costmap_and_feedback() -> None:
    toy = world()
    navigate(toy, Pose2(8.0, 5.0))
    toy.run(2.0)
    plans = [plan for outputs in toy.outputs for plan in outputs.of(topics.PLAN)]
    assert len(plans) == 1 and plans[0].poses[-1] == pytest.approx((8.0, 5.0, 0.0))
    assert any(outputs.of(topics.OPTIMAL_TRAJECTORY) for outputs in toy.outputs)
    whole = [grid for outputs in toy.outputs for grid in outputs.of(topics.GLOBAL_COSTMAP)]
    assert len(whole) == 1 and whole[0].cells.shape == (100, 120)
    costmaps = [grid for outputs in toy.outputs for grid in outputs.of(topics.LOCAL_COSTMAP)]
    assert 3 <= len(costmaps) <= 5 and costmaps[0].cells.max() == 100
    remaining = [f.distance_remaining_m for o in toy.outputs for f in o.of(TO_POSE.feedback)]
    assert 3 <= len(remaining) <= 5 and remaining[-1] < remaining[0] <= 6.1


def test_a_new_goal_preempts_across_actions() -> None:
    toy = world()
    navigate(toy, Pose2(8.0, 5.0))
    toy.run(1.0)
    send(toy, ROUTE.goal, FollowRouteGoal("b", straight_route(3.0, 6.0, 5.0), 0.8))
    assert run_to_end(toy, "a").code is ErrorCode.PREEMPTED
    assert run_to_end(toy, "b").ok
    assert toy.pose.x_m == pytest.approx(6.0, abs=0.1)


def test_cancel_stops_and_says_so() -> None:
    toy = world()
    navigate(toy, Pose2(8.0, 5.0))
    toy.run(2.0)
    send(toy, TO_POSE.cancel, GoalCancel("other"))
    toy.run(0.1)
    assert result_of(toy, "a") is None
    send(toy, TO_POSE.cancel, GoalCancel("a"))
    result = run_to_end(toy, "a", 0.2)
    assert result.status is Status.CANCELED and result.code is ErrorCode.CANCELED
    toy.run(2.0)
    assert toy.v == 0.0


def test_the_same_goal_again_is_not_another_goal() -> None:
    toy = world()
    navigate(toy, Pose2(4.0, 5.0))
    toy.run(1.0)
    navigate(toy, Pose2(4.0, 5.0))
    assert run_to_end(toy, "a").ok
    navigate(toy, Pose2(4.0, 5.0))
    assert toy.tick().of(TO_POSE.result)[0].result.ok
    assert not toy.tick().of(topics.CMD_VEL_NAV)


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        (Pose2(math.nan, 5.0), ErrorCode.INVALID_GOAL),
        (Pose2(40.0, 5.0), ErrorCode.GOAL_OUTSIDE),
        (Pose2(11.1, 5.0), ErrorCode.GOAL_OCCUPIED),
    ],
)
def test_impossible_goals_fail_at_once_with_a_reason(goal: Pose2, code: ErrorCode) -> None:
    toy = world()
    toy.run(0.1)
    navigate(toy, goal)
    result = run_to_end(toy, "a", 0.2)
    assert result.code is code
    assert len(result.message) > 20
    assert toy.v == 0.0


@pytest.mark.parametrize(
    "goal",
    [
        FollowRouteGoal("r", np.zeros((1, 3)), 1.0),
        FollowRouteGoal("r", np.zeros((5, 2)), 1.0),
        FollowRouteGoal("r", np.full((5, 3), np.nan), 1.0),
        FollowRouteGoal("r", straight_route(3.0, 6.0, 5.0), 0.0),
        FollowRouteGoal("r", straight_route(3.0, 6.0, 5.0), 1.0, 0.0, 4.0, 5.0, -1.0),
        FollowRouteGoal("r", straight_route(3.0, 6.0, 5.0), 1.0, 0.0, np.nan, 5.0, 1.0),
    ],
)
def test_a_senseless_route_is_refused(goal: FollowRouteGoal) -> None:
    toy = world()
    send(toy, ROUTE.goal, goal)
    assert run_to_end(toy, "r", 0.2).code is ErrorCode.INVALID_GOAL


def test_a_walled_in_robot_says_that_there_is_no_path() -> None:
    toy = world()
    draw_box(toy.grid.cells, 5.0, 0.0, 5.2, 10.0)
    navigate(toy, Pose2(8.0, 5.0))
    assert run_to_end(toy, "a", 1.0).code is ErrorCode.NO_PATH


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        (
            topics.LOCALIZATION_STATUS,
            LocalizationStatus(0.0, LocalizationLevel.LOST, "nothing fits", 9.0, 3.0, 0.0),
        ),
        (
            topics.GATE_STATUS,
            GateStatus(
                0.0, GateState.LATCHED, Authority.ESTOP, ("tilt",), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0
            ),
        ),
    ],
)
def test_holds_then_gives_up_when_it_may_not_drive(
    topic: topics.Topic[Any], value: object
) -> None:
    toy = world(params={"follower.lost_s": 3.0, "follower.latched_s": 3.0})
    navigate(toy, Pose2(8.0, 5.0))
    toy.run(1.0)
    for _ in range(40):
        send(toy, topic, value)
        assert toy.tick().of(topics.CMD_VEL_NAV)[-1].is_zero()
    assert result_of(toy, "a") is None
    for _ in range(30):
        send(toy, topic, value)
        toy.tick()
    result = result_of(toy, "a")
    expected = (
        ErrorCode.GATE_LATCHED if topic is topics.GATE_STATUS else ErrorCode.LOCALIZATION_LOST
    )
    assert result is not None and result.code is expected


@pytest.mark.parametrize("silent", ["scan", "odom", "amcl_pose"])
def test_a_silent_input_holds_and_then_fails(silent: str) -> None:
    toy = world(params={"follower.stale_s": 2.0})
    navigate(toy, Pose2(8.0, 5.0))
    toy.run(1.0)
    toy.silent.add(silent)
    toy.run(0.7)
    assert toy.outputs[-1].of(topics.CMD_VEL_NAV)[-1].is_zero()
    toy.silent.clear()
    toy.run(1.0)
    assert toy.v > 0.5
    toy.silent.add(silent)
    result = run_to_end(toy, "a", 4.0)
    assert result.code is ErrorCode.INPUT_STALE and silent in result.message


def test_a_clicked_goal_is_driven_and_its_end_is_told() -> None:
    toy = world()
    send(toy, topics.GOAL_POSE, PoseEstimate(0.0, Pose2(4.0, 5.0)))
    toy.run(10.0)
    assert toy.pose.distance_to(Pose2(4.0, 5.0)) < 0.1
    told = [health for outputs in toy.outputs for health in outputs.of(topics.DIAGNOSTICS)]
    assert len(told) == 1 and "goal reached" in told[0].message
    assert not any(outputs.of(TO_POSE.result) for outputs in toy.outputs)


def test_an_unknown_dock_is_refused_with_the_known_ones() -> None:
    toy = world()
    send(toy, actions.DOCK.goal, DockGoal("d", "harbour"))
    result = run_to_end(toy, "d", 0.2)
    assert result.code is ErrorCode.DOCK_UNKNOWN and "bay" in result.message


def test_waypoints_are_driven_to_one_after_the_other_with_a_stop_at_each() -> None:
    toy = world()
    poses = np.array([[2.0, 5.0, 0.0], [4.0, 5.0, 0.0], [4.0, 7.0, 1.0]])
    send(toy, WAYPOINTS.goal, FollowWaypointsGoal("w", poses, loops=1, first=1))
    assert run_to_end(toy, "w", 90.0).ok
    told = [one.waypoint for outputs in toy.outputs for one in outputs.of(WAYPOINTS.feedback)]
    changes = [one for one, before in zip(told, [None, *told], strict=False) if one != before]
    assert changes == [1, 2, 0, 1, 2]
    stood = toy.array()
    for x, y, _ in poses:
        assert stood[np.hypot(stood[:, 1] - x, stood[:, 2] - y) < 0.1, 3].min() < 0.05
    assert toy.pose.distance_to(Pose2(4.0, 7.0)) < 0.1


def test_a_waypoint_that_cannot_be_reached_is_named_and_ends_it() -> None:
    toy = world()
    poses = np.array([[3.0, 5.0, 0.0], [11.1, 5.0, 0.0], [2.0, 5.0, 0.0]])
    send(toy, WAYPOINTS.goal, FollowWaypointsGoal("w", poses))
    result = run_to_end(toy, "w", 30.0)
    assert result.code is ErrorCode.GOAL_OCCUPIED and "waypoint 2 of 3" in result.message
    send(toy, WAYPOINTS.goal, FollowWaypointsGoal("v", poses, first=3))
    assert run_to_end(toy, "v", 0.2).code is ErrorCode.INVALID_GOAL


def test_feedback_has_what_nav2_tells() -> None:
    toy = world()
    navigate(toy, Pose2(8.0, 5.0))
    run_to_end(toy, "a")
    told = [one for outputs in toy.outputs for one in outputs.of(TO_POSE.feedback)]
    assert [one.navigation_time_s for one in told[1:3]] == pytest.approx([0.5, 1.0], abs=0.11)
    assert told[2].pose.x_m == pytest.approx(8.0 - told[2].distance_remaining_m, abs=0.2)
    assert told[2].time_remaining_s > told[-1].time_remaining_s >= 0.0
    poses = np.array([[6.0, 5.0, 0.0], [4.0, 5.0, 3.1]])
    send(toy, THROUGH.goal, NavigateThroughGoal("t", poses))
    run_to_end(toy, "t")
    left = [one.poses_remaining for outputs in toy.outputs for one in outputs.of(THROUGH.feedback)]
    assert left[0] == 2 and left[-1] < 2


def test_clearing_a_costmap_forgets_what_was_seen() -> None:
    toy = world(walkers=(Walker(5.0, 5.0, 0.0, 0.0),))
    toy.run(1.0)
    navigator = toy.component
    assert isinstance(navigator, Navigator) and navigator._costmap is not None
    for service in CLEARING:
        toy.run(0.2)
        assert navigator._costmap._evidence.any()
        send(toy, service.request, ClearCostmapRequest("r"))
        assert toy.tick().of(service.response) == [ClearCostmapResponse("r")]
        assert not navigator._costmap._evidence.any()
