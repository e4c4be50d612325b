"""Whatever is commanded, and whatever falls silent: properties over whole histories."""

from __future__ import annotations

import copy
import functools
import math
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.gate_world import Walker, World

from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    BUMPER,
    CMD_VEL_NAV,
    ESTOP,
    IMU,
    LOCALIZATION_STATUS,
    ODOM,
    SCAN,
    Topic,
)
from patrol_core.types.status import GateState

COORDINATE = st.floats(-4.0, 4.0)
WALL = st.tuples(COORDINATE, COORDINATE, COORDINATE, COORDINATE)
COMMAND = st.tuples(st.floats(-0.6, 1.6), st.floats(-1.6, 1.6))
WILD = st.floats(allow_nan=True, allow_infinity=True)
SILENT = st.sampled_from(
    [SCAN, ODOM, IMU, BUMPER, ESTOP, AMCL_POSE, LOCALIZATION_STATUS, CMD_VEL_NAV]
)


THICK_M = 0.02


def thick(walls: list[tuple[float, float, float, float]]) -> list[Any]:
    """The four sides of each: a line without thickness that is seen along itself is not seen."""
    sides: list[Any] = []
    for ax, ay, bx, by in walls:
        length_m = math.hypot(bx - ax, by - ay)
        nx, ny = 0.5 * THICK_M * (ay - by) / length_m, 0.5 * THICK_M * (bx - ax) / length_m
        corners = [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]
        sides += [(*a, *b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
    return sides


def obeying(commands: list[tuple[float, float]]) -> Any:
    """One command a second, the last for good."""
    return lambda t: commands[min(max(int(t - 0.6), 0), len(commands) - 1)]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(WALL, min_size=1, max_size=5),
    st.floats(-math.pi, math.pi),
    st.lists(COMMAND, min_size=1, max_size=6),
    st.floats(0.95, 1.05),
    st.floats(-0.08, 0.08),
    st.integers(0, 99),
)
def test_never_touches_what_stands(
    walls: list[tuple[float, float, float, float]],
    yaw_rad: float,
    commands: list[tuple[float, float]],
    slip: float,
    slope_rad: float,
    seed: int,
) -> None:
    """From every pose that is clear by 5 cm, whatever is asked, at 5 % of slip, on a slope."""
    assume(all(math.hypot(c - a, d - b) > 0.1 for a, b, c, d in walls))
    world = World(
        walls=thick(walls), pose=Pose2(0.0, 0.0, yaw_rad), wish=obeying(commands), slip=slip,
        seed=seed, slope_rad=slope_rad,
    )  # fmt: skip
    world.tick()
    assume(world.clearance_m > 0.05)
    world.settle().run(len(commands) + 2.0)
    assert world.contact is None, world.clearance_m
    assert world.status.state is not GateState.LATCHED


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.floats(4.5, 9.0),
    st.floats(-math.pi, math.pi),
    st.floats(0.5, 1.5),
    st.floats(-0.5, 0.5),
    st.lists(COMMAND, min_size=1, max_size=4),
)
def test_has_stood_a_second_before_a_walker_can_touch(
    distance_m: float,
    bearing_rad: float,
    pace_mps: float,
    aside_rad: float,
    commands: list[tuple[float, float]],
) -> None:
    """Somebody in full sight walks at the robot from anywhere and never gives way."""
    x, y = distance_m * math.cos(bearing_rad), distance_m * math.sin(bearing_rad)
    way = bearing_rad + math.pi + aside_rad
    walker = Walker(x, y, pace_mps * math.cos(way), pace_mps * math.sin(way), since_s=1.5)
    world = World(walkers=[walker], wish=obeying(commands)).settle()
    for _ in range(450):
        world.tick()
        if world.contact is not None:
            break
    assert world.contact is None or world.contact.rested_s >= 1.0


@functools.cache
def on_its_way() -> World:
    return World(wish=lambda _t: (0.9, 0.2)).settle().run(1.5)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(WILD, WILD), min_size=1, max_size=12))
def test_what_passes_is_finite_and_within_the_drive(wild: list[tuple[float, float]]) -> None:
    world = copy.deepcopy(on_its_way())
    start = len(world.passed)
    for command in wild:
        world.wish = obeying([command])
        world.run(0.08)
    for _, passed in world.passed[start:]:
        assert passed.is_finite()
        assert -0.5 <= passed.linear_mps <= 1.5
        assert abs(passed.angular_radps) <= 1.5


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.tuples(SILENT, st.floats(0.0, 1.5)), min_size=1, max_size=3))
def test_whatever_falls_silent_the_robot_stops(losses: list[tuple[Topic[Any], float]]) -> None:
    """Within the stale time (commands: the expiry; e-stop: 0.5 s) and one period of the row."""
    world = copy.deepcopy(on_its_way())
    start_s = world.now_s
    bound_s = min(
        at_s + {CMD_VEL_NAV.name: 0.15, ESTOP.name: 0.6}.get(topic.name, topic.stale_s) + 0.14
        for topic, at_s in losses
    )
    for _ in range(150):
        world.silent |= {t for t, at_s in losses if world.now_s - start_s >= at_s}
        world.tick()
        if world.now_s - start_s > bound_s:
            assert world.passed[-1][1].is_zero()
    assert world.speed_mps == 0.0
    if ESTOP in world.silent:
        assert world.status.state is GateState.LATCHED
