"""The camera: new pictures at the configured rate, and what is wrong while there are none.

A picture is stamped when its frame was grabbed. A frame that equals the one before, bit by bit, is
not new: a camera that hangs repeats itself, and a lens sees noise.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from patrol_core import robot
from patrol_core.component import Outputs
from patrol_core.topics import CAMERA_INFO, CAMERA_RAW, DIAGNOSTICS
from patrol_core.types.sensors import CameraInfo, CompressedImage
from patrol_core.types.status import Health, HealthLevel
from patrol_drivers.camera.params import CameraParams
from patrol_drivers.camera.source import Picture, Source
from patrol_drivers.motors import Clock

HEALTH_NAME = "camera"
OPTICAL_FRAME = "camera_optical_frame"
EARLY = 0.3
"""Part of a period by which a picture may come too early: frames come at the camera's own rate."""


class Camera:
    """Owns the source. `step` is called more often than the camera has frames, and may wait for
    one."""

    def __init__(
        self,
        robot_camera: robot.Camera,
        params: CameraParams,
        source: Source,
        wall: Clock,
        steady: Clock,
    ) -> None:
        """`wall` stamps rows (Unix time), `steady` never jumps; both in seconds."""
        self._fov_rad = robot_camera.horizontal_fov_rad
        self._wanted = (
            params.width_px or robot_camera.width_px,
            params.height_px or robot_camera.height_px,
        )
        self._period_s = 1.0 / (params.rate_hz or robot_camera.rate_hz)
        self._params = params
        self._source = source
        self._wall, self._steady = wall, steady
        self._is_open = False
        self._problem = f"no picture from {params.device} yet"
        self._tried_s = self._new_s = self._due_s = self._reported_s = -math.inf
        self._last: Picture | None = None
        self._info: CameraInfo | None = None
        self._pictures = 0

    def step(self) -> Outputs:
        """Take a frame, if there is one; a picture when its time has come; health each second."""
        outputs = Outputs()
        if self._is_open or self._open():
            self._watch(outputs)
        steady_s = self._steady()
        if steady_s - self._reported_s >= 1.0:
            self._reported_s = steady_s
            outputs.put(DIAGNOSTICS, self._health(self._wall()))
            self._pictures = 0
        return outputs

    def close(self) -> None:
        """Let go of the device."""
        self._source.close()
        self._is_open = False

    def _open(self) -> bool:
        steady_s = self._steady()
        if steady_s - self._tried_s < self._params.retry_s:
            return False
        self._tried_s = steady_s
        problem = self._source.open(steady_s)
        if problem:
            self._problem = problem
            return False
        self._is_open, self._new_s = True, self._steady()
        return True

    def _watch(self, outputs: Outputs) -> None:
        if not self._source.due(self._steady()):
            return
        if not self._source.grab():
            self._give_up(f"{self._params.device} gives no frames")
            return
        stamp_s, steady_s = self._wall(), self._steady()
        if steady_s >= self._due_s - EARLY * self._period_s:
            self._take(stamp_s, steady_s, outputs)
        if steady_s - self._new_s > self._params.silent_s:
            self._give_up(f"{self._params.device} gives no new pictures")

    def _take(self, stamp_s: float, steady_s: float, outputs: Outputs) -> None:
        picture = self._source.retrieve()
        if picture is None or (self._last is not None and np.array_equal(picture, self._last)):
            return
        quality = [cv2.IMWRITE_JPEG_QUALITY, self._params.quality]
        _, data = cv2.imencode(".jpg", picture, quality)
        self._last, self._problem, self._new_s = picture, "", steady_s
        is_late = steady_s - self._due_s > self._period_s
        self._due_s = (steady_s if is_late else self._due_s) + self._period_s
        self._pictures += 1
        size = (picture.shape[1], picture.shape[0])
        if self._info is None or (self._info.width_px, self._info.height_px) != size:
            self._info = pinhole(stamp_s, *size, self._fov_rad)
            outputs.put(CAMERA_INFO, self._info)
        outputs.put(CAMERA_RAW, CompressedImage(stamp_s, OPTICAL_FRAME, "jpeg", data.tobytes()))

    def _give_up(self, problem: str) -> None:
        """Close, and open again after a pause."""
        self._problem = problem
        self.close()

    def _health(self, now_s: float) -> Health:
        info = self._info
        size = "" if info is None else f"{info.width_px} x {info.height_px}"
        values = (
            ("device", self._params.device),
            ("size", size),
            ("pictures", str(self._pictures)),
        )
        if self._problem:
            return Health(now_s, HEALTH_NAME, HealthLevel.ERROR, self._problem, values)
        if info is not None and (info.width_px, info.height_px) != self._wanted:
            wanted = f"{self._wanted[0]} x {self._wanted[1]}"
            words = f"pictures are {size}, not {wanted} as asked for: is the field of view right?"
            return Health(now_s, HEALTH_NAME, HealthLevel.WARN, words, values)
        return Health(now_s, HEALTH_NAME, HealthLevel.OK, "running", values)


def pinhole(stamp_s: float, width_px: int, height_px: int, fov_rad: float) -> CameraInfo:
    """The pinhole model of pictures that show `fov_rad` from left to right: square pixels, the
    axis in the middle."""
    focal_px = width_px / 2.0 / math.tan(fov_rad / 2.0)
    return CameraInfo(
        stamp_s, OPTICAL_FRAME, width_px, height_px,
        focal_px, focal_px, width_px / 2.0, height_px / 2.0,
    )  # fmt: skip
