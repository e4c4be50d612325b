"""Backing up along the ground just covered, where the lidar does not see behind."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.gate_world import ROBOT, World

from patrol_core.geometry import Pose2
from patrol_core.types.sensors import LaserScan
from patrol_gate.manoeuvre import Phase, Ramps, Velocity, stopping_manoeuvre
from patrol_gate.params import GateParams
from patrol_gate.trail import AGE_S, Trail

RAMPS = Ramps(0.8, 1.2, 3.0, 2.4)


def trail_along(*poses: Pose2, length_m: float = 2.0) -> Trail:
    trail = Trail(ROBOT.body, length_m)
    for count, pose in enumerate(poses):
        trail.note(pose, 0.1 * count)
    return trail


def straight(length_m: float = 1.0) -> list[Pose2]:
    return [Pose2(x, 0.0) for x in np.arange(0.0, length_m + 0.01, 0.05).tolist()]


def backing(speed_mps: float = -0.3, turn_radps: float = 0.0, seconds: float = 0.3) -> bool:
    motion = stopping_manoeuvre(
        Velocity(0.0, 0.0), (Phase(Velocity(speed_mps, turn_radps), seconds),), RAMPS
    )
    return trail_along(*straight()).covers(motion, Pose2(1.0, 0.0))


def test_straight_back_along_a_straight_way_is_covered() -> None:
    assert backing()


def test_a_turn_leaves_the_trail() -> None:
    assert not backing(turn_radps=1.0, seconds=0.8)


def test_what_lies_before_its_beginning_is_not_covered() -> None:
    assert not backing(-0.5, seconds=4.0)


def test_a_short_memory_forgets_the_way_farther_back() -> None:
    motion = stopping_manoeuvre(Velocity(0.0, 0.0), (Phase(Velocity(-0.5, 0.0), 1.2),), RAMPS)
    here = Pose2(1.0, 0.0)
    assert trail_along(*straight()).covers(motion, here)
    assert not trail_along(*straight(), length_m=0.3).covers(motion, here)


def test_going_back_does_not_use_the_memory_up() -> None:
    trail = trail_along(*straight(), *reversed(straight()), length_m=1.0)
    motion = stopping_manoeuvre(Velocity(0.0, 0.0), (Phase(Velocity(-0.3, 0.0), 0.3),), RAMPS)
    assert trail.covers(motion, Pose2(0.5, 0.0))


def test_ground_covered_long_ago_does_not_count() -> None:
    trail = trail_along(*straight())
    motion = stopping_manoeuvre(Velocity(0.0, 0.0), (Phase(Velocity(-0.3, 0.0), 0.3),), RAMPS)
    trail.note(Pose2(1.0, 0.0), AGE_S + 10.0)
    assert not trail.covers(motion, Pose2(1.0, 0.0))


def test_nothing_is_known_after_a_new_beginning_or_where_it_is_off() -> None:
    motion = stopping_manoeuvre(Velocity(0.0, 0.0), (Phase(Velocity(-0.3, 0.0), 0.3),), RAMPS)
    trail = trail_along(*straight())
    trail.clear()
    assert not trail.covers(motion, Pose2(1.0, 0.0))
    assert not trail_along(*straight(), length_m=0.0).covers(motion, Pose2(1.0, 0.0))


@dataclass
class BlindBehind(World):
    """A robot whose lidar sees 270 degrees."""

    def scan(self) -> LaserScan:
        whole = super().scan()
        return replace(
            whole, angle_min_rad=-0.75 * math.pi, ranges_m=whole.ranges_m[90:630].copy()
        )


def there_and_back(retrace_m: float, back: tuple[float, float] = (-0.3, 0.0)) -> BlindBehind:
    """Two metres ahead, then asked to back up; a wall a metre behind the start."""
    return BlindBehind(
        walls=[(-1.35, -3.0, -1.35, 3.0)],
        params=GateParams(warning_s=0.0, retrace_m=retrace_m),
        wish=lambda t: (0.6, 0.0) if t < 4.5 else (0.0, 0.0) if t < 5.5 else back,
    )


def test_it_does_not_back_up_unseen_by_default() -> None:
    world = there_and_back(0.0).run(7.0)
    assert world.linear_mps == 0.0
    assert "blind behind" in world.status.reasons[0]


def test_it_backs_up_where_it_came_from_and_stops_at_the_beginning() -> None:
    world = there_and_back(5.0).run(5.5)
    there_m = world.pose.x_m
    world.run(2.0)
    assert world.pose.x_m < there_m - 0.3
    world.run(15.0)
    assert world.contact is None
    assert world.pose.x_m > -0.1 and world.linear_mps == 0.0
    assert "blind behind" in world.status.reasons[0]


@pytest.mark.parametrize("turn_radps", [-0.8, 0.8])
def test_it_does_not_back_up_beside_its_trail(turn_radps: float) -> None:
    world = there_and_back(5.0, (-0.3, turn_radps)).run(5.5)
    there = world.pose
    world.run(5.0)
    assert world.pose.distance_to(there) < 0.25
