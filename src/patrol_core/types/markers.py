"""What has no standard message of its own, drawn for engineers' tools."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from patrol_core.geometry import FloatArray, Transform3

Color = tuple[float, float, float, float]
"""Red, green, blue, opacity, each from 0 to 1."""


def _no_corners() -> FloatArray:
    return np.empty((0, 3))


def _no_colors() -> FloatArray:
    return np.empty((0, 4))


class Shape(Enum):
    """By the numbers of visualization_msgs/Marker."""

    ARROW = 0
    CUBE = 1
    SPHERE = 2
    CYLINDER = 3
    LINE_STRIP = 4
    LINE_LIST = 5
    TEXT = 9
    TRIANGLES = 11


@dataclass(frozen=True, slots=True, eq=False)
class Marker:
    """One shape in `frame_id`; `namespace` and `number` name it. `lifetime_s` 0: for ever.

    `size_m`: length, width, height; of lines the first is their width, of a text the last its
    height. `corners_m` (N, 3) of lines and triangles, in `pose`, `colors_rgba` (N, 4) or none.
    """

    stamp_s: float
    frame_id: str
    namespace: str
    number: int
    shape: Shape
    pose: Transform3
    size_m: tuple[float, float, float]
    color: Color
    lifetime_s: float = 0.0
    text: str = ""
    corners_m: FloatArray = field(default_factory=_no_corners)
    colors_rgba: FloatArray = field(default_factory=_no_colors)


@dataclass(frozen=True, slots=True)
class Markers:
    """Shapes to draw; `clears`: what was drawn before of this row goes first."""

    markers: tuple[Marker, ...]
    clears: bool = False
