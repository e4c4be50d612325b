"""Goals, preemption, failures and docking of the navigator in a toy world."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.nav_world import ToyWorld, Walker, draw_box, empty_cells, rover, toy_site

from patrol_core import topics
from patrol_core.component import Outputs
from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.params import make_params
from patrol_core.result import ErrorCode, Result, Status
from patrol_core.site.model import Dock
from patrol_core.types.mission import (
    DockGoal,
    FollowRouteGoal,
    GoalCancel,
    GoalResult,
    NavigateGoal,
)
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    LocalizationLevel,
    LocalizationStatus,
)
from patrol_nav.navigator.navigator import Navigator
from patrol_nav.params import NavigatorParams
from patrol_nav.planning.path import with_headings

DOCK = Dock(
    "bay", Pose2(10.5, 5.0, 0.0), ((10.97, 4.6), (11.3, 4.6), (11.3, 5.4), (10.97, 5.4)), 1.5
)
START = Pose2(2.0, 5.0)
ROUTE = topics.FOLLOW_ROUTE
TO_POSE = topics.NAVIGATE_TO_POSE


def world(
    start: Pose2 = START,
    *,
    controller: str = "pure_pursuit",
    real: FloatArray | None = None,
    walkers: tuple[Walker, ...] = (),
    docked_at: Pose2 | None = None,
    params: dict[str, float] | None = None,
) -> ToyWorld:
    """A room of 12 x 10 m with a dock in the east."""
    cells = empty_cells(12.0, 10.0)
    draw_box(cells, 10.97, 4.6, 11.3, 5.4)
    chosen = make_params(NavigatorParams, {"mppi.rollouts": 200, **(params or {})})
    navigator = Navigator(
        chosen,
        toy_site(12.0, 10.0, docks=(DOCK,)),
        rover(),
        np.random.default_rng(3),
        controller,
        lambda _: (0, 0),
    )
    return ToyWorld(navigator, cells, start, real=real, walkers=walkers, charging_at=docked_at)


def send(toy: ToyWorld, topic: topics.Topic, value: object) -> None:  # type: ignore[type-arg]
    toy.mailbox.store(topic, value, toy.now_s)


def result_of(toy: ToyWorld, goal_id: str) -> Result | None:
    for outputs in toy.outputs:
        for action in (TO_POSE, ROUTE, topics.DOCK):
            for outcome in outputs.of(action.result):
                assert isinstance(outcome, GoalResult)
                if outcome.goal_id == goal_id:
                    return outcome.result
    return None


def run_to_end(toy: ToyWorld, goal_id: str, limit_s: float = 60.0) -> Result:
    def ended(outputs: Outputs) -> bool:
        return any(
            outcome.goal_id == goal_id
            for action in (TO_POSE, ROUTE, topics.DOCK)
            for outcome in outputs.of(action.result)
        )

    assert toy.run(limit_s, ended), f"no result for '{goal_id}' within {limit_s} s"
    result = result_of(toy, goal_id)
    assert result is not None
    return result


def navigate(toy: ToyWorld, goal: Pose2, goal_id: str = "a") -> None:
    send(toy, TO_POSE.goal, NavigateGoal(goal_id, goal))


def straight_route(x0: float, x1: float, y: float) -> FloatArray:
    xs = np.linspace(x0, x1, int(abs(x1 - x0) / 0.25) + 1)
    return with_headings(np.column_stack((xs, np.full_like(xs, y))), 0.0 if x1 > x0 else math.pi)


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


@pytest.mark.parametrize("controller", ["pure_pursuit", "mppi"])
def test_lets_somebody_cross_and_goes_on(controller: str) -> None:
    toy = world(controller=controller, walkers=(Walker(6.0, 1.0, 0.0, 1.0),))
    send(toy, ROUTE.goal, FollowRouteGoal("r", straight_route(2.0, 9.5, 5.0), 1.0))
    assert run_to_end(toy, "r", 30.0).ok
    assert toy.least_gap_m > 0.3


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
    topic: topics.Topic,
    value: object,  # type: ignore[type-arg]
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


def test_docks_by_charging_current_and_undocks() -> None:
    toy = world(Pose2(5.0, 3.0, 1.0), docked_at=DOCK.pose)
    send(toy, topics.DOCK.goal, DockGoal("d", "bay"))
    assert run_to_end(toy, "d", 60.0).ok
    assert toy.pose.distance_to(DOCK.pose) < 0.08
    wanted = [a for outputs in toy.outputs for a in outputs.of(topics.DOCK_APPROACH)]
    assert wanted[0].active and wanted[0].dock_id == "bay" and not wanted[-1].active
    speeds = toy.array()[-20:, 3]
    assert np.abs(speeds).max() <= 0.1
    send(toy, topics.DOCK.goal, DockGoal("u", "bay", undock=True))
    assert run_to_end(toy, "u", 30.0).ok
    assert toy.pose.relative_to(DOCK.pose).x_m == pytest.approx(-1.5, abs=0.1)
    assert abs(toy.pose.relative_to(DOCK.pose).y_m) < 0.05


def test_a_dead_dock_is_tried_again_and_then_reported() -> None:
    toy = world(Pose2(8.5, 5.0), params={"docking.attempts": 2})
    send(toy, topics.DOCK.goal, DockGoal("d", "bay"))
    result = run_to_end(toy, "d", 120.0)
    assert result.code is ErrorCode.DOCK_NOT_CHARGING and "bay" in result.message
    messages = {f.message for outputs in toy.outputs for f in outputs.of(topics.DOCK.feedback)}
    assert any("another try" in message for message in messages)
    assert any("try 2" in message and "onto" in message for message in messages)


def test_an_unknown_dock_is_refused_with_the_known_ones() -> None:
    toy = world()
    send(toy, topics.DOCK.goal, DockGoal("d", "harbour"))
    result = run_to_end(toy, "d", 0.2)
    assert result.code is ErrorCode.DOCK_UNKNOWN and "bay" in result.message


def test_a_run_repeats_bit_for_bit() -> None:
    traces = []
    for _ in range(2):
        toy = world(controller="mppi", walkers=(Walker(6.0, 2.0, 0.0, 0.8),))
        navigate(toy, Pose2(9.0, 5.0))
        toy.run(4.0)
        traces.append(toy.array())
    np.testing.assert_array_equal(traces[0], traces[1])
