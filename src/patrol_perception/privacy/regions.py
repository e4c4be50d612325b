"""From changed pixels to boxes that hold whoever may have changed them, head included."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from patrol_perception.view import Box

Mask = npt.NDArray[np.uint8]

_GAP = 0.012
"""Parts of one body are no farther apart than twice this share of the picture's height."""
_FILL = 0.3
"""A box that holds less than this share of changed pixels is divided."""
_HEADROOM, _HEADROOM_MOST = 0.25, 0.12
"""A head that looks like what is behind it is so far above the rest, by the height of the rest;
by that of the picture, no head is taller."""
_BESIDE, _BELOW = 0.1, 0.05
_MARGIN = 0.012
"""At least so much all round, as a share of the picture's height."""


def boxes_of(mask: Mask, width_px: int, height_px: int, least_area: float) -> list[Box]:
    """Boxes in a picture of that size round what is set in a mask (h, w) of it.

    `least_area`: the smallest patch that counts, as a share of the picture. Boxes of one patch
    overlap.
    """
    rows, columns = mask.shape
    across, down, margin = width_px / columns, height_px / rows, _MARGIN * rows
    solid = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)))
    gap = max(1, round(_GAP * rows))
    joined = cv2.dilate(solid, np.ones((2 * gap + 1, 2 * gap + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    boxes = []
    for k in range(1, count):
        x, y, wide, tall = stats[k, :4].tolist()
        part = np.s_[y : y + tall, x : x + wide]
        patch = (labels[part] == k) & (solid[part] > 0)
        if np.count_nonzero(patch) < least_area * mask.size:
            continue
        for piece in _pieces(patch, x, y):
            beside = _BESIDE * (piece.right - piece.left) + margin
            above = min(_HEADROOM * (piece.bottom - piece.top), _HEADROOM_MOST * rows) + margin
            below = _BELOW * (piece.bottom - piece.top) + margin
            boxes.append(
                Box(
                    max(0, math.floor((piece.left - beside) * across)),
                    max(0, math.floor((piece.top - above) * down)),
                    min(width_px, math.ceil((piece.right + beside) * across)),
                    min(height_px, math.ceil((piece.bottom + below) * down)),
                )
            )
    return boxes


def _pieces(patch: npt.NDArray[np.bool_], x: int, y: int) -> Iterator[Box]:
    """Boxes round a patch whose corner is at x, y: one where it fills it, else of its halves."""
    rows, columns = np.flatnonzero(patch.any(axis=1)), np.flatnonzero(patch.any(axis=0))
    if not len(rows):
        return
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    tight = patch[top:bottom, left:right]
    if tight.mean() >= _FILL or max(tight.shape) <= 8:
        yield Box(int(x + left), int(y + top), int(x + right), int(y + bottom))
        return
    halves = np.array_split(tight, 2, axis=0 if tight.shape[0] > tight.shape[1] else 1)
    yield from _pieces(halves[0], int(x + left), int(y + top))
    if tight.shape[0] > tight.shape[1]:
        yield from _pieces(halves[1], int(x + left), int(y + top) + len(halves[0]))
    else:
        yield from _pieces(halves[1], int(x + left) + halves[0].shape[1], int(y + top))
