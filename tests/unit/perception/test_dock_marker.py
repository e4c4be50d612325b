"""The dock's marker in pictures: drawn by projection, found again."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.unit.perception.rover import CAMERA, INFO

from patrol_core.geometry import Pose2, Transform3
from patrol_core.site.model import DockMarker
from patrol_core.types.sensors import CompressedImage
from patrol_perception.dock_marker import DICTIONARY, MarkerFinder
from patrol_perception.view import camera_mount

MARKER = DockMarker(7, 0.16, 0.6, 0.0, 0.55)
MOUNT = camera_mount(CAMERA)
PIXELS = 240


def picture(place: Pose2, marker_id: int = 7, height_m: float = 0.55) -> CompressedImage:
    """A marker on a grey wall; `place` in base_link, its x axis into the wall."""
    bits = cv2.aruco.generateImageMarker(
        cv2.aruco.getPredefinedDictionary(DICTIONARY), marker_id, PIXELS
    )
    half = MARKER.edge_m / 2.0
    corners = np.array([[0, half, half], [0, -half, half], [0, -half, -half], [0, half, -half]])
    on_wall = Transform3.from_pose2(place).matrix()
    on_wall[2, 3] = height_m
    in_optical = np.linalg.inv(MOUNT) @ on_wall @ np.column_stack((corners, np.ones(4))).T
    seen = in_optical[:3].T
    pixels = seen[:, :2] / seen[:, 2:] * INFO.fx_px + (INFO.cx_px, INFO.cy_px)
    board = cv2.copyMakeBorder(bits, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(255,))
    source = np.array([[40, 40], [280, 40], [280, 280], [40, 280]], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source, (pixels - 0.5).astype(np.float32))
    size = (INFO.width_px, INFO.height_px)
    image = np.full((size[1], size[0]), 120, np.uint8)
    drawn = cv2.warpPerspective(board, warp, size, flags=cv2.INTER_AREA)
    covered = cv2.warpPerspective(np.full_like(board, 255), warp, size) > 0
    image[covered] = drawn[covered]
    return CompressedImage(1.0, INFO.frame_id, "jpeg", cv2.imencode(".jpg", image)[1].tobytes())


PLACES = [Pose2(0.7, 0.0), Pose2(1.0, 0.1, 0.2), Pose2(1.6, -0.3, -0.3), Pose2(2.2, 0.2, 0.1)]


@pytest.mark.parametrize("place", PLACES)
def test_it_is_found_where_it_hangs(place: Pose2) -> None:
    seen = MarkerFinder(MOUNT).find(picture(place), INFO, MARKER)
    assert seen is not None
    away = math.hypot(place.x_m - CAMERA.xyz_m[0], place.y_m)
    off = seen.relative_to(place)
    assert math.hypot(off.x_m, off.y_m) < 0.006 + 0.015 * away**2
    assert abs(off.yaw_rad) < math.radians(3.0 + 5.0 * away**2)


def test_another_marker_or_a_wrong_height_is_not_taken() -> None:
    finder = MarkerFinder(MOUNT)
    assert finder.find(picture(PLACES[1], marker_id=8), INFO, MARKER) is None
    assert finder.find(picture(PLACES[1], height_m=0.8), INFO, MARKER) is None
    assert finder.find(picture(Pose2(6.0, 0.0)), INFO, MARKER) is None


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut off"])
def test_what_is_no_picture_shows_no_marker(data: bytes) -> None:
    raw = CompressedImage(1.0, INFO.frame_id, "jpeg", data)
    assert MarkerFinder(MOUNT).find(raw, INFO, MARKER) is None


def test_a_picture_of_another_size_than_the_camera_says_is_refused() -> None:
    small = replace(INFO, width_px=320, height_px=240)
    assert MarkerFinder(MOUNT).find(picture(PLACES[0]), small, MARKER) is None
