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

_SMALL_PX, _LEAST_PX = 160.0, 21
_SCALES = (1.0, 1.5, 2.0, 3.0)
"""OpenCV's reader fails now and then at one size and not at another."""
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
        expected_px = math.sqrt(self._area_px(to_image))
        middle = pixels_of(to_image, np.zeros((1, 2)))[0]
        reach = (self._params.slack_m + self._reader.edge_m / 2.0) / self._reader.edge_m
        if self._reader.symbol == "aruco":
            tags = aruco_tags(shot.image)
        else:
            tags = qr_tags(shot.image, middle, (reach + 0.5) * expected_px, expected_px)
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


def qr_tags(
    image: Image, middle_px: FloatArray, half_px: float, edge_px: float
) -> list[tuple[str, FloatArray]]:
    """Text and corners (4, 2) of a QR code in a square of the picture; none, if there is none.

    `edge_px`: about how large it is; small ones are enlarged.
    """
    height, width = image.shape[:2]
    left, top = np.clip(middle_px - half_px, 0.0, (width, height)).astype(int).tolist()
    right, bottom = np.clip(middle_px + half_px, 0.0, (width, height)).astype(int).tolist()
    if min(right - left, bottom - top) < _LEAST_PX:
        return []
    part = np.ascontiguousarray(image[top:bottom, left:right])
    for scale in _SCALES if edge_px < _SMALL_PX else _SCALES[:1]:
        found = _decoded(cv2.resize(part, None, fx=scale, fy=scale), scale)
        if found:
            return [(text, corners + (left, top)) for text, corners in found]
    return []


def _decoded(image: cv2.typing.MatLike, scale: float) -> list[tuple[str, FloatArray]]:
    try:
        text, corners, _ = cv2.QRCodeDetector().detectAndDecode(image)
    except cv2.error:  # OpenCV gives up on some pictures that hold no code
        return []
    return [(text, np.asarray(corners, np.float64).reshape(4, 2) / scale)] if text else []
