"""Gravity along the way takes from the braking that the gate counts on."""

from __future__ import annotations

import math

import pytest
from tests.gate_world import ROBOT, World

from patrol_core.types.sensors import Imu
from patrol_core.types.status import GateState
from patrol_gate.params import GateParams
from patrol_gate.watchdogs import TiltWatch

GRAVITY_MPS2 = 9.81


def reading(stamp_s: float, slope_rad: float, gained_mps2: float = 0.0) -> Imu:
    """On ground that falls ahead by `slope_rad`, while speeding up."""
    along = gained_mps2 - GRAVITY_MPS2 * math.sin(slope_rad)
    return Imu(stamp_s, (0.0, 0.0, 0.0), (along, 0.0, GRAVITY_MPS2 * math.cos(slope_rad)))


@pytest.mark.parametrize("gained_mps2", [0.0, 0.8, -1.5])
@pytest.mark.parametrize("slope_rad", [-0.08, 0.0, 0.06])
def test_the_slope_is_told_from_speeding_up_and_braking(
    slope_rad: float, gained_mps2: float
) -> None:
    watch = TiltWatch(GateParams(), ROBOT)
    for tick in range(50):
        assert watch.update(reading(0.02 * tick, slope_rad), 0.7) is None
    for tick in range(50, 100):
        speed_mps = 0.7 + gained_mps2 * 0.02 * (tick - 49)
        watch.update(reading(0.02 * tick, slope_rad, gained_mps2), speed_mps)
        pull_mps2 = GRAVITY_MPS2 * math.sin(slope_rad)
        assert watch.downhill_mps2 == pytest.approx(pull_mps2, abs=1e-9)


def test_the_slope_follows_within_the_time_of_the_filter() -> None:
    watch = TiltWatch(GateParams(), ROBOT)
    watch.update(reading(0.0, 0.0), 0.5)
    for tick in range(1, 26):
        watch.update(reading(0.02 * tick, 0.1), 0.5)
    share = 1.0 - (0.5 / 0.52) ** 25
    assert watch.downhill_mps2 == pytest.approx(share * GRAVITY_MPS2 * math.sin(0.1))


def test_what_was_filtered_before_a_gap_or_a_jump_back_is_forgotten() -> None:
    watch = TiltWatch(GateParams(), ROBOT)
    watch.update(reading(50.0, 0.1), 1.5)
    for stamp_s in (51.2, 20.0):
        watch.update(reading(stamp_s, -0.05), 0.3)
        assert watch.downhill_mps2 == pytest.approx(-GRAVITY_MPS2 * math.sin(0.05))


def test_the_same_sample_again_changes_nothing() -> None:
    watch = TiltWatch(GateParams(), ROBOT)
    watch.update(reading(1.0, 0.1), 0.5)
    watch.update(reading(1.0, 0.0), 0.9)
    assert watch.downhill_mps2 == pytest.approx(GRAVITY_MPS2 * math.sin(0.1))


def towards_a_wall(slope_rad: float, linear_mps: float, wall_x_m: float) -> World:
    """After five seconds of driving at it."""
    wall = (wall_x_m, -5.0, wall_x_m, 5.0)
    world = World(walls=[wall], slope_rad=slope_rad, wish=lambda _t: (linear_mps, 0.0))
    return world.settle().run(5.0)


@pytest.mark.parametrize(
    ("slope_rad", "linear_mps", "wall_x_m"), [(0.09, 1.0, 2.0), (-0.09, -0.5, -1.3)]
)
def test_it_stops_short_of_a_wall_at_the_foot_of_a_slope(
    slope_rad: float, linear_mps: float, wall_x_m: float
) -> None:
    """The base brakes with 1.5 m/s^2 less what 5 degrees take, 0.88 m/s^2."""
    world = towards_a_wall(slope_rad, linear_mps, wall_x_m)
    assert world.contact is None
    assert 0.0 < world.clearance_m < 0.4
    assert world.speed_mps == 0.0
    assert world.status.state is GateState.HOLD


def fastest_mps(slope_rad: float, linear_mps: float) -> float:
    world = World(slope_rad=slope_rad, wish=lambda _t: (linear_mps, 0.0)).settle()
    world.run(3.0)
    return world.speed_mps


def test_it_goes_down_no_faster_than_it_can_stop_within_what_is_looked_at() -> None:
    """1.2 m/s^2 counted on, less 0.98: a stop from 0.9 m/s takes 2.1 m beside the reaction."""
    assert 0.5 < fastest_mps(0.1, 1.5) < 1.1
    assert fastest_mps(-0.1, 1.5) == pytest.approx(1.5)


def test_where_the_slope_takes_all_of_the_braking_only_the_way_up_is_free() -> None:
    world = World(slope_rad=0.13, wish=lambda _t: (0.1, 0.0)).settle().run(2.0)
    assert world.pose.x_m == 0.0
    assert world.status.state is GateState.HOLD
    assert "slope" in world.status.reasons[0]
    world.wish = lambda _t: (-0.3, 0.0)
    assert world.run(1.5).linear_mps == pytest.approx(-0.3)
