"""Second sources of people in pictures, beside the lidar: image detector and depth camera."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.types.sensors import DepthImage
from patrol_perception.background import Background
from patrol_perception.outline import Outline
from patrol_perception.view import Box, Image, View
from patrol_perception.walkers.still import StillBackground

_GROW = 0.15
_STRIDE_PX = 8
_LEVEL_SCALE = 1.2
_MIN_SCORE = 0.0
_STEP_PX = 8
_HEAD_LOW_M, _HEAD_HIGH_M = 1.15, 2.3
_HEAD_REACH_M = 9.5
_CLEAR_M, _CLEAR_PER_M2 = 0.15, 0.003
_MARGIN_M = 0.2
_STANDING_GROWN_M = 0.3
_OVERHANG_SHARE = 0.3


class PersonDetector(Protocol):
    """Finds people in a BGR picture."""

    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        """Left, top, right, bottom [px] of every person, head included."""


class HogDetector:
    """OpenCV's histogram-of-gradients person detector (Dalal and Triggs 2005)."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector()))

    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(
            grey, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_AREA
        )
        found, _ = self._hog.detectMultiScale(
            small, hitThreshold=_MIN_SCORE, winStride=(_STRIDE_PX, _STRIDE_PX), scale=_LEVEL_SCALE
        )
        boxes = np.asarray(found, dtype=np.float64).reshape(-1, 4) / self._scale
        return [
            (x - _GROW * w, y - _GROW * h, x + (1.0 + _GROW) * w, y + (1.0 + _GROW) * h)
            for x, y, w, h in boxes.tolist()
        ]


def make_detector(name: str, scale: float) -> PersonDetector | None:
    """The detector of that name, or None ("none").

    That of "onnx" while its network cannot be used is "hog".
    """
    return None if name == "none" else HogDetector(scale)


def head_boxes(
    depth: DepthImage,
    view: View,
    background: Background | StillBackground,
    standing: list[Outline],
) -> list[Box]:
    """Where the depth camera sees something at head height that neither the map nor a standing
    thing explains: people whose legs are hidden from the lidar."""
    points = view.points_of_depth(depth.depth_m, _STEP_PX)
    flat = points.reshape(-1, 3)
    distance = np.hypot(*(flat[:, :2] - view.position_m[:2]).T)
    with np.errstate(invalid="ignore"):
        high = (
            (flat[:, 2] > _HEAD_LOW_M) & (flat[:, 2] < _HEAD_HIGH_M) & (distance < _HEAD_REACH_M)
        )
    index = np.flatnonzero(high)
    odd = (
        background.mapped_distance_m(flat[index, :2])
        > _CLEAR_M + _CLEAR_PER_M2 * distance[index] ** 2
    )
    for outline in standing:
        odd &= _outside(outline, flat[index, :2])
    image = np.zeros(points.shape[:2], np.uint8)
    image.reshape(-1)[index[odd]] = 1
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(image, np.ones((3, 3), np.uint8)), connectivity=8
    )
    boxes = []
    for k in range(1, count):
        nearest = np.nanmin(
            np.where((labels == k) & (image > 0), distance.reshape(image.shape), np.nan)
        )
        boxes.append(_box(stats[k], float(nearest), view))
    return [box for box in boxes if box is not None]


def _outside(outline: Outline, points_m: FloatArray) -> npt.NDArray[np.bool_]:
    """Which points are clear of a standing thing, whose ends may reach out over its wheels."""
    overhang = max(_STANDING_GROWN_M, _OVERHANG_SHARE * outline.length_m)
    grown = Outline(
        outline.x_m, outline.y_m, outline.length_m + 2.0 * overhang,
        outline.width_m + 2.0 * _STANDING_GROWN_M, outline.yaw_rad,
    )  # fmt: skip
    return grown.distances_m(points_m) > 0.0


def _box(stats: npt.NDArray[np.int32], distance_m: float, view: View) -> Box | None:
    left, top, width, height, _ = (stats * _STEP_PX).tolist()
    margin = _MARGIN_M * view.info.fx_px / max(distance_m, 0.5)
    return view.clip(left - margin, top - margin, left + width + margin, top + height + margin)
