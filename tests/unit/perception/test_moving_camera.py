"""From a robot that moves: the world is where its motion lets expect it, and who moves is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.perception.rover import CAMERA
from tests.unit.perception.rover import INFO as WHOLE

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CameraInfo
from patrol_perception.privacy.moving import MovingCamera
from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.view import Box, Image, View, camera_mount

MOUNT = camera_mount(CAMERA)
INFO = CameraInfo(
    0.0, WHOLE.frame_id, WHOLE.width_px // 3, WHOLE.height_px // 3, WHOLE.fx_px / 3.0,
    WHOLE.fy_px / 3.0, WHOLE.cx_px / 3.0, WHOLE.cy_px / 3.0,
)  # fmt: skip
START = Pose2(2.0, 3.0, 0.4)
WALL_M = 9.0
"""East of the origin stands a wall, x = 9; the rest is ground."""


def texture(u: FloatArray, v: FloatArray) -> FloatArray:
    """Patches of grey on a surface, half a metre wide, with soft edges."""
    return np.asarray(128.0 + 60.0 * np.sin(7.0 * u) * np.sin(6.0 * v + 1.0))


def seen(
    base: Pose2, stamp_s: float, person_m: tuple[float, float] | None
) -> tuple[View, Image, FloatArray]:
    """View, picture and depth of the textured world, with a striped person or without."""
    view = View(stamp_s, INFO, MOUNT, base)
    v, u = np.indices((INFO.height_px, INFO.width_px), dtype=np.float64)
    rays = np.stack(
        ((u - INFO.cx_px) / INFO.fx_px, (v - INFO.cy_px) / INFO.fy_px, np.ones_like(u)), axis=-1
    )
    rays = rays @ view.to_map[:3, :3].T
    with np.errstate(divide="ignore"):
        ground = np.where(rays[..., 2] < 0, -view.position_m[2] / rays[..., 2], np.inf)
        wall = np.where(rays[..., 0] > 0, (WALL_M - view.position_m[0]) / rays[..., 0], np.inf)
    depth = np.minimum(np.minimum(ground, wall), 60.0)
    points = view.position_m + depth[..., None] * rays
    on_wall = wall < ground
    grey = texture(points[..., 1], np.where(on_wall, points[..., 2], points[..., 0]))
    if person_m is not None:
        ahead = (person_m[0] - view.position_m[0]) / np.where(
            rays[..., 0] > 0, rays[..., 0], np.nan
        )
        hit = view.position_m + ahead[..., None] * rays
        body = (np.abs(hit[..., 1] - person_m[1]) < 0.25) & (hit[..., 2] < 1.75)
        body &= (hit[..., 2] > 0.0) & (ahead < depth)
        grey = np.where(body, np.where(np.sin(25.0 * hit[..., 2]) > 0, 20.0, 235.0), grey)
        depth = np.where(body, ahead, depth)
    picture = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    return view, picture, depth


def hide(
    first: Pose2, second: Pose2, *, person: bool = False, with_depth: bool = True
) -> tuple[list[Box], View]:
    """What is hidden of the second of two pictures, 0.2 s apart; a person walks 0.3 m between."""
    camera = MovingCamera(PrivacyParams())
    view, picture, _ = seen(first, 1.0, (6.5, 4.0) if person else None)
    assert camera.hide(picture, view, None) is None
    view, picture, depth = seen(second, 1.2, (6.5, 4.3) if person else None)
    found = camera.hide(picture, view, depth.astype(np.float32) if with_depth else None)
    assert found is not None
    return found, view


def share(boxes: list[Box]) -> float:
    mask = np.zeros((INFO.height_px, INFO.width_px), bool)
    for box in boxes:
        mask[box.top : box.bottom, box.left : box.right] = True
    return float(mask.mean())


@pytest.mark.parametrize(
    "motion", [Pose2(0.0, 0.0), Pose2(0.16, 0.0), Pose2(0.1, 0.0, 0.06)],
    ids=["stands", "drives", "turns"],
)  # fmt: skip
def test_of_a_world_at_rest_only_what_is_new_in_the_picture_is_hidden(motion: Pose2) -> None:
    boxes, _ = hide(START, START.compose(motion))
    new = math.tan(abs(motion.yaw_rad)) * INFO.fx_px / INFO.width_px
    assert share(boxes) < 0.02 + 4.0 * new


@pytest.mark.parametrize("motion", [Pose2(0.0, 0.0), Pose2(0.16, 0.0), Pose2(0.1, 0.0, 0.06)])
@pytest.mark.parametrize("with_depth", [True, False])
def test_the_head_of_who_walks_is_hidden(motion: Pose2, with_depth: bool) -> None:
    boxes, view = hide(START, START.compose(motion), person=True, with_depth=with_depth)
    corners = view.pixels(
        view.to_optical(
            np.array([[6.5, 4.3 + dy, z] for dy in (-0.12, 0.12) for z in (1.5, 1.74)])
        )
    )
    head = view.clip(*np.min(corners, axis=0), *np.max(corners, axis=0))
    assert head is not None
    inside = np.zeros((INFO.height_px, INFO.width_px), bool)
    for box in boxes:
        inside[box.top : box.bottom, box.left : box.right] = True
    assert inside[head.top : head.bottom, head.left : head.right].all()


def test_pictures_too_far_apart_are_not_compared() -> None:
    camera = MovingCamera(PrivacyParams())
    for stamp_s in (1.0, 2.0, 2.0):
        view, picture, _ = seen(START, stamp_s, None)
        assert camera.hide(picture, view, None) is None
