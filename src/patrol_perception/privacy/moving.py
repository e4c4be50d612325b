"""What moves in the pictures of a camera that moves itself, by what it would see if nothing did.

Every pixel is looked up in the picture before, at the place where the robot's own motion and the
pixel's depth say that it was. Where there is no depth it lies on the ground, or far away.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from patrol_perception.privacy.kernels import changed
from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.privacy.regions import Mask, boxes_of
from patrol_perception.view import Box, Image, View

_MAX_GAP_S = 0.5
"""Pictures farther apart are not compared."""
_REACH_PX = 1
"""Poses and depth are so far off, in pixels of the work picture."""


class MovingCamera:
    """Pictures with where they were taken from in, boxes to hide out."""

    def __init__(self, params: PrivacyParams) -> None:
        self._params = params
        self._before: tuple[View, Mask] | None = None

    def hide(
        self, image: Image, view: View, depth_m: npt.NDArray[np.float32] | None
    ) -> list[Box] | None:
        """What moves, or may: what was not in the picture before counts, too.

        `depth_m` (H, W) as the camera's, NaN where unknown. None without a picture before.
        """
        height, width = image.shape[:2]
        step = max(1, round(width / self._params.work_width_px))
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(grey, (width // step, height // step), interpolation=cv2.INTER_AREA)
        now = np.ascontiguousarray(cv2.GaussianBlur(small, (3, 3), 0.0), np.uint8)
        before, self._before = self._before, (view, now)
        if before is None or not 0.0 < view.stamp_s - before[0].stamp_s <= _MAX_GAP_S:
            return None
        if before[1].shape != now.shape:
            return None
        mask = self._changed(now, view, before, depth_m, step)
        return boxes_of(mask, width, height, self._params.least_area)

    def _changed(
        self, now: Mask, view: View, before: tuple[View, Mask],
        depth_m: npt.NDArray[np.float32] | None, step: int,
    ) -> Mask:  # fmt: skip
        rows, columns = now.shape
        info, half = view.info, (step - 1) / 2.0
        pinhole = np.array(
            [info.fx_px, info.fy_px, info.cx_px - half, info.cy_px - half], np.float64
        )
        depth = np.full(now.shape, np.nan, np.float32)
        if depth_m is not None:
            depth = depth_m[step // 2 :: step, step // 2 :: step][:rows, :columns].copy()
        motion = np.linalg.inv(before[0].to_map) @ view.to_map
        down = -view.to_map[2, :3]
        mask = np.zeros(now.shape, np.uint8)
        changed(
            now, before[1], depth, pinhole / step, np.ascontiguousarray(motion[:3, :3]),
            np.ascontiguousarray(motion[:3, 3]), np.array([*down, view.position_m[2]]),
            float(self._params.motion_contrast), _REACH_PX, mask,
        )  # fmt: skip
        return mask
