"""Things on a wall two metres before the shipped camera, painted and spoilt."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt
from tests.unit.perception.rover import CAMERA, INFO

from patrol_core.geometry import Pose2
from patrol_core.site.checks import Place
from patrol_perception.inspection.shot import Shot, plane_to_image
from patrol_perception.view import Image, View, camera_mount

PLACE = Place(2.0, 0.1, 0.7, math.pi)
"""On a wall that faces the robot, which stands at the origin and looks along x."""
UNIT_PX = 400
"""Pixels a metre of what is painted."""


def view(stamp_s: float = 0.0, base: Pose2 | None = None) -> View:
    return View(stamp_s, INFO, camera_mount(CAMERA), base or Pose2(0.0, 0.0))


def wall(grey: float = 120.0) -> Image:
    return np.full((INFO.height_px, INFO.width_px, 3), grey, np.uint8)


def paint(
    picture: Image, sheet: npt.NDArray[np.uint8], width_m: float, place: Place = PLACE,
    seen: View | None = None,
) -> Image:  # fmt: skip
    """A square sheet (N, N, 3) of a width, its middle at a place, laid onto a picture."""
    to_image = plane_to_image(seen or view(), place, 1.0)
    assert to_image is not None
    half = sheet.shape[0] / 2.0
    scale = width_m / sheet.shape[0]
    sheet_in_plane = np.array(
        [[scale, 0.0, -half * scale], [0.0, -scale, half * scale], [0, 0, 1]]
    )
    warp = to_image @ sheet_in_plane
    size = (picture.shape[1], picture.shape[0])
    top = cv2.warpPerspective(sheet, warp, size, flags=cv2.INTER_AREA)
    covers = cv2.warpPerspective(np.full(sheet.shape[:2], 255, np.uint8), warp, size) > 127
    painted = picture.copy()
    painted[covers] = top[covers]
    return painted


def aruco(number: int) -> npt.NDArray[np.uint8]:
    """A marker with its white border, (320, 320, 3): the black edge is 3/4 of it."""
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    bits = cv2.aruco.generateImageMarker(dictionary, number, 240)
    board = cv2.copyMakeBorder(bits, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(255,))
    return np.asarray(cv2.cvtColor(board, cv2.COLOR_GRAY2BGR), np.uint8)


def qr(text: str) -> npt.NDArray[np.uint8]:
    code = cv2.QRCodeEncoder.create().encode(text)
    large = cv2.resize(code, (300, 300), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8)


_NOISE = np.random.default_rng(1000).normal(0.0, 4.0, (480, 640, 1)).astype(np.int16)
_GLARE = np.zeros((480, 640, 1), np.int16)
cv2.ellipse(_GLARE, (330, 120), (25, 12), 0.0, 0.0, 360.0, 60, -1)


def spoilt(picture: Image, turn: int = 0) -> Image:
    """A little out of focus, noisy (each `turn` otherwise), with a reflection."""
    blurred = np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.7)).astype(np.int16)
    blurred += np.roll(_NOISE, 37 * turn, axis=1) + _GLARE
    return np.clip(blurred, 0, 255).astype(np.uint8)


def shot(picture: Image, stamp_s: float = 0.0, seen: View | None = None) -> Shot:
    return Shot(stamp_s, picture, seen or view(stamp_s))


def dial(share: float, pixels: int = 240) -> npt.NDArray[np.uint8]:
    """A gauge of 270 degrees; the radius of its face is 0.4 of the sheet's width."""
    sheet = np.full((pixels, pixels, 3), 120, np.uint8)
    middle = pixels // 2, pixels // 2
    cv2.circle(sheet, middle, round(0.46 * pixels), (30, 30, 30), -1, cv2.LINE_AA)
    cv2.circle(sheet, middle, round(0.40 * pixels), (240, 240, 240), -1, cv2.LINE_AA)

    def at(angle_deg: float, radius: float) -> tuple[int, int]:
        angle = math.radians(angle_deg)
        x, y = math.sin(angle) * radius * pixels, math.cos(angle) * radius * pixels
        return round(16.0 * (middle[0] + x)), round(16.0 * (middle[1] - y))

    for tick in range(11):
        angle = -135.0 + 27.0 * tick
        cv2.line(sheet, at(angle, 0.34), at(angle, 0.38), (30, 30, 30), 2, cv2.LINE_AA, 4)
    angle = -135.0 + 270.0 * share
    cv2.line(sheet, at(angle, -0.05), at(angle, 0.31), (20, 20, 150), 6, cv2.LINE_AA, 4)
    return sheet
