"""Backing up along the ground just covered, where the lidar does not see behind."""

from __future__ import annotations

import numpy as np
from tests.gate_world import ROBOT

from patrol_core.geometry import Pose2
from patrol_gate.manoeuvre import Phase, Ramps, Velocity, stopping_manoeuvre
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
