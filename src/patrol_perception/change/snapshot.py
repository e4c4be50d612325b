"""A picture as it is compared: at half size, in logarithms, with depth and with what is hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CameraInfo
from patrol_perception.view import Image, View

SHRINK = 2
_DARK = 8.0
"""Added to every colour before its logarithm is taken: what noise and black level leave of it."""

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """`layers` (H, W, 4): luminance, red by green, blue by green (natural logarithms), and the
    darkest colour (0 to 255). `depth_m` (H, W): NaN where unknown. `hidden` (H, W) is never
    compared. `view`: the camera in `map`, with the pinhole model of the half size.
    """

    view: View
    layers: Plane
    depth_m: Plane
    hidden: Mask

    @property
    def camera(self) -> FloatArray:
        """fx, fy, cx, cy [px]."""
        info = self.view.info
        return np.array([info.fx_px, info.fy_px, info.cx_px, info.cy_px])


def make_snapshot(picture: Image, depth_m: Plane, hidden: Mask, view: View) -> Snapshot:
    """From a whole picture (BGR) and its hidden part, and depth of the whole or of half the size.

    Pixels count by their middles, so the half size has its own principal point.
    """
    info = view.info
    height, width = info.height_px // SHRINK, info.width_px // SHRINK
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    colour = np.log(small.astype(np.float32) + np.float32(_DARK))
    blue, green, red = cv2.split(colour)
    layers = np.stack(
        ((blue + green + red) / 3.0, red - green, blue - green, small.min(axis=2)), axis=-1
    )
    half = View(view.stamp_s, half_size(info), view.to_map, Pose2(0.0, 0.0))
    return Snapshot(
        half,
        np.ascontiguousarray(layers, np.float32),
        half_depth(depth_m, info),
        half_mask(hidden, info),
    )


def half_size(info: CameraInfo) -> CameraInfo:
    """The pinhole model of the picture at half size."""
    return replace(
        info, width_px=info.width_px // SHRINK, height_px=info.height_px // SHRINK,
        fx_px=info.fx_px / SHRINK, fy_px=info.fy_px / SHRINK,
        cx_px=(info.cx_px + 0.5) / SHRINK - 0.5, cy_px=(info.cy_px + 0.5) / SHRINK - 0.5,
    )  # fmt: skip


def half_mask(mask: Mask, info: CameraInfo) -> Mask:
    """Pixels of half the size of which any part is in the mask, of whole or half size."""
    size = (info.width_px // SHRINK, info.height_px // SHRINK)
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(share > 0.0)


def half_depth(depth_m: Plane, info: CameraInfo) -> Plane:
    """Every second pixel of whole depth; depth that is half as large already stays as it is."""
    step = SHRINK if depth_m.shape == (info.height_px, info.width_px) else 1
    part = depth_m[step // 2 :: step, step // 2 :: step]
    return np.ascontiguousarray(np.where(np.isfinite(part), part, np.nan), np.float32)
