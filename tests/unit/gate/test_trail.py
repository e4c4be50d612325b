"""Backing up along the ground just covered, where the lidar does not see behind."""

from __future__ import annotations

import numpy as np
import pytest
from tests.gate_world import ROBOT

from patrol_core.geometry import Pose2
from patrol_gate.manoeuvre import Manoeuvre, Phase, Ramps, Velocity, stopping_manoeuvre
from patrol_gate.trail import Trail

RAMPS = Ramps(0.8, 1.2, 3.0, 2.4)


def trail_along(
    *poses: Pose2, length_m: float = 2.0, begin_s: float = 0.0, step_s: float = 0.1
) -> Trail:
    trail = Trail(ROBOT.body, length_m)
    for count, pose in enumerate(poses):
        trail.note(pose, begin_s + step_s * count)
    return trail


def straight(length_m: float = 1.0) -> list[Pose2]:
    return [Pose2(x, 0.0) for x in np.arange(0.0, length_m + 0.01, 0.05).tolist()]


def way(*ends_m: float, step_m: float = 0.05) -> list[Pose2]:
    """To and fro along x, from 0 to each of the ends in turn."""
    corners = np.array([0.0, *ends_m])
    past_m = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(corners)))))
    x_m = np.interp(np.arange(0.0, past_m[-1] + step_m / 2.0, step_m), past_m, corners)
    return [Pose2(x, 0.0) for x in x_m.tolist()]


def motion(speed_mps: float = -0.3, turn_radps: float = 0.0, seconds: float = 0.3) -> Manoeuvre:
    return stopping_manoeuvre(
        Velocity(0.0, 0.0), (Phase(Velocity(speed_mps, turn_radps), seconds),), RAMPS
    )


INCH = motion(-0.01, seconds=0.2)
"""Shorter than the trail's slack."""
HERE = Pose2(1.0, 0.0)


def test_straight_back_along_a_straight_way_is_covered() -> None:
    assert trail_along(*straight()).covers(motion(), HERE)


@pytest.mark.parametrize("frame", [Pose2(3.0, -2.0, 0.0), Pose2(-4.0, 7.0, 2.1)])
def test_wherever_the_way_lies(frame: Pose2) -> None:
    trail = trail_along(*(frame.compose(pose) for pose in straight()))
    assert trail.covers(motion(), frame.compose(HERE))
    for aside_m in (0.1, -0.1):
        assert not trail.covers(motion(), frame.compose(Pose2(1.0, aside_m)))


def test_a_turn_leaves_the_trail() -> None:
    for turn_radps in (1.0, -1.0):
        assert not trail_along(*straight()).covers(motion(-0.3, turn_radps, 0.8), HERE)


def test_what_lies_before_its_beginning_is_not_covered() -> None:
    assert not trail_along(*straight()).covers(motion(-0.5, seconds=4.0), HERE)


def test_it_is_wider_and_longer_than_the_body_by_its_slack() -> None:
    trail = trail_along(Pose2(0.0, 0.0))
    for x, y in ((-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
        assert trail.covers(INCH, Pose2(0.025 * x, 0.025 * y))
        assert not trail.covers(INCH, Pose2(0.035 * x, 0.035 * y))


def test_every_part_of_the_rear_half_must_be_covered() -> None:
    """Left of the middle nobody has been, and the corners tell nothing of it."""
    body, aside_m = ROBOT.body, 0.03 + 0.1 * ROBOT.body.width_m
    back = Pose2(-0.75 * body.length_m, 0.0)
    for side in (1.0, -1.0):
        trail = trail_along(back, Pose2(0.0, side * aside_m))
        assert not trail.covers(INCH, Pose2(0.0, 0.0))
    both = trail_along(back, Pose2(0.0, -aside_m), Pose2(0.0, aside_m))
    assert both.covers(INCH, Pose2(0.0, 0.0))


def test_so_must_the_middle_of_the_rear_edge() -> None:
    aside_m = 0.6 * ROBOT.body.width_m
    trail = trail_along(Pose2(0.0, aside_m), Pose2(0.0, -aside_m), Pose2(0.06, 0.0))
    assert not trail.covers(INCH, Pose2(0.0, 0.0))
    assert trail.covers(INCH, Pose2(0.06, 0.0))


def test_the_front_half_is_left_to_the_lidar() -> None:
    behind = trail_along(Pose2(-0.4 * ROBOT.body.length_m, 0.0))
    assert behind.covers(INCH, Pose2(0.0, 0.0))


def test_a_short_memory_forgets_the_way_farther_back() -> None:
    back = motion(-0.5, seconds=1.2)
    assert trail_along(*straight()).covers(back, HERE)
    assert not trail_along(*straight(), length_m=0.3).covers(back, HERE)
    sideways = [Pose2(0.0, y) for y in np.arange(0.0, 1.01, 0.05).tolist()]
    assert trail_along(*sideways, length_m=2.0).covers(INCH, Pose2(0.0, 0.5))
    assert not trail_along(*sideways, length_m=0.3).covers(INCH, Pose2(0.0, 0.5))


def test_going_back_does_not_use_the_memory_up() -> None:
    trail = trail_along(*straight(), *reversed(straight()), length_m=1.0)
    assert trail.covers(motion(), Pose2(0.5, 0.0))


@pytest.mark.parametrize("step_m", [0.05, 0.001])
def test_going_back_covers_nothing_new(step_m: float) -> None:
    """Else slack would add up, at a creep as well."""
    trail = trail_along(*way(1.0, -0.5, step_m=step_m), length_m=5.0, step_s=step_m)
    assert not trail.covers(INCH, Pose2(-0.5, 0.0))
    assert not trail.covers(INCH, Pose2(-0.1, 0.0))
    assert trail.covers(INCH, Pose2(0.0, 0.0))


def test_nor_does_going_back_beside_it() -> None:
    aside = [Pose2(1.0 - 0.1 * k, 0.02 * k) for k in range(5)]
    assert not trail_along(*straight(), *aside).covers(INCH, aside[-1])


def test_ahead_again_new_ground_counts_again() -> None:
    trail = trail_along(*way(1.0, -0.5, 0.2), length_m=5.0)
    assert trail.covers(INCH, Pose2(-0.3, 0.0))
    assert not trail.covers(INCH, Pose2(-0.6, 0.0))


def test_rocking_on_the_spot_covers_nothing_new() -> None:
    """A few millimetres ahead now and then are still going back."""
    ends_m = [end for k in range(100) for end in (0.99 - 0.01 * k, 0.995 - 0.01 * k)]
    trail = trail_along(*way(1.0, *ends_m, -0.5, step_m=0.001), length_m=5.0, step_s=0.001)
    assert not trail.covers(INCH, Pose2(-0.1, 0.0))


def test_turning_on_the_spot_covers_ground() -> None:
    turns = np.arange(0.0, 0.51, 0.05).tolist()
    trail = trail_along(*(Pose2(0.0, 0.0, turn) for turn in turns))
    assert trail.covers(INCH, Pose2(0.0, 0.0, 0.5))
    assert not trail.covers(INCH, Pose2(0.0, 0.0, 1.0))


def test_ground_covered_half_a_minute_ago_does_not_count() -> None:
    trail = trail_along(*straight(), begin_s=1000.0)
    trail.note(HERE, 1029.0)
    assert trail.covers(motion(), HERE)
    trail.note(HERE, 1031.0)
    assert trail.covers(INCH, Pose2(0.8, 0.0))
    assert not trail.covers(INCH, Pose2(0.2, 0.0))
    trail.note(HERE, 1035.0)
    assert not trail.covers(motion(), HERE)


def test_nor_while_the_robot_goes_back_over_it() -> None:
    trail = trail_along(*straight())
    trail.note(Pose2(0.9, 0.0), 10.0)
    assert trail.covers(motion(), Pose2(0.9, 0.0))
    trail.note(Pose2(0.8, 0.0), 35.0)
    assert not trail.covers(motion(), Pose2(0.8, 0.0))


def test_nothing_is_known_after_a_new_beginning() -> None:
    trail = trail_along(*way(1.0, 0.0), length_m=5.0)
    trail.clear()
    assert not trail.covers(INCH, Pose2(0.0, 0.0))
    trail.note(Pose2(0.2, 0.0), 10.0)
    assert trail.covers(INCH, Pose2(0.2, 0.0))
    assert not trail.covers(INCH, Pose2(0.0, 0.0))


def test_nothing_is_known_where_it_is_off() -> None:
    assert not trail_along(*straight(), length_m=0.0).covers(INCH, HERE)
