"""Pictures from a video file, and what is wrong with one that has none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.errors import ConfigError, Place

Picture = npt.NDArray[np.uint8]

_MISSING_SHARE = 0.02
"""A header may promise so many more pictures than there are."""
_REMEDY = "give a video that plays to its end"


@dataclass(frozen=True, slots=True)
class Video:
    """A file that opens, and what its header says."""

    path: Path
    rate_hz: float
    promised: int

    @property
    def name(self) -> str:
        return self.path.stem

    def pictures(self) -> Iterator[Picture]:
        """Each (H, W, 3), blue first. Raises ConfigError when the file ends too early."""
        capture = cv2.VideoCapture(str(self.path))
        count = 0
        while True:
            there, picture = capture.read()
            if not there:
                break
            count += 1
            yield np.asarray(picture, dtype=np.uint8)
        capture.release()
        if count == 0 or count < (1.0 - _MISSING_SHARE) * self.promised:
            raise ConfigError(
                f"the video ends after {count} of {self.promised} pictures",
                place=Place(self.path), expected="a whole video", remedy=_REMEDY,
            )  # fmt: skip


def open_video(path: Path) -> Video:
    """Raises ConfigError where there is no file, or none that can be read as a video."""
    if not path.is_file():
        raise ConfigError(
            "there is no such file", place=Place(path), expected="a video", remedy="check the path"
        )
    os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    capture = cv2.VideoCapture(str(path))
    opened = capture.isOpened() and capture.read()[0]
    rate_hz = float(capture.get(cv2.CAP_PROP_FPS))
    promised = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
    capture.release()
    if not opened:
        raise ConfigError(
            "this file cannot be read as a video", place=Place(path),
            expected="a video such as AVI or MP4", remedy=_REMEDY,
        )  # fmt: skip
    return Video(path, rate_hz if 1.0 <= rate_hz <= 240.0 else 25.0, promised)
