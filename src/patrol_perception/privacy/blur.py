"""Parts of a picture are reduced to a few means and drawn from these alone.

Nothing is kept that could undo it: of a head, three by three means at most reach the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from patrol_perception.view import Box, Image

_BLOCKS_ACROSS = 3
_MIN_BLOCK_PX = 10
_WHOLE_BLOCK_PX = 64


def blur_boxes(image: Image, boxes: Iterable[Box]) -> None:
    """Replace every box by at most three means across, blended; in place.

    Boxes that overlap share one grid of means, as coarse as that of a box round all of them (up
    to 64 pixels): what two of them show of a head is no more than one would.
    """
    for group in _groups(list(boxes)):
        hull = _hull(group)
        width, height = hull.right - hull.left, hull.bottom - hull.top
        own = max((box.right - box.left) / _BLOCKS_ACROSS for box in group)
        block = max(_MIN_BLOCK_PX, own, min(width / _BLOCKS_ACROSS, _WHOLE_BLOCK_PX))
        part = image[hull.top : hull.bottom, hull.left : hull.right]
        blurred = _means(part, max(1, int(width / block)), max(1, int(height / block)))
        for box in group:
            rows = slice(box.top - hull.top, box.bottom - hull.top)
            columns = slice(box.left - hull.left, box.right - hull.left)
            part[rows, columns] = blurred[rows, columns]


def blur_all(image: Image) -> None:
    """Replace the whole picture by means of 64 x 64 pixels, blended; in place."""
    height, width = image.shape[:2]
    image[:] = _means(image, max(1, width // _WHOLE_BLOCK_PX), max(1, height // _WHOLE_BLOCK_PX))


def _means(part: Image, columns: int, rows: int) -> Image:
    means = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    size = (part.shape[1], part.shape[0])
    return np.asarray(cv2.resize(means, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _groups(boxes: Sequence[Box]) -> list[list[Box]]:
    """Boxes that overlap, directly or by way of others, together; in the order given."""
    groups: list[list[Box]] = []
    for box in boxes:
        touching = [g for g in groups if any(box.overlap(other) > 0 for other in g)]
        groups = [g for g in groups if g not in touching]
        groups.append([*(other for g in touching for other in g), box])
    return groups


def _hull(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.left for box in boxes), min(box.top for box in boxes),
        max(box.right for box in boxes), max(box.bottom for box in boxes),
    )  # fmt: skip
