"""The few shapes that everything is drawn with, in `map` unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from patrol_core.geometry import Points, Pose2, Transform3
from patrol_core.types.markers import Color, Marker, Shape

GROUND_M = 0.02
"""Lines lie so high, or the map hides them."""
TEXT_M = 0.35
LINE_M = 0.06


def ring(
    stamp_s: float, namespace: str, number: int, corners: Points, color: Color
) -> Marker:  # fmt: skip
    """A closed line on the ground."""
    closed = np.array([*corners, corners[0]])
    lifted = np.column_stack((closed, np.full(len(closed), GROUND_M)))
    origin = Transform3((0.0, 0.0, 0.0))
    return Marker(
        stamp_s, "map", namespace, number, Shape.LINE_STRIP, origin, (LINE_M, 0.0, 0.0), color,
        corners_m=lifted,
    )  # fmt: skip


def words(
    stamp_s: float, namespace: str, number: int, at_m: Sequence[float], text: str, color: Color,
    lifetime_s: float = 0.0, frame_id: str = "map",
) -> Marker:  # fmt: skip
    """A text that faces whoever looks, at x, y, z."""
    x, y, z = at_m
    return Marker(
        stamp_s, frame_id, namespace, number, Shape.TEXT, Transform3((x, y, z)),
        (0.0, 0.0, TEXT_M), color, lifetime_s, text,
    )  # fmt: skip


def body(
    stamp_s: float, namespace: str, number: int, shape: Shape, pose: Pose2,
    size_m: tuple[float, float, float], color: Color, lifetime_s: float = 0.0,
) -> Marker:  # fmt: skip
    """A solid that stands on the ground; an arrow lies there."""
    height = GROUND_M if shape is Shape.ARROW else size_m[2] / 2.0
    at = Transform3.from_pose2(pose, height)
    return Marker(stamp_s, "map", namespace, number, shape, at, size_m, color, lifetime_s)
