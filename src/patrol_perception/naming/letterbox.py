"""Pictures in the shape that a network wants, and its boxes back in that of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_perception.view import Image

_GREY = 114


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture of `width_px` x `height_px` scaled by one factor into `size` (height, width), in
    the middle, the rest grey."""

    width_px: int
    height_px: int
    size: tuple[int, int]

    @property
    def scale(self) -> float:
        return min(self.size[0] / self.height_px, self.size[1] / self.width_px)

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height of the scaled picture [px]."""
        width, height = round(self.width_px * self.scale), round(self.height_px * self.scale)
        return max(1, width), max(1, height)

    @property
    def corner(self) -> tuple[int, int]:
        """Where its left upper corner lies [px]."""
        width, height = self.shown
        return (self.size[1] - width) // 2, (self.size[0] - height) // 2

    def tensor(self, image: Image) -> npt.NDArray[np.float32]:
        """A BGR picture as (1, 3, height, width), red first, 0 to 1."""
        (width, height), (left, top) = self.shown, self.corner
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
        canvas = np.full((*self.size, 3), _GREY, np.uint8)
        canvas[top : top + height, left : left + width] = small
        planes = canvas[:, :, ::-1].transpose(2, 0, 1)[None]
        return np.ascontiguousarray(planes, dtype=np.float32) / np.float32(255.0)

    def to_picture(self, boxes: FloatArray) -> FloatArray:
        """Boxes (N, 4) left, top, right, bottom of the network's input in the picture, clipped."""
        (left, top), (width, height) = self.corner, self.shown
        x_scale, y_scale = self.width_px / width, self.height_px / height
        moved = (boxes - (left, top, left, top)) * (x_scale, y_scale, x_scale, y_scale)
        limits = (self.width_px, self.height_px, self.width_px, self.height_px)
        return np.asarray(np.clip(moved, 0.0, limits))
