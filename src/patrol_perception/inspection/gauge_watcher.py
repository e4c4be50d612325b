"""A gauge over several pictures: where its dial is, and what the readings agree on."""

from __future__ import annotations

import math
from collections import Counter

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.site.checks import DialTag, GaugeReader
from patrol_perception.inspection.gauge import radius_px, read_gauge
from patrol_perception.inspection.params import GaugeParams
from patrol_perception.inspection.shot import Shot, Watcher, is_inside, pixels_of, plane_to_image
from patrol_perception.inspection.tag import aruco_tags
from patrol_perception.inspection.weighing import Reading, Test, at_least, at_most, unread, weighed
from patrol_perception.view import Image

_CLOSE = 0.15
"""So near to its place (radii) a dial needs not be looked for."""
_CANDIDATES = 3
_FLAT_PX = 24.0
_TRIES = 5
"""Pictures looked at for each that must be sure; then the dial cannot be read on this visit."""


class GaugeWatcher(Watcher):
    """Reads until enough pictures were sure."""

    def __init__(self, reader: GaugeReader, params: GaugeParams) -> None:
        self._reader = reader
        self._params = params
        self._looks: list[Reading] = []

    def take(self, shot: Shot) -> None:
        enough = sum(look.sure for look in self._looks) >= self._params.pictures
        tried = len(self._looks) >= _TRIES * self._params.pictures
        if shot.image is None or shot.view is None or enough or tried:
            return
        about = plane_to_image(shot.view, self._reader.place, self._reader.radius_m)
        if about is None:
            return
        self._looks.append(self._look(shot.image, about))

    def _look(self, image: Image, about: FloatArray) -> Reading:
        reader, params = self._reader, self._params
        if reader.tag is not None:
            by_tag = beside_tag(image, about, reader.tag, reader.radius_m)
            if by_tag is None:
                return unread("the tag beside the dial was not seen")
            return read_gauge(image, by_tag, reader.scale, params)
        places = dials_near(image, about, params.slack_m / reader.radius_m)
        readings = [read_gauge(image, place, reader.scale, params) for place in places]
        if not readings:
            return unread("no dial was found at its place")
        best = max(readings, key=lambda reading: reading.confidence)
        apart_px = 0.7 * radius_px(about)
        for other in readings:
            if best.sure and other.sure and math.dist(_middle(other), _middle(best)) > apart_px:
                return unread("two dials are near its place: add a tag beside the right one")
        return best

    def reading(self) -> Reading:
        if not self._looks:
            return unread("no picture showed the dial")
        sure = [look for look in self._looks if look.sure]
        if not sure:
            (fault, _), *_ = Counter(look.fault for look in self._looks).most_common()
            return unread(fault, self._looks[-1].evidence)
        scale, params = self._reader.scale, self._params
        values = [look.value for look in sure]
        value = float(np.median(values))
        spread = (max(values) - min(values)) / (scale.max_value - scale.min_value)
        tests: tuple[Test, ...] = (
            at_least("pictures read for sure", len(sure), params.pictures, "1",
                     "too few pictures could be read for sure"),
            at_most("spread between pictures", spread, params.spread_share, "of the scale",
                    "readings of different pictures do not agree"),
        )  # fmt: skip
        whole = weighed(value, f"{value:.3g} {scale.unit}", tests, sure[-1].marks)
        least = min(sure, key=lambda look: look.confidence)
        return Reading(
            whole.value, whole.words, min(whole.confidence, least.confidence), whole.fault,
            (*whole.evidence, *least.evidence), whole.marks,
        )  # fmt: skip


def _middle(reading: Reading) -> FloatArray:
    """About the middle of the dial that was read: that of its rim."""
    return np.asarray(reading.marks[0][:-1].mean(axis=0))


def beside_tag(
    image: Image, about: FloatArray, tag: DialTag, radius_m: float
) -> FloatArray | None:
    """The dial's plane by the marker beside it; None where that is not seen exactly once."""
    rings = [ring for text, ring in aruco_tags(image) if text == str(tag.marker_id)]
    if len(rings) != 1:
        return None
    half, x, y = tag.edge_m / 2.0, tag.right_m, tag.up_m
    square = np.array([[x - half, y + half], [x + half, y + half], [x + half, y - half],
                       [x - half, y - half]]) / radius_m  # fmt: skip
    # The place's own tilt is better than that of a small square: the marker moves and scales it.
    expected = pixels_of(about, square)
    found, _ = cv2.estimateAffinePartial2D(expected, rings[0], method=cv2.LMEDS)
    move = np.asarray(found, np.float64)  # None, where there is none, becomes NaN
    if not np.isfinite(move).all():
        return None
    moved = np.vstack((move, (0.0, 0.0, 1.0)))
    turned = abs(math.atan2(float(move[1, 0]), float(move[0, 0])))
    return np.asarray(moved @ about) if turned < math.radians(8.0) else None


def dials_near(image: Image, about: FloatArray, slack: float) -> list[FloatArray]:
    """Where round things of about the dial's size are, up to `slack` radii from its place."""
    if slack <= _CLOSE:
        return [about]
    reach = slack + 1.3
    corners = np.array([[-reach, -reach], [reach, -reach], [reach, reach], [-reach, reach]])
    if not is_inside(about, np.zeros((1, 2)), image.shape):
        return []
    if float((np.column_stack((corners, np.ones(4))) @ about[2]).min()) <= 0.0:
        return []
    size = 2 * round(reach * _FLAT_PX) + 1
    grid = np.array(
        [[1.0 / _FLAT_PX, 0.0, -reach], [0.0, -1.0 / _FLAT_PX, reach], [0.0, 0.0, 1.0]]
    )
    flat = cv2.warpPerspective(
        image, about @ grid, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    grey = cv2.GaussianBlur(cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY), (0, 0), 1.2)
    circles = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT, 1.0, 0.5 * _FLAT_PX, param1=60.0, param2=14.0,
        minRadius=round(0.8 * _FLAT_PX), maxRadius=round(1.25 * _FLAT_PX),
    )  # fmt: skip
    found = [] if circles is None else circles.reshape(-1, 3)[:_CANDIDATES].tolist()
    places = []
    for u, v, radius in found:
        x, y = u / _FLAT_PX - reach, reach - v / _FLAT_PX
        size_there = radius / _FLAT_PX
        places.append(about @ np.array([[size_there, 0, x], [0, size_there, y], [0, 0, 1.0]]))
    return places
