"""What a blur leaves of a head: a few means, whatever overlaps what, and no note in the file."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.unit.perception.ray_world import Watch
from tests.unit.perception.test_privacy import BASE, camera, noisy_picture, shot

from patrol_perception.privacy.blur import blur_all, blur_boxes
from patrol_perception.view import Box, Image

BACKDROP = noisy_picture()[:240, :320]
PERSON = Box(120, 40, 200, 232)
ROUNDING = 1.0
"""Grey values that a stored picture rounds a mean by."""


def blurred_with(head: Image, at: Box, boxes: list[Box]) -> Image:
    picture = BACKDROP.copy()
    picture[at.top : at.bottom, at.left : at.right] = head
    blur_boxes(picture, boxes)
    return picture


def numbers_left(at: Box, boxes: list[Box]) -> int:
    """Of how many independent numbers of a head what is drawn of it consists, per colour."""
    rng = np.random.default_rng(1000)
    shape = (at.bottom - at.top, at.right - at.left, 3)
    drawn = []
    for _ in range(40):
        coarse = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        head = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST)
        picture = blurred_with(np.asarray(head, np.uint8), at, boxes)
        drawn.append(picture[40:232:2, 110:270:2, 1].astype(np.float64).ravel())
    spread = np.asarray(drawn) - np.mean(drawn, axis=0)
    strength = np.linalg.svd(spread, compute_uv=False)
    return int((strength > 6.0 * ROUNDING * np.sqrt(spread.shape[1] / 12.0)).sum())


@pytest.mark.parametrize(
    ("head", "boxes"),
    [
        (Box(140, 48, 180, 92), [PERSON]),
        (Box(143, 51, 183, 95), [PERSON]),
        (Box(120, 40, 200, 120), [Box(120, 40, 200, 120)]),
        (Box(150, 60, 162, 74), [Box(146, 50, 166, 100)]),
        (Box(140, 48, 180, 92), [PERSON, Box(150, 60, 260, 232)]),
        (Box(140, 48, 180, 92), [Box(120, 40, 161, 130), Box(159, 40, 200, 130)]),
    ],
    ids=["of a person", "off the grid", "a head alone", "small", "two overlap", "halves"],
)
def test_of_a_head_three_by_three_means_at_most_are_left(head: Box, boxes: list[Box]) -> None:
    assert 1 <= numbers_left(head, boxes) <= 9


def test_an_unblurred_head_would_be_noticed() -> None:
    assert numbers_left(Box(140, 48, 180, 92), [Box(0, 0, 10, 10)]) > 30


def test_heads_whose_means_agree_cannot_be_told_apart() -> None:
    rng, at = np.random.default_rng(1001), Box(120, 40, 210, 130)
    head = rng.integers(0, 256, (90, 90, 3), dtype=np.uint8)
    other = head.copy()
    for top in range(0, 90, 30):
        for left in range(0, 90, 30):
            part = other[top : top + 30, left : left + 30].reshape(-1, 3)
            other[top : top + 30, left : left + 30] = rng.permutation(part).reshape(30, 30, 3)
    first, second = (blurred_with(picture, at, [at]) for picture in (head, other))
    assert np.abs(head.astype(int) - other).mean() > 50
    assert np.abs(first.astype(int) - second).max() <= 1


def test_what_is_not_in_a_box_stays_as_it_was() -> None:
    picture = BACKDROP.copy()
    boxes = [PERSON, Box(150, 60, 260, 200)]
    blur_boxes(picture, boxes)
    outside = np.ones(picture.shape[:2], bool)
    for box in boxes:
        outside[box.top : box.bottom, box.left : box.right] = False
    assert np.array_equal(picture[outside], BACKDROP[outside])
    assert not np.array_equal(picture[~outside], BACKDROP[~outside])


def test_blurring_all_leaves_one_mean_in_64_pixels() -> None:
    picture, other = BACKDROP.copy(), BACKDROP.copy()
    rng = np.random.default_rng(1002)
    part = other[:48, :64].reshape(-1, 3)
    other[:48, :64] = rng.permutation(part).reshape(48, 64, 3)
    blur_all(picture)
    blur_all(other)
    assert np.abs(picture[:24, :32].astype(int) - other[:24, :32]).max() <= 6
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1


def test_the_file_that_is_streamed_holds_a_picture_and_nothing_about_it() -> None:
    watch = Watch()
    watch.drive(BASE, 0.0, 0.5)
    blurred, _ = camera().take(shot(watch.now_s), watch.scene, watch.book)
    assert blurred is not None
    assert markers(blurred.data) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}, "JFIF, tables and the scan"


def markers(jpeg: bytes) -> set[int]:
    """Segments of a JPEG up to its scan (ITU-T T.81, B.1.1)."""
    found, place = set(), 2
    while place < len(jpeg):
        assert jpeg[place] == 0xFF
        found.add(jpeg[place + 1])
        if jpeg[place + 1] == 0xDA:
            break
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return found
