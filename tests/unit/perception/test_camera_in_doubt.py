"""What the camera hides where a source is missing: detector, pose, depth, the place of zones."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.unit.perception.ray_world import Person, Watch
from tests.unit.perception.rover import INFO
from tests.unit.perception.test_privacy import (
    BASE,
    MOUNT,
    BrokenDetector,
    camera,
    detail,
    head_box,
    noisy_picture,
    shot,
    taken,
)

from patrol_core.types.sensors import CompressedImage, DepthImage
from patrol_perception.camera import BlurredCamera, Shot
from patrol_perception.params import CameraParams
from patrol_perception.photos import DEPTH_STEP_PX
from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.view import Box, Image

ZONE = ((9.0, 6.5), (11.0, 6.5), (11.0, 9.0), (9.0, 9.0))
EVERYWHERE = Box(0, 0, INFO.width_px, INFO.height_px)
ELSEWHERE = Box(440, 300, 640, 480)


def encoded(image: Image, stamp_s: float) -> CompressedImage:
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    return CompressedImage(stamp_s, INFO.frame_id, "jpeg", data)


def with_head(part: Box) -> Image:
    """The picture with somebody whom no lidar and no detector sees."""
    image = noisy_picture()
    v, u = np.indices((part.bottom - part.top, part.right - part.left))
    squares = ((u // 6 + v // 6) % 2 * 255).astype(np.uint8)
    image[part.top : part.bottom, part.left : part.right] = squares[..., None]
    return image


def lidar() -> Watch:
    watch = Watch()
    watch.drive(BASE, 0.0, 0.5)
    return watch


def blurred_away(image: Image, part: Box) -> bool:
    return detail(image, part) < 0.02 * detail(noisy_picture(), part)


@pytest.mark.parametrize("error", [None, cv2.error("no memory"), RuntimeError("killed")])
def test_without_a_detector_what_moves_is_blurred_and_the_rest_is_shown(
    error: Exception | None,
) -> None:
    detector = None if error is None else BrokenDetector(error)
    one = BlurredCamera(CameraParams(), PrivacyParams(), MOUNT, detector)
    watch = lidar()
    first, frame = one.take(shot(watch.now_s), watch.scene, watch.book)
    assert blurred_away(taken(first), EVERYWHERE) and frame is None, "nothing to compare with yet"
    head = Box(300, 120, 330, 160)
    raw = encoded(with_head(head), watch.now_s + 0.2)
    second, frame = one.take(replace(shot(0.0), raw=raw), watch.scene, watch.book)
    assert blurred_away(taken(second), head)
    assert frame is not None
    assert detail(taken(second), ELSEWHERE) > 0.5 * detail(noisy_picture(), ELSEWHERE)


def test_a_detector_that_fails_is_named_until_it_works_again() -> None:
    detector = BrokenDetector(RuntimeError("killed"))
    one, watch = camera(detector=detector), lidar()
    one.take(shot(watch.now_s), watch.scene, watch.book)
    assert one.problem == "RuntimeError: killed"
    detector.find = lambda image: []  # type: ignore[method-assign]
    one.take(shot(watch.now_s), watch.scene, watch.book)
    assert one.problem == ""


@pytest.mark.parametrize("still", [True, False])
def test_where_the_camera_is_not_known_and_zones_are_in_force_all_is_black(still: bool) -> None:
    one, watch = camera((ZONE,)), lidar()
    for _ in range(20):
        unplaced = replace(shot(watch.now_s, base=None), still=still)
        blurred, frame = one.take(unplaced, watch.scene, watch.book)
        assert taken(blurred).max() == 0 and frame is None


def test_a_standing_camera_shows_what_it_has_seen_for_long_and_hides_who_comes() -> None:
    one, watch, head = camera(), lidar(), Box(300, 120, 330, 160)
    for number in range(16):
        raw = encoded(noisy_picture(), 0.2 * number)
        blurred, _ = one.take(Shot(raw, None, None, None, still=number > 0), None, watch.book)
    assert detail(taken(blurred), EVERYWHERE) > 0.5 * detail(noisy_picture(), EVERYWHERE)
    raw = encoded(with_head(head), 3.2)
    blurred, frame = one.take(Shot(raw, None, None, None, still=True), None, watch.book)
    assert blurred_away(taken(blurred), head) and frame is None
    assert detail(taken(blurred), ELSEWHERE) > 0.5 * detail(noisy_picture(), ELSEWHERE)
    moved, _ = one.take(Shot(raw, None, None, None), None, watch.book)
    assert blurred_away(taken(moved), EVERYWHERE)


def test_the_depth_kept_for_photos_knows_nothing_of_zones() -> None:
    watch = lidar()
    depth = np.full((INFO.height_px, INFO.width_px), 6.0, np.float32)
    picture = shot(watch.now_s, depth=DepthImage(watch.now_s, INFO.frame_id, depth))
    blurred, frame = camera((ZONE,)).take(picture, watch.scene, watch.book)
    assert frame is not None and frame.depth_m is not None
    half = DEPTH_STEP_PX // 2
    black = taken(blurred)[half::DEPTH_STEP_PX, half::DEPTH_STEP_PX].max(axis=2) == 0
    assert 0 < np.isnan(frame.depth_m).sum() < frame.depth_m.size
    assert np.isnan(frame.depth_m)[black].all()


def test_people_beside_a_zone_are_blurred() -> None:
    x, y = ZONE[0][0] - 0.6, ZONE[0][1]
    watch = Watch(people=[Person([(0.0, x, y), (90.0, x, y)])])
    watch.drive(BASE, 0.0, 1.0)
    blurred, _ = camera((ZONE,)).take(shot(watch.now_s), watch.scene, watch.book)
    assert blurred_away(taken(blurred), head_box(x, y))
