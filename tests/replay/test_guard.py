"""What is left before a robot that stands is told, in drawn pictures; not of one that moves."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from patrol_core.geometry import Pose2
from patrol_core.params import make_params
from patrol_core.types.sensors import CompressedImage
from patrol_perception.watching.guard import Guard
from patrol_perception.watching.left_objects import LeftKind, LeftObject
from patrol_perception.watching.params import GuardParams

RATE_HZ = 5.0
STAND = Pose2(4.0, 2.0, 0.3)
FRAME = "camera_optical_frame"
GROUND = np.kron(np.random.default_rng(5).integers(90, 150, (15, 20, 3)), np.ones((16, 16, 1)))


@cache
def pictured(now_s: float) -> CompressedImage:
    """Somebody comes at 4 s, sets a bag down at 6 s, goes at 8 s; 640 x 480."""
    shown = GROUND.copy()
    if now_s > 6.0:
        shown[180:200, 150:175] = (30, 40, 160)
    if 4.0 < now_s < 8.0:
        left = round(60.0 * (now_s - 4.0)) + round(3.0 * math.sin(4.0 * now_s)) + 20
        shown[80:200, left : left + 34] = (60, 50, 40)
    grown = np.kron(shown, np.ones((2, 2, 1))).astype(np.uint8)
    return CompressedImage(now_s, FRAME, "jpeg", cv2.imencode(".jpg", grown)[1].tobytes())


def watch(
    pose_at: Callable[[float], Pose2 | None], seconds: float, **params: object
) -> list[LeftObject]:
    guard = Guard(make_params(GuardParams, params), RATE_HZ)  # type: ignore[arg-type]
    found = []
    for number in range(round(seconds * RATE_HZ)):
        now_s = number / RATE_HZ
        found += guard.step(pictured(now_s), pose_at(now_s))
    return found


def test_a_standing_robot_tells_what_is_left_in_pixels_of_the_whole_picture() -> None:
    (one,) = watch(lambda _: STAND, 14.0)
    assert one.kind is LeftKind.LEFT and one.since_s == pytest.approx(6.2, abs=1.2)
    x, y, width, height = one.box
    assert x == pytest.approx(300, abs=16) and y == pytest.approx(360, abs=16)
    assert width == pytest.approx(50, abs=20) and height == pytest.approx(40, abs=16)


@pytest.mark.parametrize(
    "pose_at",
    [
        lambda t: Pose2(4.0 + 0.1 * t, 2.0, 0.3),
        lambda t: Pose2(4.0, 2.0, 0.02 * t),
        lambda t: STAND if t < 7.0 else Pose2(5.0, 2.0, 0.3),
        lambda t: None,
    ],
)
def test_a_robot_that_moved_or_knows_not_where_it_is_tells_nothing(
    pose_at: Callable[[float], Pose2 | None],
) -> None:
    assert watch(pose_at, 13.0) == []


def test_it_can_be_switched_off() -> None:
    assert watch(lambda _: STAND, 13.0, enabled=False) == []


def test_pictures_that_cannot_be_read_are_left_out() -> None:
    guard = Guard(GuardParams(), RATE_HZ)
    for number, data in enumerate((b"", b"no picture", b"") * 5):
        raw = CompressedImage(number / RATE_HZ, FRAME, "jpeg", data)
        assert guard.step(raw, STAND) == []
    assert not guard.is_watching
