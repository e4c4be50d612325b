"""Who moves in the picture, and where they were in the last seconds."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
import numpy.typing as npt

from patrol_perception.watching.kernels import MOVING
from patrol_perception.watching.layers import Mask

Boxes = npt.NDArray[np.int64]
"""(N, 4): x, y, width, height [pixels]."""

_LEAST_PX = 30
_GAP = np.ones((5, 3), np.uint8)


class Movers:
    """Boxes of what moves, look after look, for as long as `keep` pictures."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._seen: deque[tuple[int, Boxes]] = deque()

    def look(self, state: Mask, number: int) -> None:
        """Note what moves in the picture `number`."""
        moving = (state == MOVING).astype(np.uint8)
        moving = np.asarray(cv2.morphologyEx(moving, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)))
        moving = np.asarray(cv2.morphologyEx(moving, cv2.MORPH_CLOSE, _GAP))
        _, _, stats, _ = cv2.connectedComponentsWithStats(moving, connectivity=8)
        stats = stats[1:]
        boxes = stats[stats[:, cv2.CC_STAT_AREA] >= _LEAST_PX, :4].astype(np.int64)
        self._seen.append((number, boxes))
        while self._seen[0][0] < number - self._keep:
            self._seen.popleft()

    def touching(self, box: Boxes, first: int, last: int, margin: int) -> list[tuple[int, int]]:
        """Picture and height [px] of each that touched a box (4,), from a picture to another."""
        x, y, width, height = box
        found = []
        for number, boxes in self._seen:
            if first <= number <= last and len(boxes):
                beside = (boxes[:, 0] > x + width + margin) | (
                    boxes[:, 0] + boxes[:, 2] < x - margin
                )
                above = (boxes[:, 1] > y + height + margin) | (
                    boxes[:, 1] + boxes[:, 3] < y - margin
                )
                near = boxes[~(beside | above)]
                found += [(number, int(tall)) for tall in near[:, 3]]
        return found
