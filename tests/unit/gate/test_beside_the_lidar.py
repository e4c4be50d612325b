"""What the lidar's plane misses stops the robot, too, as far as perception says so."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.gate_world import FRONT_M, World

from patrol_core.topics import DEPTH_OBSTACLES
from patrol_core.types.perception import DepthObstacles
from patrol_core.types.status import GateState
from patrol_gate.params import GateParams

SEAT_M = np.column_stack((np.full(21, 3.0), np.linspace(-0.5, 0.5, 21)))
"""In map."""


def drive(world: World, seconds: float, *, told: bool = True) -> None:
    """Towards the seat; perception tells of it five times a second."""
    for count in range(round(seconds / 0.02)):
        if told and count % 10 == 0:
            here = world.pose.inverse().transform_points(SEAT_M)
            world.send(DEPTH_OBSTACLES, DepthObstacles(world.now_s, here))
        world.tick()


def test_it_stops_before_an_overhang_and_says_why() -> None:
    world = World(wish=lambda _t: (1.0, 0.0)).settle()
    drive(world, 6.0)
    front_m = world.pose.x_m + FRONT_M
    assert 2.7 < front_m < 3.0
    assert world.speed_mps == 0.0
    assert world.status.state is GateState.HOLD
    assert "obstacle" in world.status.reasons[0]


def test_without_depth_it_drives_on_unless_depth_is_required() -> None:
    world = World(wish=lambda _t: (1.0, 0.0)).settle()
    drive(world, 5.0, told=False)
    assert world.pose.x_m > 4.0
    required = ("imu/data", "bumper", "depth_obstacles")
    needy = World(
        wish=lambda _t: (1.0, 0.0), params=GateParams(warning_s=0.0, required_inputs=required)
    ).settle()
    drive(needy, 2.0, told=False)
    assert needy.pose.x_m == 0.0
    assert "waiting for depth_obstacles" in needy.status.reasons


def test_what_depth_said_counts_until_it_is_stale() -> None:
    world = World(wish=lambda _t: (1.0, 0.0)).settle()
    drive(world, 6.0)
    stood_m = world.pose.x_m
    drive(world, 0.9, told=False)
    assert world.pose.x_m == stood_m
    drive(world, 3.0, told=False)
    assert world.pose.x_m > stood_m + 0.5


@pytest.mark.parametrize("bad", [np.full((3, 2), math.nan), np.zeros((3, 3)), np.zeros(4)])
def test_malformed_points_are_nothing_or_a_hold_where_they_are_required(bad: object) -> None:
    required = ("imu/data", "bumper", "depth_obstacles")
    for params, moves in (
        (GateParams(warning_s=0.0), True),
        (GateParams(warning_s=0.0, required_inputs=required), False),
    ):
        world = World(wish=lambda _t: (1.0, 0.0), params=params)
        for _ in range(100):
            world.send(DEPTH_OBSTACLES, DepthObstacles(world.now_s, bad))  # type: ignore[arg-type]
            world.tick()
        assert (world.pose.x_m > 0.0) is moves
