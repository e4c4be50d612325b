"""Configuration of a camera; what is 0 is taken from the robot file."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class CameraParams:
    """Size and field of view belong together: a size with another shape shows another part."""

    device: str = param("/dev/ronda_camera", "A V4L2 device, or a video file")
    width_px: int = param(0, "Width asked for; 0: the robot file's", 0, 8192)
    height_px: int = param(0, "Height asked for; 0: the robot file's", 0, 8192)
    rate_hz: float = param(0.0, "Pictures a second; 0: the robot file's", 0.0, 60.0)
    quality: int = param(85, "Quality of the JPEG", 10, 100)
    silent_s: float = param(2.0, "Without a new picture for so long it is opened again", 0.5, 30.0)
    retry_s: float = param(1.0, "Pause between attempts to open it", 0.1, 30.0)
