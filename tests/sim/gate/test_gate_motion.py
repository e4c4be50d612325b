"""What passes near obstacles and people, in a small world with its own physics."""

from __future__ import annotations

import math

import pytest
from tests.gate_world import Walker, World

from patrol_core.geometry import Pose2
from patrol_core.types.status import GateState
from patrol_gate.params import GateParams

NEAR_PARALLEL_M = 30.0


def corridor(half_width_m: float) -> list[tuple[float, float, float, float]]:
    return [(-20.0, y, NEAR_PARALLEL_M, y) for y in (half_width_m, -half_width_m)]


@pytest.mark.parametrize(
    ("linear", "wall_x"), [(1.5, 6.0), (0.3, 1.0), (-0.5, -2.0)], ids=["fast", "slow", "reverse"]
)
def test_stops_short_of_a_wall(linear: float, wall_x: float) -> None:
    world = World(walls=[(wall_x, -5.0, wall_x, 5.0)], wish=lambda _t: (linear, 0.0)).settle()
    world.run(8.0)
    assert world.contact is None
    assert 0.04 < world.clearance_m < 0.3
    assert world.speed_mps == 0.0
    assert world.status.state is GateState.HOLD
    assert "standing" in world.status.reasons[0]


def test_a_two_metre_corridor_passes_at_full_speed() -> None:
    world = World(walls=corridor(1.0), wish=lambda _t: (1.5, 0.0)).settle().run(4.0)
    assert world.linear_mps == pytest.approx(1.5)


@pytest.mark.parametrize(("lateral_m", "least_mps"), [(0.28, 1.0), (0.16, 0.2)])
def test_narrow_passages_pass_at_reduced_speed(lateral_m: float, least_mps: float) -> None:
    world = World(walls=corridor(0.25 + lateral_m), wish=lambda _t: (1.5, 0.0)).settle()
    world.run(4.0)
    assert world.contact is None
    assert world.linear_mps > least_mps


def test_turns_on_the_spot_beside_a_fence_that_the_sweep_clears() -> None:
    world = World(walls=[(-20.0, 0.62, 20.0, 0.62)], wish=lambda _t: (0.0, 1.0)).settle().run(2.0)
    assert world.contact is None
    assert world.angular_radps == pytest.approx(1.0)


def test_does_not_turn_into_a_fence() -> None:
    world = World(walls=[(-20.0, 0.45, 20.0, 0.45)], wish=lambda _t: (0.0, 1.0)).settle().run(3.0)
    assert world.contact is None
    assert world.angular_radps == 0.0
    assert world.status.state is GateState.HOLD


def test_the_curve_is_kept_when_the_speed_is_limited() -> None:
    world = World(walls=[(3.0, -5.0, 3.0, 5.0)], wish=lambda _t: (1.2, 0.24)).settle().run(6.0)
    limited = [s for s in world.statuses if s.state is GateState.LIMITED]
    assert limited
    for status in limited:
        assert status.passed_angular_radps == pytest.approx(0.2 * status.passed_linear_mps)


def test_leads_away_from_what_it_stands_against_and_only_away() -> None:
    wall = [(0.47, -3.0, 0.47, 3.0)]
    towards = World(walls=wall, wish=lambda _t: (0.3, 0.0)).settle().run(1.0)
    assert towards.pose.x_m == 0.0
    away = World(walls=wall, wish=lambda _t: (-0.4, 0.0)).settle().run(0.3)
    assert -0.2 - 1e-9 <= away.linear_mps < 0.0
    assert away.run(2.0).linear_mps == pytest.approx(-0.4)


@pytest.mark.parametrize("pace_mps", [0.7, 1.4])
def test_has_stood_a_second_before_somebody_who_walks_on_can_touch_it(pace_mps: float) -> None:
    world = World(walkers=[Walker(9.0, 0.05, -pace_mps, 0.0)], wish=lambda _t: (1.5, 0.0))
    world.settle()
    while world.contact is None:
        world.tick()
    assert world.contact.rested_s >= 1.0
    assert world.status.state is not GateState.LATCHED


@pytest.mark.parametrize("ahead_m", [3.0, 4.0, 6.0])
def test_somebody_who_steps_in_from_the_side_is_not_run_into(ahead_m: float) -> None:
    """From behind the end of a wall 1.5 m beside the path, at 1.4 m/s, without a glance."""
    world = World(
        walls=[(-9.0, 1.5, ahead_m - 0.4, 1.5)],
        walkers=[Walker(ahead_m, 1.9, 0.0, -1.4, since_s=3.0)],
        wish=lambda _t: (1.0, 0.0),
    ).settle()
    world.run(6.0)
    assert world.contact is None or world.contact.rested_s > 0.0
    assert world.status.state is not GateState.LATCHED


def test_walks_on_when_the_other_has_passed() -> None:
    world = World(walkers=[Walker(5.0, -7.0, 0.0, 1.4)], wish=lambda _t: (1.0, 0.0)).settle()
    slowest = math.inf
    for _ in range(450):
        world.tick()
        if world.now_s > 102.5:
            slowest = min(slowest, world.linear_mps)
    assert slowest < 0.9
    assert world.linear_mps == pytest.approx(1.0)
    assert world.contact is None


def test_brakes_that_do_not_hold_latch() -> None:
    """The robot slides on towards the wall while the gate has long commanded zero."""
    world = World(walls=[(4.0, -5.0, 4.0, 5.0)], wish=lambda _t: (1.5, 0.0)).settle()
    while world.linear_mps < 1.2:
        world.tick()
    for _ in range(150):
        world.linear_mps = 1.2
        world.tick()
        if world.status.state is GateState.LATCHED:
            break
    assert "protective field" in world.status.reasons[0]


def test_the_first_movement_is_announced() -> None:
    world = World(params=GateParams(), wish=lambda _t: (0.5, 0.0)).settle()
    world.run(1.9)
    assert world.pose == Pose2(0.0, 0.0)
    assert world.status.reasons == ("announcing the movement",)
    world.run(1.0)
    assert world.linear_mps > 0.3
