"""The camera as a second witness: people in the picture stand where tracks are.

Nothing of a picture stays: a track remembers how often a detection agreed with it, not who or how
anybody looked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from patrol_perception.view import Box, View

if TYPE_CHECKING:
    from patrol_perception.tracks import Follow

_HEIGHT_M, _HALF_WIDTH_M = 1.85, 0.4
_AGREEING = 0.3
_MAX_AGE_S = 0.5


def note_sightings(view: View, boxes: Sequence[Box], follows: Sequence[Follow]) -> None:
    """Tell tracks of the detections that agree with them.

    A detection agrees with a track when it covers the part of the picture that somebody of usual
    height would fill who stood there: the same bearing, and feet on the ground at that range. Each
    detection speaks for one track, the one that it fits best.
    """
    expected = [
        (box, follow)
        for follow in follows
        if abs(view.stamp_s - follow.last_seen_s) <= _MAX_AGE_S
        and (box := _expected(view, follow)) is not None
    ]
    fits = sorted(
        (
            (_fit(box, found), number, index)
            for number, (box, _) in enumerate(expected)
            for index, found in enumerate(boxes)
        ),
        key=lambda fit: -fit[0],
    )
    told: set[int] = set()
    spoken: set[int] = set()
    for fit, number, index in fits:
        if fit >= _AGREEING and number not in told and index not in spoken:
            told.add(number)
            spoken.add(index)
            expected[number][1].sighted()


def _expected(view: View, follow: Follow) -> Box | None:
    """What of the picture somebody would fill at the place of a track."""
    ahead_s = view.stamp_s - follow.predicted_s
    x, y = follow.x_m + follow.vx_mps * ahead_s, follow.y_m + follow.vy_mps * ahead_s
    across = math.atan2(y - view.position_m[1], x - view.position_m[0]) + math.pi / 2.0
    dx, dy = _HALF_WIDTH_M * math.cos(across), _HALF_WIDTH_M * math.sin(across)
    return view.column_box(np.array([(x - dx, y - dy), (x + dx, y + dy)]), _HEIGHT_M, 0.0)


def _fit(first: Box, second: Box) -> float:
    """Intersection by union."""
    common = first.overlap(second)
    return common / (first.area() + second.area() - common)
