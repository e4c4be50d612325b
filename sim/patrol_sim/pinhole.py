"""What all cameras have in common: the pinhole model, and the noise of depth."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from patrol_core import robot
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_sim.params import CameraParams

OPTICAL_FRAME = "camera_optical_frame"


def depth_image(
    stamp_s: float,
    depth_m: NDArray[np.float32],
    camera: robot.Camera,
    params: CameraParams,
    rng: np.random.Generator,
) -> DepthImage:
    """True depth (H, W) with noise that grows with its square; NaN beyond the camera's reach."""
    noise = rng.standard_normal(depth_m.shape, dtype=np.float32)
    known = np.where(depth_m <= camera.depth_max_m, depth_m, np.float32(np.nan))
    noisy = known + np.float32(params.depth_noise_per_m) * known * known * noise
    return DepthImage(stamp_s, OPTICAL_FRAME, noisy)


def camera_info(camera: robot.Camera, stamp_s: float) -> CameraInfo:
    """The pinhole model: square pixels, axis in the middle of the picture."""
    focal = focal_px(camera)
    width, height = camera.width_px, camera.height_px
    return CameraInfo(
        stamp_s, OPTICAL_FRAME, width, height, focal, focal, width / 2.0, height / 2.0
    )


def focal_px(camera: robot.Camera) -> float:
    """Focal length in pixels."""
    return camera.width_px / 2.0 / math.tan(camera.horizontal_fov_rad / 2.0)
