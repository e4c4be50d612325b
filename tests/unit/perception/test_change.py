"""A picture against reference views of the same place: what counts as a change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.perception.change_world import (
    BOX,
    HEIGHT,
    INFO,
    PLACE,
    WIDTH,
    Court,
    render,
    view_at,
)

from patrol_core.geometry import FloatArray, Pose2
from patrol_perception.change.alignment import align
from patrol_perception.change.comparison import compare
from patrol_perception.change.params import AlignParams, ChangeParams
from patrol_perception.change.regions import Region, find_regions
from patrol_perception.change.snapshot import Snapshot, make_snapshot

PARAMS = ChangeParams()
HERE, BESIDE = Pose2(0.1, 0.1, 0.03), Pose2(-0.1, -0.05, -0.02)
OFF, EXACT = Pose2(0.03, -0.02, 0.01), Pose2(0.0, 0.0)


def snapshot(court: Court, base: Pose2, off: Pose2 = EXACT, hide: slice | None = None) -> Snapshot:
    """Taken from `base`, believed to be `off` from there; columns `hide` are hidden."""
    picture, depth = render(court, base)
    hidden = np.zeros((HEIGHT, WIDTH), np.bool_)
    if hide is not None:
        hidden[:, hide] = True
    return make_snapshot(picture, depth, hidden, view_at(base.compose(off)))


def regions(picture: Snapshot, *references: Snapshot) -> list[Region]:
    difference = compare(picture, references, PARAMS)
    assert difference is not None
    return find_regions(difference, picture, PARAMS.places)


def test_without_a_reference_nothing_is_compared() -> None:
    assert compare(snapshot(Court(), HERE), (), PARAMS) is None


def test_alignment_takes_out_most_of_the_error_of_the_poses() -> None:
    picture, reference = snapshot(Court(), HERE, OFF), snapshot(Court(light=90.0), BESIDE)
    truth = np.linalg.inv(view_at(BESIDE).to_map) @ view_at(HERE).to_map
    believed = np.linalg.inv(reference.view.to_map) @ picture.view.to_map
    found = align(picture, reference, AlignParams())

    def off_px(motion: FloatArray) -> float:
        points = np.array([[x, y, z] for x in (-1, 0, 1) for y in (0, 0.4) for z in (2, 4)])
        homogeneous = np.column_stack((points, np.ones(len(points))))
        there, right = ((homogeneous @ m[:3].T) for m in (motion, truth))
        apart = there[:, :2] / there[:, 2:] - right[:, :2] / right[:, 2:]
        return float(np.hypot(*apart.T).max() * INFO.fx_px)

    assert off_px(believed) > 1.0
    assert off_px(found) < 0.35 * off_px(believed)


@pytest.mark.parametrize("light", [180.0, 60.0])
def test_the_same_place_in_another_light_and_shadow_is_no_change(light: float) -> None:
    shaded = Court(light=light, shadow=(1.5, -0.3, 3.5, 1.2))
    assert regions(snapshot(shaded, HERE, OFF), snapshot(Court(), BESIDE)) == []


def test_something_new_is_found_where_it_stands() -> None:
    (region,) = regions(snapshot(Court(box=BOX), HERE, OFF), snapshot(Court(), BESIDE))
    assert math.dist((region.outline.x_m, region.outline.y_m), PLACE) < 0.3
    assert region.nearer_m > 0.2
    assert 0.1 < region.z_m < 0.6


def test_something_gone_is_found_where_it_stood() -> None:
    (region,) = regions(snapshot(Court(), HERE, OFF), snapshot(Court(box=BOX), BESIDE))
    assert math.dist((region.outline.x_m, region.outline.y_m), PLACE) < 0.3
    assert region.nearer_m < -0.2


def test_something_flat_is_found_by_its_colour() -> None:
    sheet = Court(sheet=(2.0, -0.3, 2.6, 0.3))
    (region,) = regions(snapshot(sheet, HERE, OFF), snapshot(Court(), BESIDE))
    assert math.dist((region.outline.x_m, region.outline.y_m), (2.3, 0.0)) < 0.25
    assert region.nearer_m == 0.0


def test_what_stood_there_before_is_no_change() -> None:
    court = Court(box=BOX)
    assert regions(snapshot(court, HERE, OFF), snapshot(court, BESIDE)) == []


def test_a_change_differs_from_every_reference() -> None:
    with_box, without = snapshot(Court(box=BOX), BESIDE), snapshot(Court(), BESIDE)
    assert regions(snapshot(Court(box=BOX), HERE), without, with_box) == []


@pytest.mark.parametrize("whose", ["picture", "reference"])
def test_what_is_hidden_is_never_compared(whose: str) -> None:
    middle = slice(WIDTH // 4, 3 * WIDTH // 4)
    picture = snapshot(Court(box=BOX), HERE, hide=middle if whose == "picture" else None)
    reference = snapshot(Court(), BESIDE, hide=middle if whose == "reference" else None)
    assert regions(picture, reference) == []
    gone = snapshot(Court(), BESIDE, hide=middle if whose == "picture" else None)
    hidden = snapshot(Court(box=BOX), HERE, hide=middle if whose == "reference" else None)
    assert regions(gone, hidden) == []


def test_the_same_pictures_give_the_same_score() -> None:
    picture, reference = snapshot(Court(box=BOX), HERE, OFF), snapshot(Court(), BESIDE)
    first, second = (compare(picture, [reference], PARAMS) for _ in range(2))
    assert first is not None and second is not None
    np.testing.assert_array_equal(first.score, second.score)
