"""Watching from where the robot stands: a new watch for each standpoint, forgotten on leaving."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.types.sensors import CompressedImage
from patrol_perception.watching.left_objects import LeftObject, LeftObjectWatch
from patrol_perception.watching.params import GuardParams

_HALF_FROM_PX = 640
"""Of pictures as wide as this or wider, the decoder gives half the size for half the time."""


class Guard:
    """Raw pictures of the robot's camera in, things left and taken out."""

    def __init__(self, params: GuardParams, rate_hz: float) -> None:
        self._params = params
        self._rate_hz = rate_hz
        self._place: Pose2 | None = None
        self._since_s = 0.0
        self._watch: LeftObjectWatch | None = None

    @property
    def is_watching(self) -> bool:
        return self._watch is not None

    def step(self, raw: CompressedImage, base: Pose2 | None) -> list[LeftObject]:
        """The next picture, taken with base_link at `base` in odom (None: not known). Boxes are in
        pixels of the whole picture."""
        if not self._params.enabled or not self._stands(base, raw.stamp_s):
            return []
        picture, factor = _small(raw)
        if picture is None:
            return []
        if self._watch is None:
            self._watch = LeftObjectWatch(self._params.watch, self._rate_hz)
        found = self._watch.update(picture, raw.stamp_s)
        return [dataclasses.replace(one, box=_scaled(one.box, factor)) for one in found]

    def _stands(self, base: Pose2 | None, stamp_s: float) -> bool:
        """Whether it stands where it stood before, and has for long enough."""
        params, place = self._params, self._place
        moved = (
            base is None
            or place is None
            or place.distance_to(base) > params.still_m
            or abs(wrap_angle(base.yaw_rad - place.yaw_rad)) > params.still_rad
        )
        if moved:
            self._place, self._since_s, self._watch = base, stamp_s, None
        return base is not None and stamp_s - self._since_s >= params.settle_s


def _scaled(box: tuple[int, int, int, int], factor: int) -> tuple[int, int, int, int]:
    x, y, width, height = box
    return x * factor, y * factor, width * factor, height * factor


def _small(raw: CompressedImage) -> tuple[np.typing.NDArray[np.uint8] | None, int]:
    """The picture, at half its size where it is large, and by how much it is smaller."""
    data = np.frombuffer(raw.data, np.uint8)
    if not len(data):
        return None, 1
    half = cv2.imdecode(data, cv2.IMREAD_REDUCED_COLOR_2)
    if half is None:
        return None, 1
    if 2 * half.shape[1] >= _HALF_FROM_PX:
        return np.asarray(half, np.uint8), 2
    whole = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return (None, 1) if whole is None else (np.asarray(whole, np.uint8), 1)
