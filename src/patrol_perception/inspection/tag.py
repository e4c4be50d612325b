"""QR codes and ArUco markers on assets.

ISO/IEC 18004 and Garrido-Jurado et al. 2014, both as in OpenCV. A QR code corrects its own errors;
an ArUco marker has few bits, so that it must also be where the site says and be seen again.
"""

from __future__ import annotations

import math
from collections import Counter

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.site.checks import TagReader
from patrol_perception.dock_marker import DICTIONARY
from patrol_perception.inspection.params import TagParams
from patrol_perception.inspection.shot import Shot, Watcher, pixels_of, plane_to_image
from patrol_perception.inspection.weighing import Reading, at_least, at_most, unread, weighed
from patrol_perception.view import Image

_SMALL_PX, _SCALE = 160, 2
_EDGE_SHARE = 0.35


class TagWatcher(Watcher):
    """Reads the one tag near its place."""

    def __init__(self, reader: TagReader, params: TagParams) -> None:
        self._reader = reader
        self._params = params
        self._looks = 0
        self._seen: list[tuple[str, FloatArray, float]] = []

    def take(self, shot: Shot) -> None:
        if shot.image is None or shot.view is None:
            return
        to_image = plane_to_image(shot.view, self._reader.place, 1.0)
        if to_image is None:
            return
        self._looks += 1
        tags = aruco_tags(shot.image) if self._reader.symbol == "aruco" else qr_tags(shot.image)
        expected_px = math.sqrt(self._area_px(to_image))
        middle = pixels_of(to_image, np.zeros((1, 2)))[0]
        reach = (self._params.slack_m + self._reader.edge_m / 2.0) / self._reader.edge_m
        for text, corners in tags:
            away = float(np.hypot(*(corners.mean(axis=0) - middle))) / expected_px
            edge = math.sqrt(abs(cv2.contourArea(corners.astype(np.float32)))) / expected_px
            if away < reach and abs(edge - 1.0) < _EDGE_SHARE:
                self._seen.append((text, np.concatenate((corners, corners[:1])), edge))

    def _area_px(self, to_image: FloatArray) -> float:
        half = self._reader.edge_m / 2.0
        square = np.array([[-half, half], [half, half], [half, -half], [-half, -half]])
        return abs(cv2.contourArea(pixels_of(to_image, square).astype(np.float32)))

    def reading(self) -> Reading:
        if not self._looks:
            return unread("no picture showed the place")
        if not self._seen:
            return unread(f"no tag was seen in {self._looks} pictures")
        (text, times), *_ = Counter(text for text, _, _ in self._seen).most_common()
        own = [(corners, edge) for seen, corners, edge in self._seen if seen == text]
        off = float(np.median([abs(edge - 1.0) for _, edge in own]))
        tests = (
            at_least("pictures that show it", times, self._params.pictures, "1",
                     "it was seen too seldom"),
            at_most("pictures that show another", len(self._seen) - times, 0.5, "1",
                    "different tags were read at its place"),
            at_most("size off what is expected", off, _EDGE_SHARE, "1", "its size is wrong"),
        )  # fmt: skip
        return weighed(math.nan, text, tests, (own[-1][0],))


def aruco_tags(image: Image) -> list[tuple[str, FloatArray]]:
    """Numbers and corners (4, 2) of all markers of the dictionary 4x4_50."""
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, parameters).detectMarkers(image)
    numbers = [] if len(corners) == 0 else ids.ravel().tolist()
    return [
        (str(number), np.asarray(ring[0], np.float64))
        for ring, number in zip(corners, numbers, strict=True)
    ]


def qr_tags(image: Image) -> list[tuple[str, FloatArray]]:
    """Texts and corners (4, 2) of all QR codes; small pictures are enlarged first."""
    scale = _SCALE if min(image.shape[:2]) < _SMALL_PX * 4 else 1
    large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    try:
        found, texts, corners, _ = cv2.QRCodeDetector().detectAndDecodeMulti(large)
    except cv2.error:  # OpenCV gives up on some pictures that hold no code
        return []
    if not found:
        return []
    return [
        (text, np.asarray(ring, np.float64) / scale)
        for text, ring in zip(texts, corners, strict=True)
        if text
    ]
