"""Photos of findings: the blurred frame that shows the place best, with a discreet marker."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.sensors import CompressedImage
from patrol_perception.findings import FindingBook
from patrol_perception.params import CameraParams
from patrol_perception.view import Box, Image, View

DEPTH_STEP_PX = 8
_MIN_SCORE = 0.3
_BETTER = 1.15
_PASSED = 0.8
_MAX_HIDDEN_SHARE = 0.2
_MAX_HIDDEN_SHARE_LARGE = 0.85
_EDGE_SHARE = 0.03
_OCCLUDED_M = 0.6
_FRONT_M = 1.0
_SPREAD = 0.7
_SURROUNDINGS, _MIN_PART = 5.0, 0.5
_MARKER_BGR = (40, 190, 255)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A blurred picture (JPEG) with where it was taken from, what is hidden in it, and its depth
    (every `DEPTH_STEP_PX`-th pixel, None without a depth camera)."""

    jpeg: bytes
    view: View
    hidden: tuple[Box, ...]
    depth_m: npt.NDArray[np.float32] | None


Before = Callable[[Frame, Finding], CompressedImage | None]


class PhotoChooser:
    """Keeps the newest blurred frames and gives findings the best of them."""

    def __init__(self, params: CameraParams, before: Before | None = None) -> None:
        """`before`: shows the place of a finding as it was, where it can."""
        self._params = params
        self._before = before
        self._frames: deque[Frame] = deque(maxlen=params.ring_frames)
        self._best: dict[str, tuple[float, Frame]] = {}

    def forget(self) -> None:
        """Drop the frames: a privacy zone that was not in force then may be in them."""
        self._frames.clear()
        self._best.clear()

    def step(self, frame: Frame, book: FindingBook, now_s: float) -> None:
        """Take in a frame. A finding gets its first photo at once, and a better one, if there was
        one, when the robot has had its best view."""
        self._frames.append(frame)
        for entry in book.entries:
            finding = entry.finding
            if entry.closed:
                continue
            frames = self._frames if finding.photo is None else (frame,)
            now = 0.0
            for candidate in frames:
                now = self.score(candidate, finding, may_be_hidden=entry.main_spot is None)
                if now > self._best.get(finding.finding_id, (_MIN_SCORE,))[0]:
                    self._best[finding.finding_id] = (now, candidate)
            score, best = self._best.get(finding.finding_id, (0.0, frame))
            passed = now < _PASSED * score and score > _BETTER * entry.photo_score
            if score > 0.0 and (finding.photo is None or passed):
                was = None if self._before is None else self._before(best, finding)
                box, _ = finding_box(best.view, finding)
                photo = marked(best.jpeg, best.view, box, self._params)
                book.add_photo(entry, photo, score, now_s, was)

    def score(self, frame: Frame, finding: Finding, *, may_be_hidden: bool = False) -> float:
        """0 where the finding is not to be seen (yet), up to 1 where it is seen best.

        `may_be_hidden`: of what the lidar does not know for a thing the place alone can be shown.
        """
        params, view = self._params, frame.view
        if view.stamp_s < finding.first_seen_s:
            return 0.0
        box, distance = finding_box(view, finding)
        reach = finding.length_m / 2.0
        if box is None or not params.photo_near_m <= distance <= params.photo_far_m + reach:
            return 0.0
        hidden = _hidden_share(frame, box)
        large = finding.kind is FindingKind.OBSTRUCTION
        too_hidden = hidden > (_MAX_HIDDEN_SHARE_LARGE if large else _MAX_HIDDEN_SHARE)
        if (too_hidden and not may_be_hidden) or _is_covered(frame, box, finding, distance):
            return 0.0
        info = view.info
        u, v = (box.left + box.right) / 2.0, (box.top + box.bottom) / 2.0
        off = math.hypot(u / info.width_px - 0.5, v / info.height_px - 0.5)
        best = params.photo_best_m + reach
        near = math.exp(-0.5 * (math.log(distance / best) / _SPREAD) ** 2)
        return near * (1.0 - off) * (1.0 - min(hidden, 1.0) / 2.0)


def _hidden_share(frame: Frame, box: Box) -> float:
    """How much of a box is blurred; what is blurred twice counts twice."""
    return sum(box.overlap(hidden) for hidden in frame.hidden) / max(box.area(), 1)


def _is_covered(frame: Frame, box: Box, finding: Finding, distance_m: float) -> bool:
    """Whether something stands before the finding."""
    if frame.depth_m is None:
        return False
    row = min((box.top + box.bottom) // 2 // DEPTH_STEP_PX, frame.depth_m.shape[0] - 1)
    column = min((box.left + box.right) // 2 // DEPTH_STEP_PX, frame.depth_m.shape[1] - 1)
    seen = float(frame.depth_m[row, column])
    return seen < distance_m - finding.length_m / 2.0 - _OCCLUDED_M


def finding_box(view: View, finding: Finding) -> tuple[Box | None, float]:
    """Where a finding is in the picture and how far away [m].

    None when it is not wholly inside; of a large one the middle is enough.
    """
    large = finding.kind is FindingKind.OBSTRUCTION
    height = 1.6 if large else min(max(finding.length_m, 0.3), 1.0)
    half = max(finding.length_m, finding.width_m, 0.2) / 2.0
    if large:
        middle_m = view.to_optical(np.array([[finding.x_m, finding.y_m, 0.0]]))
        half = min(half, max(float(middle_m[0, 2]) - _FRONT_M, 0.1))
    turn = np.arange(8) * (math.pi / 4.0)
    ring = np.column_stack((finding.x_m + half * np.cos(turn), finding.y_m + half * np.sin(turn)))
    optical = view.to_optical(_column(ring, height))
    distance = float(np.mean(optical[:, 2]))
    if np.min(optical[:, 2]) < 0.3:
        return None, distance
    pixels, info = view.pixels(optical), view.info
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    edge = _EDGE_SHARE * info.width_px
    if large:
        middle = (low + high) / 2.0
        low = np.maximum(low, edge)
        high = np.minimum(high, (info.width_px - edge, info.height_px - edge))
        if not (low < middle).all() or not (middle < high).all():
            return None, distance
    inside = (low >= edge).all() and high[0] <= info.width_px - edge
    if not inside or high[1] > info.height_px - 1:
        return None, distance
    return view.clip(float(low[0]), float(low[1]), float(high[0]), float(high[1])), distance


def _column(ring_m: FloatArray, height_m: float) -> FloatArray:
    low = np.column_stack((ring_m, np.zeros(len(ring_m))))
    return np.concatenate((low, low + (0.0, 0.0, height_m)))


def marked(jpeg: bytes, view: View, box: Box | None, params: CameraParams) -> CompressedImage:
    """The surroundings of a box, enlarged to the picture's size, with corner brackets."""
    image = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    if box is not None:
        image, box = _enlarged(image, box)
        for colour, thickness in (((20, 20, 20), 4), (_MARKER_BGR, 2)):
            _brackets(image, box, colour, thickness)
    quality = [cv2.IMWRITE_JPEG_QUALITY, params.jpeg_quality]
    _, encoded = cv2.imencode(".jpg", image, quality)
    return CompressedImage(view.stamp_s, view.info.frame_id, "jpeg", encoded.tobytes())


def _enlarged(image: Image, box: Box) -> tuple[Image, Box]:
    """The surroundings of a box, half the picture at least, and where the box is in them."""
    height, width = image.shape[:2]
    share = _SURROUNDINGS * max((box.right - box.left) / width, (box.bottom - box.top) / height)
    share = min(max(share, _MIN_PART), 1.0)
    part_width, part_height = round(share * width), round(share * height)
    left = min(max((box.left + box.right - part_width) // 2, 0), width - part_width)
    top = min(max((box.top + box.bottom - part_height) // 2, 0), height - part_height)
    part = image[top : top + part_height, left : left + part_width]
    large = cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC)
    corners = (box.left - left, box.top - top, box.right - left, box.bottom - top)
    return np.asarray(large, np.uint8), Box(*(round(value / share) for value in corners))


def _brackets(image: Image, box: Box, colour: tuple[int, int, int], thickness: int) -> None:
    arm = max(5, min(box.right - box.left, box.bottom - box.top) // 4)
    for x, dx in ((box.left, arm), (box.right - 1, -arm)):
        for y, dy in ((box.top, arm), (box.bottom - 1, -arm)):
            corner = np.array([[x + dx, y], [x, y], [x, y + dy]], np.int32)
            cv2.polylines(image, [corner], False, colour, thickness, cv2.LINE_AA)
