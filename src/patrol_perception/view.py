"""The camera at one moment: where points of the map lie in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2, Transform3
from patrol_core.robot import OPTICAL_IN_CAMERA_LINK, Camera
from patrol_core.types.sensors import CameraInfo

_NEAR_M = 0.05
_MAX_ANGLE_RAD = 1.3

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels from (left, top) up to, not including, (right, bottom)."""

    left: int
    top: int
    right: int
    bottom: int

    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def overlap(self, other: Box) -> int:
        """Pixels shared with another box."""
        return Box(
            max(self.left, other.left), max(self.top, other.top),
            min(self.right, other.right), min(self.bottom, other.bottom),
        ).area()  # fmt: skip


def clipped(
    left: float, top: float, right: float, bottom: float, width_px: int, height_px: int
) -> Box | None:
    """Whole pixels of a rectangle inside a picture of that size; None where there are none."""
    box = Box(
        max(0, math.floor(left)), max(0, math.floor(top)),
        min(width_px, math.ceil(right)), min(height_px, math.ceil(bottom)),
    )  # fmt: skip
    return box if box.right > box.left and box.bottom > box.top else None


class View:
    """A pinhole camera placed in `map`."""

    def __init__(self, stamp_s: float, info: CameraInfo, mount: FloatArray, base: Pose2) -> None:
        """`mount`: camera_optical_frame in base_link as 4x4 matrix; `base`: base_link in map."""
        self.stamp_s = stamp_s
        self.info = info
        self.to_map = Transform3.from_pose2(base).matrix() @ mount
        self._rotation = self.to_map[:3, :3]
        self.position_m = self.to_map[:3, 3]

    def to_optical(self, points_m: FloatArray) -> FloatArray:
        """Points (N, 3) of `map` in camera_optical_frame."""
        return np.asarray((points_m - self.position_m) @ self._rotation)

    def pixels(self, optical_m: FloatArray) -> FloatArray:
        """Pixels (N, 2) of points (N, 3) in camera_optical_frame, all in front of the camera."""
        info, depth = self.info, optical_m[:, 2]
        u = info.cx_px + info.fx_px * optical_m[:, 0] / depth
        v = info.cy_px + info.fy_px * optical_m[:, 1] / depth
        return np.column_stack((u, v))

    def points_of_depth(self, depth_m: npt.NDArray[np.float32], step: int) -> FloatArray:
        """Every `step`-th depth pixel as a point of `map` (rows, columns, 3); NaN as given."""
        info = self.info
        part = depth_m[step // 2 :: step, step // 2 :: step].astype(np.float64)
        v, u = np.indices(part.shape) * step + step // 2
        x, y = (u - info.cx_px) / info.fx_px * part, (v - info.cy_px) / info.fy_px * part
        return np.asarray(np.stack((x, y, part), axis=-1) @ self._rotation.T + self.position_m)

    def column_box(self, ground_m: FloatArray, height_m: float, margin_m: float) -> Box | None:
        """The picture's part that holds columns on ground points (N, 2), with a margin all round.

        None where all of it is out of the picture.
        """
        low = np.column_stack((ground_m, np.zeros(len(ground_m))))
        high = np.column_stack((ground_m, np.full(len(ground_m), height_m)))
        optical = self.to_optical(np.concatenate((low, high)))
        angle = np.abs(np.arctan2(optical[:, 0], optical[:, 2]))
        optical = optical[angle < _MAX_ANGLE_RAD]
        if not len(optical):
            return None
        pixels = self.pixels(optical)
        wide = margin_m * self.info.fx_px / optical[:, 2]
        return self.clip(
            float(np.min(pixels[:, 0] - wide)), float(np.min(pixels[:, 1])) - 4.0,
            float(np.max(pixels[:, 0] + wide)), float(np.max(pixels[:, 1] + wide)),
        )  # fmt: skip

    def clip(self, left: float, top: float, right: float, bottom: float) -> Box | None:
        """Whole pixels of a rectangle inside the picture; None where there are none."""
        return clipped(left, top, right, bottom, self.info.width_px, self.info.height_px)

    def face(self, corners_m: FloatArray) -> npt.NDArray[np.int32] | None:
        """Pixel polygon of a flat face (N, 3) of `map`, cut at the camera's near plane."""
        cut = _cut_near(self.to_optical(corners_m))
        if len(cut) < 3:
            return None
        pixels = np.clip(self.pixels(cut), -1e4, 1e4)
        return np.round(pixels).astype(np.int32)


def camera_mount(camera: Camera) -> FloatArray:
    """camera_optical_frame in base_link as 4x4 matrix."""
    return camera.transform().matrix() @ OPTICAL_IN_CAMERA_LINK.matrix()


def _cut_near(corners: FloatArray) -> FloatArray:
    """Sutherland and Hodgman 1974, one plane."""
    kept = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if start[2] >= _NEAR_M:
            kept.append(start)
        if (start[2] >= _NEAR_M) != (end[2] >= _NEAR_M):
            share = (_NEAR_M - start[2]) / (end[2] - start[2])
            kept.append(start + share * (end - start))
    return np.asarray(kept).reshape(-1, 3)
