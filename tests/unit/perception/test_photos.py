"""Where a finding is in the picture."""

from __future__ import annotations

import pytest
from tests.unit.perception.rover import CAMERA, INFO

from patrol_core.geometry import Pose2
from patrol_core.types.perception import Finding, FindingKind
from patrol_perception.params import CameraParams
from patrol_perception.photos import Frame, PhotoChooser, finding_box
from patrol_perception.view import Box, View, camera_mount


def finding(kind: FindingKind, x_m: float, y_m: float, length_m: float) -> Finding:
    return Finding(
        "f", 1, 0.0, kind, x_m, y_m, length_m, 2.4, 1.0, 0.0, "stands on free ground", ()
    )


def view() -> View:
    return View(0.0, INFO, camera_mount(CAMERA), Pose2(0.0, 0.0, 0.0))


@pytest.mark.parametrize("length_m", [2.4, 5.2, 12.2])
def test_of_a_large_thing_close_by_the_picture_shows_the_middle(length_m: float) -> None:
    box, distance = finding_box(view(), finding(FindingKind.OBSTRUCTION, 6.6, 0.0, length_m))
    assert box is not None
    assert box.left < INFO.width_px / 2.0 < box.right
    assert distance == pytest.approx(6.6, abs=0.6)


@pytest.mark.parametrize("place", [(6.6, 6.0), (-4.0, 0.0), (0.4, 0.0)])
def test_what_is_beside_or_behind_the_robot_is_in_no_picture(place: tuple[float, float]) -> None:
    box, _ = finding_box(view(), finding(FindingKind.OBSTRUCTION, *place, 12.2))
    assert box is None


def test_an_object_must_be_wholly_in_the_picture() -> None:
    seen, _ = finding_box(view(), finding(FindingKind.OBJECT, 4.0, 0.0, 0.6))
    cut, _ = finding_box(view(), finding(FindingKind.OBJECT, 4.0, 2.9, 0.6))
    assert seen is not None
    assert cut is None


def score(kind: FindingKind, hidden: tuple[Box, ...]) -> float:
    """Of a picture of a thing 4 m ahead, with parts of the picture blurred."""
    frame = Frame(b"", view(), hidden, None)
    return PhotoChooser(CameraParams()).score(frame, finding(kind, 4.0, 0.0, 1.2))


def test_a_large_thing_half_hidden_by_a_blur_is_better_than_none_and_worse_than_whole() -> None:
    box, _ = finding_box(view(), finding(FindingKind.OBSTRUCTION, 4.0, 0.0, 1.2))
    assert box is not None
    top_half = (Box(0, 0, INFO.width_px, (box.top + box.bottom) // 2),)
    whole = score(FindingKind.OBSTRUCTION, ())
    assert 0.0 < score(FindingKind.OBSTRUCTION, top_half) < whole
    assert score(FindingKind.OBSTRUCTION, (Box(0, 0, INFO.width_px, INFO.height_px),)) == 0.0


def test_an_object_half_hidden_by_a_blur_gets_no_picture() -> None:
    left_half = (Box(0, 0, INFO.width_px // 2, INFO.height_px),)
    assert score(FindingKind.OBJECT, ()) > 0.3
    assert score(FindingKind.OBJECT, left_half) == 0.0
