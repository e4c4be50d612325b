"""The shipped robot, as perception sees it."""

from __future__ import annotations

import math
from pathlib import Path

from patrol_core.robot import load_robot
from patrol_core.types.sensors import CameraInfo

ROBOT = load_robot(Path(__file__).parents[3] / "urdf" / "config" / "rover.yaml")
CAMERA = ROBOT.camera
_FOCAL_PX = CAMERA.width_px / 2.0 / math.tan(CAMERA.horizontal_fov_rad / 2.0)
INFO = CameraInfo(
    0.0, "camera_optical_frame", CAMERA.width_px, CAMERA.height_px, _FOCAL_PX, _FOCAL_PX,
    CAMERA.width_px / 2.0, CAMERA.height_px / 2.0,
)  # fmt: skip
