"""Whole drives of the navigator in a toy world: detours, people, blockages, docking."""

from __future__ import annotations

import numpy as np
import pytest
from tests.nav_goals import (
    DOCK,
    ROUTE,
    navigate,
    run_to_end,
    send,
    straight_route,
    world,
)
from tests.nav_world import TICK_S, Walker, draw_box, empty_cells

from patrol_core import actions, topics
from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.types.mission import (
    DockGoal,
    FollowRouteGoal,
    NavigateGoal,
    NavigateThroughGoal,
)
from patrol_nav.params import FollowerParams


@pytest.mark.parametrize("controller", ["pure_pursuit", "mppi"])
def test_a_route_is_left_round_what_is_not_mapped_and_joined_again(controller: str) -> None:
    real = empty_cells(12.0, 10.0)
    draw_box(real, 5.0, 4.0, 6.0, 6.0)
    toy = world(controller=controller, real=real)
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.5, 5.0), 1.0))
    assert run_to_end(toy, "r", 30.0).ok
    trace = toy.array()
    assert toy.least_room_m > 0.08
    assert np.abs(trace[:, 2] - 5.0).max() > 1.2
    assert toy.pose.distance_to(Pose2(9.5, 5.0)) < 0.1
    assert toy.now_s < 18.0


@pytest.mark.parametrize("controller", ["pure_pursuit", "mppi"])
def test_a_route_is_left_round_a_disc_to_keep_off(controller: str) -> None:
    toy = world(controller=controller)
    goal = FollowRouteGoal("r", straight_route(2.0, 9.5, 5.0), 1.0, 0.0, 5.5, 4.8, 1.2)
    send(toy, ROUTE.goal, goal)
    assert run_to_end(toy, "r", 40.0).ok
    assert np.hypot(*(toy.array()[:, 1:3] - (5.5, 4.8)).T).min() > 1.2 + 0.2
    navigate(toy, Pose2(5.5, 4.8))
    assert run_to_end(toy, "a", 40.0).ok, "the disc counts for that route alone"


@pytest.mark.parametrize("yaw_rad", [0.0, 1.57, 3.14])
def test_who_stands_in_a_disc_to_keep_off_turns_and_leaves_it(yaw_rad: float) -> None:
    toy = world(Pose2(5.0, 5.0, yaw_rad))
    goal = FollowRouteGoal("r", straight_route(5.0, 9.5, 5.0), 1.0, 0.0, 4.0, 5.0, 2.0)
    send(toy, ROUTE.goal, goal)
    assert run_to_end(toy, "r", 30.0).ok
    assert toy.array()[:, 1].min() > 4.95


def test_who_cannot_turn_at_the_goal_says_so_in_the_end() -> None:
    real = empty_cells(12.0, 10.0)
    for south_m in (4.6, 5.35):
        draw_box(real, 6.3, south_m, 6.35, south_m + 0.05)
    toy = world(real=real, params={"follower.give_up_s": 12.0})
    navigate(toy, Pose2(6.0, 5.0, 1.7))
    result = run_to_end(toy, "a", 60.0)
    assert not result.ok and "something stands at the goal" in result.message
    assert toy.least_room_m > 0.0


def test_a_route_that_begins_elsewhere_is_driven_to() -> None:
    toy = world(Pose2(3.0, 2.0, 1.0))
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.0, 8.0), 1.0))
    assert run_to_end(toy, "r", 30.0).ok
    assert toy.pose.distance_to(Pose2(9.0, 8.0)) < 0.1


def test_a_blocked_way_is_reported_after_waiting() -> None:
    real = empty_cells(12.0, 10.0)
    draw_box(real, 6.0, 0.0, 6.3, 10.0)
    toy = world(real=real, params={"follower.give_up_s": 12.0, "follower.back_up_m": 0.0})
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.5, 5.0), 1.0))
    result = run_to_end(toy, "r", 40.0)
    assert result.code is ErrorCode.BLOCKED
    assert "blocked at" in result.message
    assert toy.least_room_m > 0.05 and 12.0 < toy.now_s < 25.0
    blocked = [f.blocked_s for o in toy.outputs for f in o.of(ROUTE.feedback)]
    assert max(blocked) > 10.0


def test_a_route_that_ends_in_an_obstacle_says_that_its_goal_is_occupied() -> None:
    real = empty_cells(12.0, 10.0)
    draw_box(real, 8.5, 4.0, 10.0, 6.0)
    toy = world(real=real, params={"follower.goal_wait_s": 4.0})
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.0, 5.0), 1.0))
    result = run_to_end(toy, "r", 40.0)
    assert result.code is ErrorCode.GOAL_OCCUPIED and "(9.0, 5.0)" in result.message


def test_a_goal_where_somebody_stays_is_given_up_sooner_than_a_way() -> None:
    toy = world(walkers=(Walker(9.0, 5.3, 0.0, 0.0),))
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.0, 5.0), 1.0))
    result = run_to_end(toy, "r", 100.0)
    assert result.code is ErrorCode.GOAL_OCCUPIED and "people" in result.message
    assert 40.0 < toy.now_s < 70.0
    assert toy.pose.distance_to(Pose2(9.0, 5.0)) < 3.0
    assert toy.least_gap_m > 0.3


def test_waits_for_somebody_who_stands_in_a_narrow_way_then_passes_slowly() -> None:
    cells = empty_cells(12.0, 10.0)
    draw_box(cells, 0.0, 6.4, 12.0, 6.6)
    draw_box(cells, 0.0, 3.4, 12.0, 3.6)
    toy = world(real=cells, walkers=(Walker(6.0, 5.9, 0.0, 0.0),))
    toy.grid.cells[:] = cells
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.5, 4.6), 1.0))
    assert run_to_end(toy, "r", 60.0).ok
    trace = toy.array()
    near = (np.hypot(trace[:, 1] - 6.0, trace[:, 2] - 5.9) < 1.8) & (trace[:, 1] < 5.8)
    assert trace[near, 3].max() < 0.55
    stood = (trace[:, 1] > 4.0) & (trace[:, 1] < 5.8) & (trace[:, 3] == 0.0)
    assert stood.sum() * TICK_S > FollowerParams().people_patience_s
    assert toy.least_gap_m > 0.3
    messages = {f.message for o in toy.outputs for f in o.of(ROUTE.feedback)}
    assert any("waiting for" in message for message in messages)


@pytest.mark.parametrize("controller", ["pure_pursuit", "mppi"])
def test_lets_somebody_cross_and_goes_on(controller: str) -> None:
    toy = world(controller=controller, walkers=(Walker(6.0, 1.0, 0.0, 1.0),))
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.5, 5.0), 1.0))
    assert run_to_end(toy, "r", 30.0).ok
    assert toy.least_gap_m > 0.3


THROUGH = actions.NAVIGATE_THROUGH_POSES


def test_poses_are_passed_in_their_order_and_the_last_one_is_taken_up() -> None:
    toy = world()
    poses = np.array([[5.0, 8.0, 0.0], [9.0, 5.0, -1.5], [5.0, 2.0, 3.0]])
    send(toy, THROUGH.goal, NavigateThroughGoal("t", poses))
    assert run_to_end(toy, "t", 60.0).ok
    trace = toy.array()
    near = [np.hypot(trace[:, 1] - x, trace[:, 2] - y) for x, y, _ in poses]
    when = [int(np.argmin(away)) for away in near]
    assert when == sorted(when)
    assert [float(away.min()) < 0.3 for away in near] == [True] * 3
    assert trace[: when[1] + 1, 3][40:].min() > 0.05, "it does not stop on the way"
    assert toy.pose.distance_to(Pose2(5.0, 2.0)) < 0.1


def test_a_pose_on_the_way_that_cannot_be_passed_is_named() -> None:
    real = empty_cells(12.0, 10.0)
    draw_box(real, 5.5, 4.0, 7.0, 6.0)
    toy = world(real=real)
    poses = np.array([[6.2, 5.0, 0.0], [9.5, 5.0, 0.0]])
    send(toy, THROUGH.goal, NavigateThroughGoal("t", poses))
    result = run_to_end(toy, "t", 60.0)
    assert result.code is ErrorCode.GOAL_OCCUPIED
    assert "pose 1 of 2" in result.message
    send(
        toy, THROUGH.goal, NavigateThroughGoal("u", np.array([[3.0, 5.0, 0.0], [30.0, 5.0, 0.0]]))
    )
    assert run_to_end(toy, "u", 5.0).code is ErrorCode.GOAL_OUTSIDE


def test_docks_by_charging_current_and_undocks() -> None:
    toy = world(Pose2(5.0, 3.0, 1.0), docked_at=DOCK.pose)
    send(toy, actions.DOCK.goal, DockGoal("d", "bay"))
    assert run_to_end(toy, "d", 60.0).ok
    assert toy.pose.distance_to(DOCK.pose) < 0.08
    wanted = [a for outputs in toy.outputs for a in outputs.of(topics.DOCK_APPROACH)]
    assert {a.dock_id for a in wanted} == {"bay"}
    assert not wanted[0].active and wanted[-2].active and not wanted[-1].active
    speeds = toy.array()[-20:, 3]
    assert np.abs(speeds).max() <= 0.1
    send(toy, actions.DOCK.goal, DockGoal("u", "bay", undock=True))
    assert run_to_end(toy, "u", 30.0).ok
    assert toy.pose.relative_to(DOCK.pose).x_m == pytest.approx(-1.5, abs=0.1)
    assert abs(toy.pose.relative_to(DOCK.pose).y_m) < 0.05


def test_every_goal_begins_straight_back_out_of_the_dock() -> None:
    toy = world(DOCK.pose, docked_at=DOCK.pose)
    send(toy, actions.NAVIGATE_TO_POSE.goal, NavigateGoal("n", Pose2(4.0, 3.0)))
    assert run_to_end(toy, "n", 60.0).ok
    assert toy.pose.distance_to(Pose2(4.0, 3.0)) < 0.1
    way = DOCK.pose.inverse().transform_points(toy.array()[:, 1:3])
    aside = way[way[:, 0] > -1.2, 1]
    assert len(aside) > 50 and np.abs(aside).max() < 0.05


def test_no_pose_counts_as_passed_while_it_leaves_the_dock() -> None:
    toy = world(DOCK.pose, docked_at=DOCK.pose)
    poses = np.array([[5.0, 3.0, 0.0], [4.0, 3.0, 0.0]])
    send(toy, THROUGH.goal, NavigateThroughGoal("t", poses))
    assert run_to_end(toy, "t", 60.0).ok
    told = [one for outputs in toy.outputs for one in outputs.of(THROUGH.feedback)]
    left = [one.poses_remaining for one in told]
    assert left[0] == 2 and left == sorted(left, reverse=True)


def test_a_dead_dock_is_tried_again_and_then_reported() -> None:
    toy = world(Pose2(8.5, 5.0), params={"docking.attempts": 2})
    send(toy, actions.DOCK.goal, DockGoal("d", "bay"))
    result = run_to_end(toy, "d", 120.0)
    assert result.code is ErrorCode.DOCK_NOT_CHARGING and "bay" in result.message
    messages = {f.message for outputs in toy.outputs for f in outputs.of(actions.DOCK.feedback)}
    assert any("another try" in message for message in messages)
    assert any("try 2" in message and "onto" in message for message in messages)


def test_a_dock_that_was_moved_a_little_is_met_where_it_is() -> None:
    real = empty_cells(12.0, 10.0)
    draw_box(real, 10.97, 4.65, 11.3, 5.45)
    there = DOCK.pose.compose(Pose2(0.0, 0.05))
    toy = world(Pose2(8.5, 4.0), real=real, docked_at=there)
    send(toy, actions.DOCK.goal, DockGoal("d", "bay"))
    assert run_to_end(toy, "d", 60.0).ok
    assert abs(toy.pose.relative_to(there).y_m) < 0.03


def test_a_dock_that_is_gone_is_not_seen() -> None:
    toy = world(Pose2(8.5, 5.0), real=empty_cells(12.0, 10.0), params={"docking.attempts": 2})
    send(toy, actions.DOCK.goal, DockGoal("d", "bay"))
    result = run_to_end(toy, "d", 120.0)
    assert result.code is ErrorCode.DOCK_NOT_SEEN and "lidar" in result.message
    assert toy.pose.x_m < DOCK.pose.x_m - 0.3


def test_a_marker_beside_the_dock_ends_in_no_contact() -> None:
    """Somebody hung the marker elsewhere: lidar and camera contradict each other."""
    toy = world(Pose2(8.5, 5.0), docked_at=DOCK.pose, params={"docking.attempts": 2})
    toy.marker_at = DOCK.pose.compose(Pose2(0.45, 0.3))
    send(toy, actions.DOCK.goal, DockGoal("d", "bay"))
    result = run_to_end(toy, "d", 120.0)
    assert result.code is ErrorCode.DOCK_NOT_SEEN and "marker" in result.message
    assert toy.pose.x_m < DOCK.pose.x_m - 0.1


def test_a_run_repeats_bit_for_bit() -> None:
    traces = []
    for _ in range(2):
        toy = world(controller="mppi", walkers=(Walker(6.0, 2.0, 0.0, 0.8),))
        navigate(toy, Pose2(9.0, 5.0))
        toy.run(4.0)
        traces.append(toy.array())
    np.testing.assert_array_equal(traces[0], traces[1])
