"""No head is recognisable in the blurred picture, and privacy zones are black."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from tests.unit.perception.ray_world import Person, Watch, box
from tests.unit.perception.rover import CAMERA, INFO

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CameraInfo, CompressedImage, DepthImage
from patrol_perception.camera import BlurredCamera, Shot
from patrol_perception.params import CameraParams
from patrol_perception.people import PersonDetector
from patrol_perception.privacy.blur import blur_boxes
from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.view import Box, Image, View, camera_mount

BASE = Pose2(4.0, 6.0, 0.0)
MOUNT = camera_mount(CAMERA)
HEAD_M = (1.5, 1.75)


class BlindDetector:
    """Works, and sees nobody."""

    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        return []


class BrokenDetector:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        raise self.error


def noisy_picture() -> Image:
    """Detail everywhere, so that lost detail shows."""
    rng = np.random.default_rng(1000)
    return rng.integers(0, 256, (INFO.height_px, INFO.width_px, 3), dtype=np.uint8)


def shot(stamp_s: float, base: Pose2 | None = BASE, depth: DepthImage | None = None) -> Shot:
    quality = [cv2.IMWRITE_JPEG_QUALITY, 95]
    data = cv2.imencode(".jpg", noisy_picture(), quality)[1].tobytes()
    return Shot(CompressedImage(stamp_s, INFO.frame_id, "jpeg", data), base, INFO, depth)


def camera(
    zones: tuple[tuple[tuple[float, float], ...], ...] = (),
    detector: PersonDetector | None = None,
) -> BlurredCamera:
    blurred = BlurredCamera(CameraParams(), PrivacyParams(), MOUNT, detector or BlindDetector())
    blurred.private_m = zones
    return blurred


def detail(image: Image, part: Box) -> float:
    """Variance of the Laplacian: what faces are recognised by."""
    cut = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[part.top : part.bottom, part.left : part.right]
    return float(cv2.Laplacian(cut, cv2.CV_64F).var())


def taken(blurred: CompressedImage | None) -> Image:
    assert blurred is not None
    image = cv2.imdecode(np.frombuffer(blurred.data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)


def head_box(x_m: float, y_m: float, base: Pose2 = BASE) -> Box:
    """Where a head of 0.24 m over a ground point is in the picture."""
    view = View(0.0, INFO, MOUNT, base)
    side = 0.12
    corners: FloatArray = np.array(
        [(x_m, y_m + dy, z) for dy in (-side, side) for z in HEAD_M], dtype=np.float64
    )
    low, high = (f(view.pixels(view.to_optical(corners)), axis=0) for f in (np.min, np.max))
    found = view.clip(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    assert found is not None
    return found


@pytest.mark.parametrize("scans", [1, 2, 25])
@pytest.mark.parametrize(("ahead_m", "left_m"), [(3.4, 1.0), (5.0, -2.0), (9.0, 3.0)])
def test_the_head_of_a_person_is_gone_from_the_first_scan_on(
    scans: int, ahead_m: float, left_m: float
) -> None:
    x, y = BASE.x_m + ahead_m, BASE.y_m + left_m
    watch = Watch(people=[Person([(0.0, x, y), (90.0, x, y)])])
    watch.drive(BASE, 0.0, scans / 10.0)
    blurred, frame = camera().take(shot(watch.now_s), watch.scene, watch.book)
    image = taken(blurred)
    assert detail(image, head_box(x, y)) < 0.02 * detail(noisy_picture(), head_box(x, y))
    assert frame is not None
    assert detail(image, Box(0, 400, 100, 480)) > 0.5 * detail(
        noisy_picture(), Box(0, 400, 100, 480)
    )


def test_a_walking_person_is_blurred_where_it_has_got_to() -> None:
    watch = Watch(people=[Person([(0.0, 9.0, 3.0), (4.0, 9.0, 9.0)])])
    watch.drive(BASE, 0.0, 2.0)
    later_s = watch.now_s + 0.15
    blurred, _ = camera().take(shot(later_s), watch.scene, watch.book)
    head = head_box(9.0, 3.0 + 1.5 * later_s)
    assert detail(taken(blurred), head) < 0.02 * detail(noisy_picture(), head)


def test_a_head_over_a_low_wall_is_seen_by_the_depth_camera() -> None:
    wall = box(8.0, 6.0, 0.2, 6.0)
    watch = Watch(mapped=[wall])
    watch.drive(BASE, 0.0, 0.5)
    head = head_box(9.0, 6.5)
    depth = np.full((INFO.height_px, INFO.width_px), np.nan, np.float32)
    depth[head.top : head.bottom, head.left : head.right] = 9.0 - BASE.x_m - 0.4
    picture = shot(watch.now_s, depth=DepthImage(watch.now_s, INFO.frame_id, depth))
    blurred, _ = camera().take(picture, watch.scene, watch.book)
    assert detail(taken(blurred), head) < 0.02 * detail(noisy_picture(), head)


def test_a_found_bag_stays_sharp() -> None:
    watch = Watch([box(9.0, 6.5, 0.6, 0.5)])
    watch.drive(Pose2(5.0, 6.0, 0.0), 0.5, 4.0)
    assert watch.findings()
    base = Pose2(5.0 + 0.5 * 3.9, 6.0, 0.0)
    blurred, frame = camera().take(shot(watch.now_s, base), watch.scene, watch.book)
    view = View(0.0, INFO, MOUNT, base)
    bag = view.column_box(np.array([[9.0, 6.4], [9.0, 6.6]]), 0.4, 0.0)
    assert bag is not None and frame is not None
    assert detail(taken(blurred), bag) > 0.5 * detail(noisy_picture(), bag)


@pytest.mark.parametrize(
    ("late_s", "base", "detector"),
    [
        (0.6, BASE, BlindDetector()),
        (0.0, None, BlindDetector()),
        (0.0, BASE, BrokenDetector(cv2.error("no memory"))),
        (0.0, BASE, BrokenDetector(RuntimeError("killed"))),
    ],
    ids=["tracks are old", "pose unknown", "detector fails", "detector fails otherwise"],
)
def test_in_doubt_the_whole_picture_is_blurred(
    late_s: float, base: Pose2 | None, detector: PersonDetector
) -> None:
    watch = Watch()
    watch.drive(BASE, 0.0, 0.5)
    picture = shot(watch.now_s + late_s, base)
    blurred, frame = camera(detector=detector).take(picture, watch.scene, watch.book)
    everywhere = Box(0, 0, INFO.width_px, INFO.height_px)
    assert frame is None
    assert detail(taken(blurred), everywhere) < 0.01 * detail(noisy_picture(), everywhere)


def test_without_a_map_the_whole_picture_is_blurred_and_keeps_its_stamp() -> None:
    watch = Watch()
    picture = shot(3.25)
    blurred, frame = camera().take(picture, None, watch.book)
    assert blurred is not None and frame is None
    assert (blurred.stamp_s, blurred.frame_id) == (3.25, INFO.frame_id)
    everywhere = Box(0, 0, INFO.width_px, INFO.height_px)
    assert detail(taken(blurred), everywhere) < 0.01 * detail(noisy_picture(), everywhere)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8 no picture"])
def test_what_cannot_be_read_is_not_passed_on(data: bytes) -> None:
    watch = Watch()
    raw = CompressedImage(0.0, INFO.frame_id, "jpeg", data)
    assert camera().take(Shot(raw, BASE, INFO, None), watch.scene, watch.book) == (None, None)


def test_a_privacy_zone_is_black_and_nothing_else_is() -> None:
    zone = ((9.0, 6.5), (11.0, 6.5), (11.0, 9.0), (9.0, 9.0))
    watch = Watch()
    watch.drive(BASE, 0.0, 0.5)
    image = taken(camera((zone,)).take(shot(watch.now_s), watch.scene, watch.book)[0])
    view = View(0.0, INFO, MOUNT, BASE)
    rng = np.random.default_rng(1001)
    inside = rng.uniform((9.1, 6.6, 0.1), (10.9, 8.9, 3.9), (200, 3))
    pixels = np.round(view.pixels(view.to_optical(inside))).astype(int)
    seen = pixels[(pixels >= 4).all(axis=1) & (pixels < (636, 476)).all(axis=1)]
    assert len(seen) > 50
    assert image[seen[:, 1], seen[:, 0]].max() < 25
    assert image[:, 380:].mean() > 100


def test_all_is_black_from_inside_a_privacy_zone() -> None:
    zone = ((2.0, 4.0), (9.0, 4.0), (9.0, 9.0), (2.0, 9.0))
    watch = Watch()
    watch.drive(BASE, 0.0, 0.5)
    image = taken(camera((zone,)).take(shot(watch.now_s), watch.scene, watch.book)[0])
    assert image.max() == 0


def test_a_zone_beside_and_behind_the_camera_does_not_smear_over_the_picture() -> None:
    zone = ((0.0, 8.0), (8.0, 8.0), (8.0, 10.0), (0.0, 10.0))
    watch = Watch()
    watch.drive(BASE, 0.0, 0.5)
    image = taken(camera((zone,)).take(shot(watch.now_s), watch.scene, watch.book)[0])
    assert image[:, 400:].mean() > 100
    assert image[160:200, :100].max() < 25


def test_only_a_few_means_survive_a_blur() -> None:
    rng = np.random.default_rng(1002)
    image = rng.integers(0, 256, (90, 90, 3), dtype=np.uint8)
    shuffled = image.copy()
    for top in range(0, 90, 30):
        for left in range(0, 90, 30):
            part = shuffled[top : top + 30, left : left + 30].reshape(-1, 3)
            shuffled[top : top + 30, left : left + 30] = rng.permutation(part).reshape(30, 30, 3)
    for picture in (image, shuffled):
        blur_boxes(picture, [Box(0, 0, 90, 90)])
    assert np.abs(image.astype(int) - shuffled.astype(int)).max() <= 1


def test_projection_agrees_with_the_pinhole_by_hand() -> None:
    info = CameraInfo(0.0, "c", 640, 480, 300.0, 300.0, 320.0, 240.0)
    level = np.array([[0, 0, 1, 0.4], [-1, 0, 0, 0], [0, -1, 0, 0.5], [0, 0, 0, 1]], float)
    view = View(0.0, info, level, Pose2(1.0, 2.0, math.pi / 2.0))
    pixels = view.pixels(view.to_optical(np.array([[0.0, 5.4, 1.5]])))
    assert pixels[0] == pytest.approx([320.0 - 300.0 / 3.0, 240.0 - 300.0 / 3.0])
