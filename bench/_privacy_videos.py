"""Real people in videos of a standing camera, with no lidar and no depth: by the picture alone."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from _privacy_measure import Tally
from _video import Picture, Video

from patrol_core.types.sensors import CompressedImage
from patrol_perception.camera import BlurredCamera, Shot
from patrol_perception.findings import FindingBook
from patrol_perception.params import PerceptionParams
from patrol_perception.people import PersonDetector, make_detector
from patrol_perception.view import Box, Image

HEADS = Path(__file__).with_name("privacy_heads.json")
MODES = ("on", "off", "killed")
"""The person detector finds; there is none; it works for a while and then raises."""
KILLED_AFTER = 50
_HIGH_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 95]


class Killed:
    """A detector that works for some pictures, and then raises whenever it is asked."""

    def __init__(self, detector: PersonDetector) -> None:
        self._detector = detector
        self._left = KILLED_AFTER

    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        """As the detector while it lives. Raises RuntimeError afterwards."""
        self._left -= 1
        if self._left < 0:
            raise RuntimeError("killed")
        return self._detector.find(image)


def detector_of(mode: str, params: PerceptionParams) -> PersonDetector | None:
    """The person detector of a mode."""
    detector = make_detector("hog" if mode != "off" else "none", params.camera.detector_scale)
    return Killed(detector) if mode == "killed" and detector is not None else detector


@dataclass(slots=True)
class Watched:
    """A video as it was streamed in every mode. `sheet`: pictures with known heads, streamed."""

    video: Video
    tallies: dict[str, Tally] = field(default_factory=dict)
    sheet: dict[int, Picture] = field(default_factory=dict)


def known_heads(video: Video) -> dict[int, list[Box]]:
    """Heads drawn by eye, by picture; none of videos that nobody looked at."""
    known = json.loads(HEADS.read_text(encoding="utf-8"))["videos"].get(video.name, {})
    return {int(number): [Box(*box) for box in boxes] for number, boxes in known.items()}


def watch(video: Video, params: PerceptionParams, most: int | None = None) -> Watched:
    """Stream a video in every mode: all of it, or so many pictures at most."""
    watched, heads = Watched(video), known_heads(video)
    for mode in MODES:
        camera = BlurredCamera(
            params.camera, params.privacy, np.eye(4), detector_of(mode, params), video.rate_hz
        )
        book = FindingBook(params.evidence, np.random.default_rng(0))
        tally = watched.tallies[mode] = Tally()
        for number, picture in enumerate(itertools.islice(video.pictures(), most)):
            data = cv2.imencode(".jpg", picture, _HIGH_QUALITY)[1].tobytes()
            raw = CompressedImage(number / video.rate_hz, "camera", "jpeg", data)
            begun_s = time.process_time()
            blurred, _ = camera.take(Shot(raw, None, None, None, still=number > 0), None, book)
            spent_s = time.process_time() - begun_s
            assert blurred is not None
            streamed = decoded(blurred.data)
            tally.see(picture, streamed, spent_s)
            tally.see_heads(picture, streamed, heads.get(number, []))
            if mode == MODES[-1] and (number in heads or not heads):
                watched.sheet[number] = streamed
    return watched


def decoded(data: bytes) -> Picture:
    """A JPEG as it comes out of the stream."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)
