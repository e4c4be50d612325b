"""Who lies is told from things and from who stands by what depth shows of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.unit.perception.behaviour_play import LOITERING, LYING, Play, still, walk

from patrol_core.geometry import FloatArray
from patrol_core.site.behaviour import Rule
from patrol_core.types.perception import TrackKind
from patrol_perception.behaviour.bodies import Body, body_at


def block(
    x_m: float, y_m: float, size_m: tuple[float, float, float], yaw_rad: float = 0.0
) -> FloatArray:
    """Points on a solid that stands on the ground."""
    length, width, height = size_m
    grid = np.stack(np.meshgrid(
        np.arange(-length / 2.0, length / 2.0, 0.1), np.arange(-width / 2.0, width / 2.0, 0.1),
        np.arange(0.1, height + 0.01, 0.1),
    ), axis=-1).reshape(-1, 3)  # fmt: skip
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    turned = grid[:, :2] @ np.array([[cos, sin], [-sin, cos]]) + (x_m, y_m)
    return np.column_stack((turned, grid[:, 2]))


def seen(points_m: FloatArray, x_m: float = 0.0, y_m: float = 0.0) -> Body | None:
    return body_at(points_m, x_m, y_m, 1.0, 0.09, 0.6)


@pytest.mark.parametrize("yaw_rad", [0.0, 0.7, 1.5, 2.6])
def test_a_body_is_measured_whichever_way_it_lies(yaw_rad: float) -> None:
    body = seen(block(0.0, 0.0, (1.7, 0.5, 0.25), yaw_rad))
    assert body is not None
    assert body.length_m == pytest.approx(1.7, abs=0.2)
    assert body.width_m == pytest.approx(0.5, abs=0.2)
    assert body.top_m < 0.3


def test_who_stands_is_tall_and_who_kneels_beside_one_who_lies_is_left_out() -> None:
    stands = seen(block(0.0, 0.0, (0.4, 0.3, 1.7)))
    assert stands is not None and stands.top_m > 1.5
    both = np.concatenate((block(0.0, 0.0, (1.7, 0.5, 0.25)), block(0.0, 0.8, (0.4, 0.3, 1.1))))
    lies = seen(both)
    assert lies is not None and lies.top_m < 0.3 and lies.length_m > 1.4


def test_nothing_is_made_of_a_few_points_or_of_what_lies_elsewhere() -> None:
    assert seen(np.zeros((0, 3))) is None
    assert seen(block(0.0, 0.0, (0.1, 0.1, 0.2))) is None
    assert seen(block(1.3, 0.0, (0.5, 0.5, 0.3))) is None


def run(size_m: tuple[float, float, float], walked: bool, *more: Rule) -> Play:
    play = Play(LYING, *more)
    kind = TrackKind.PERSON if more else TrackKind.MOVING
    if walked:
        play.run([walk(-4.0, 0.0, 1.0)], 4.0)
    for _ in range(14 if more else 8):
        play.run([still(0.0, 0.0)], 0.5, kind, (0.8, 0.3))
        assert play.watch.wants_depth(play.now_s)
        play.watch.see_depth(block(0.0, 0.0, size_m), (-2.0, 0.0), play.now_s, 0.09)
    return play


def test_how_sure_it_is_is_said() -> None:
    (fell,) = run((1.7, 0.5, 0.25), walked=True).said
    (found,) = run((1.7, 0.5, 0.25), walked=False).said
    assert fell.confidence > found.confidence > 0.5
    assert "probably somebody lies here" in fell.reason
    assert "may lie here" in found.reason and "it may be a thing" in found.reason


def test_that_who_lies_stays_is_no_news() -> None:
    soon = dataclasses.replace(LOITERING, for_s=6.0, radius_m=1.0)
    (told,) = run((1.7, 0.5, 0.25), True, soon).said
    assert told.reason.startswith("Lying")


def test_a_bench_is_nobody_who_lies_unless_somebody_walked_there() -> None:
    assert run((1.8, 0.4, 0.5), walked=False).said == []
    assert len(run((1.8, 0.4, 0.5), walked=True).said) == 1


@pytest.mark.parametrize(
    "size_m",
    [(0.5, 0.35, 0.4), (0.4, 0.3, 1.7), (3.6, 0.5, 0.4), (1.6, 1.4, 0.4), (1.7, 0.5, 0.9)],
)
@pytest.mark.parametrize("walked", [True, False])
def test_things_and_people_of_other_shapes_do_not_lie(
    size_m: tuple[float, float, float], walked: bool
) -> None:
    assert run(size_m, walked).said == []
