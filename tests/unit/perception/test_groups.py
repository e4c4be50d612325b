"""Wheels and legs are parts of one thing; separate things stay separate."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.perception.ray_world import Watch, box

from patrol_core.geometry import Pose2
from patrol_core.types.perception import FindingKind
from patrol_perception.groups import groups_of, stand_together
from patrol_perception.outline import Outline, outline_of


def wheel(x_m: float, y_m: float, yaw_rad: float = 0.0) -> Outline:
    return Outline(x_m, y_m, 0.7, 0.2, yaw_rad)


def test_four_wheels_are_one_group() -> None:
    wheels = [wheel(x, y) for x in (0.0, 3.2) for y in (0.0, 1.8)]
    assert groups_of([*wheels, wheel(0.0, 9.0)]) == [[0, 1, 2, 3]]


@pytest.mark.parametrize(
    "other",
    [wheel(1.0, 0.0), wheel(3.0, 1.2), wheel(0.0, 4.0), wheel(3.0, 0.0, 0.6),
     Outline(3.0, 0.0, 2.5, 0.2, 0.0)],
    ids=["too near", "aslant", "too far beside", "not parallel", "too large"],
)  # fmt: skip
def test_what_does_not_stand_as_wheels_do_stays_separate(other: Outline) -> None:
    assert not stand_together(wheel(0.0, 0.0), other)


def test_two_compact_things_are_two_things() -> None:
    assert not stand_together(Outline(0, 0, 0.4, 0.35, 0), Outline(3, 0, 0.4, 0.35, 0))


def test_a_corner_gets_the_rectangle_it_belongs_to() -> None:
    near = np.linspace(0.0, 1.0, 12)
    corner = np.concatenate(
        (np.column_stack((near, np.zeros(12))), np.column_stack((np.zeros(12), near * 0.8)))
    )
    turn = np.array([[np.cos(0.5), np.sin(0.5)], [-np.sin(0.5), np.cos(0.5)]])
    outline = outline_of(corner @ turn)
    assert outline.length_m == pytest.approx(1.0, abs=0.05)
    assert outline.width_m == pytest.approx(0.8, abs=0.05)
    middle = np.array([0.5, 0.4]) @ turn
    assert (outline.x_m, outline.y_m) == pytest.approx(middle.tolist(), abs=0.05)


def test_a_van_of_which_only_the_wheels_are_seen_ends_as_one_obstruction() -> None:
    wheels = [box(10.0 + x, 5.0 + y, 0.75, 0.2) for x in (-1.6, 1.6) for y in (-0.9, 0.9)]
    watch = Watch(wheels)
    watch.drive(Pose2(4.0, 2.0, 0.0), 1.5, 6.5)
    (finding,) = watch.findings()
    assert finding.kind is FindingKind.OBSTRUCTION
    assert finding.length_m > 3.0
