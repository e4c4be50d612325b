"""Where pictures come from: a V4L2 device or a video file, through OpenCV's VideoCapture.

`grab` waits for the next frame and `retrieve` decodes it (OpenCV reference, VideoCapture).
A device holds a few frames back until they are taken (V4L2, streaming I/O), so every frame must be
grabbed, also those that nobody wants: else what is decoded is old.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""Shape (H, W, 3), blue, green, red."""


class Source(Protocol):
    """One camera. Nothing raises: what is wrong is told as a sentence, or as None."""

    def open(self, steady_s: float) -> str:
        """Begin anew; "" when it is open, else what is wrong."""

    def due(self, steady_s: float) -> bool:
        """Whether to grab now: a file plays at its own speed."""

    def grab(self) -> bool:
        """Take the next frame, waiting for it; whether there was one."""

    def retrieve(self) -> Picture | None:
        """Decode the frame that was grabbed last."""

    def close(self) -> None:
        """Let go of the device."""


class VideoSource:
    """A device or a file, by what its path turns out to be."""

    def __init__(self, path: str, width_px: int, height_px: int) -> None:
        self._path = path
        self._size = (width_px, height_px)
        self._capture: cv2.VideoCapture | None = None
        self._opened_s = 0.0
        self._file_hz = 0.0
        self._taken = 0

    def open(self, steady_s: float) -> str:
        """A device is asked for JPEG, which USB carries at any size, and for the size wanted."""
        self.close()
        problem = unreadable(self._path)
        if problem:
            return problem
        is_device = Path(self._path).is_char_device()
        capture = cv2.VideoCapture(self._path, cv2.CAP_V4L2 if is_device else cv2.CAP_ANY)
        if not capture.isOpened():
            capture.release()
            what = "is in use by somebody else, or no camera" if is_device else "is not a video"
            return f"{self._path} {what}"
        self._file_hz = 0.0
        if is_device:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        else:
            self._file_hz = max(capture.get(cv2.CAP_PROP_FPS), 1.0)
        self._capture, self._opened_s, self._taken = capture, steady_s, 0
        return ""

    def due(self, steady_s: float) -> bool:
        is_device = self._file_hz == 0.0
        return is_device or self._taken <= (steady_s - self._opened_s) * self._file_hz

    def grab(self) -> bool:
        self._taken += 1
        return self._capture is not None and self._capture.grab()

    def retrieve(self) -> Picture | None:
        if self._capture is None:
            return None
        good, picture = self._capture.retrieve()
        if not good or picture.ndim != 3 or picture.dtype != np.uint8:
            return None
        return np.asarray(picture, np.uint8)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def unreadable(path: str) -> str:
    """Why nothing can be read there, in a sentence; "" when it can."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return f"there is no {path}: is the camera plugged in?"
        if error.errno == errno.EACCES:
            return f"{path} may not be read: is this user in the group {_group(path)}?"
        return f"{path}: {error.strerror}"
    return f"{path} is a folder" if Path(path).is_dir() else ""


def _group(path: str) -> str:
    try:
        return Path(path).group()
    except (OSError, KeyError):
        return "video"
