"""Nobody is recognisable in what leaves this module, and privacy zones are black.

Regions are reduced to a few means and drawn from these alone: nothing is kept that could undo it.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from patrol_core.geometry import Points, points_in_polygon
from patrol_perception.view import Box, Image, View

_BLOCKS_ACROSS = 3
_MIN_BLOCK_PX = 10
_WHOLE_BLOCK_PX = 64


def blur_boxes(image: Image, boxes: Iterable[Box]) -> None:
    """Replace every box by at most three means across, blended; in place."""
    for box in boxes:
        width, height = box.right - box.left, box.bottom - box.top
        block = max(_MIN_BLOCK_PX, width / _BLOCKS_ACROSS)
        _reduce(image, box, max(1, round(width / block)), max(1, round(height / block)))


def blur_all(image: Image) -> None:
    """Replace the whole picture by means of 64 x 64 pixels, blended; in place."""
    height, width = image.shape[:2]
    columns, rows = max(1, width // _WHOLE_BLOCK_PX), max(1, height // _WHOLE_BLOCK_PX)
    _reduce(image, Box(0, 0, width, height), columns, rows)


def _reduce(image: Image, box: Box, columns: int, rows: int) -> None:
    part = image[box.top : box.bottom, box.left : box.right]
    means = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    size = (box.right - box.left, box.bottom - box.top)
    part[:] = cv2.resize(means, size, interpolation=cv2.INTER_LINEAR)


def black_zones(image: Image, view: View, zones_m: Iterable[Points], height_m: float) -> None:
    """Black out upright prisms on polygons of `map`, up to `height_m`, in place.

    What stands before a zone goes black with it. All is black from inside a zone.
    """
    for polygon_m in zones_m:
        if points_in_polygon(view.position_m[None, :2], polygon_m)[0]:
            image[:] = 0
            return
        floor = np.column_stack((np.asarray(polygon_m), np.zeros(len(polygon_m))))
        top = floor + (0.0, 0.0, height_m)
        faces = [floor, top]
        for i in range(len(floor)):
            j = (i + 1) % len(floor)
            faces.append(np.stack((floor[i], floor[j], top[j], top[i])))
        for face in faces:
            pixels = view.face(face)
            if pixels is not None:
                cv2.fillPoly(image, [pixels], (0, 0, 0))
