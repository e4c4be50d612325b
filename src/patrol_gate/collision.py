"""Whether a motion of the body keeps clear of points. Pure; all in base_link at the start.

The body is the rectangle of the robot model. Distances are from its boundary, negative inside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.robot import Body
from patrol_gate.manoeuvre import Manoeuvre

NO_NEARER_M = 0.001
"""What counts as not coming nearer to something that is already within the margin."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Distance to keep: `still_m` at rest, growing with speed."""

    still_m: float
    growth_s: float


@dataclass(frozen=True, slots=True)
class Approach:
    """How fast something that moves may come nearer, and how old the sight of it is.

    `rest_s`: how long the robot must have stood before it could be touched.
    """

    speed_mps: float
    age_s: float
    rest_s: float


def body_distances_m(points_m: FloatArray, body: Body) -> FloatArray:
    """Distance of points (N, 2) from the body at the start, shape (N,)."""
    along = np.abs(points_m[:, 0] - body.center_x_m) - body.length_m / 2.0
    across = np.abs(points_m[:, 1]) - body.width_m / 2.0
    return _rectangle_distances(along, across)


def first_still_conflict(
    motion: Manoeuvre, points_m: FloatArray, now_m: FloatArray, body: Body, margins: Margins
) -> int | None:
    """Index of the point (N, 2) that the body first comes too near to, or None.

    A point that is within the margin already (`now_m`: its distance at the start) is in
    conflict only when the body comes nearer to it.
    """
    if not len(points_m):
        return None
    along, across = _body_coordinates(motion, points_m, body)
    margin = margins.still_m + margins.growth_s * motion.speed_mps
    keep = np.minimum(margin[:, None], now_m - NO_NEARER_M)
    return _first(along, across, keep)


def first_moving_conflict(
    motion: Manoeuvre, points_m: FloatArray, body: Body, margins: Margins, approach: Approach
) -> int | None:
    """Index of the point (N, 2) of something that moves which could touch the body, or None.

    It may come nearer from every side while the robot moves and `rest_s` after (ISO 13855).
    """
    if not len(points_m):
        return None
    along, across = _body_coordinates(motion, points_m, body)
    elapsed = motion.times_s + approach.age_s
    elapsed[-1] += approach.rest_s
    margin = margins.still_m + margins.growth_s * motion.speed_mps
    keep = (margin + approach.speed_mps * elapsed)[:, None]
    return _first(along, across, np.broadcast_to(keep, along.shape))


def touches(motion: Manoeuvre, points_m: FloatArray, body: Body) -> bool:
    """Whether the body meets any point (N, 2) on the way, other than by standing there."""
    if not len(points_m):
        return False
    now = body_distances_m(points_m, body)
    along, across = _body_coordinates(motion, points_m, body)
    keep = np.minimum(0.0, now - NO_NEARER_M)
    return _first(along, across, np.broadcast_to(keep, along.shape)) is not None


def direction_words(x_m: float, y_m: float) -> str:
    """Where a point in base_link is, for a person."""
    angle = math.atan2(y_m, x_m)
    if abs(angle) <= math.pi / 4.0:
        return "ahead"
    if abs(angle) >= 3.0 * math.pi / 4.0:
        return "behind"
    return "to the left" if angle > 0.0 else "to the right"


def _body_coordinates(
    motion: Manoeuvre, points_m: FloatArray, body: Body
) -> tuple[FloatArray, FloatArray]:
    """Per pose and point, how far it lies beyond the sides, along and across: (K, N)."""
    dx = points_m[:, 0] - motion.x_m[:, None]
    dy = points_m[:, 1] - motion.y_m[:, None]
    cos, sin = np.cos(motion.yaw_rad)[:, None], np.sin(motion.yaw_rad)[:, None]
    along = np.abs(cos * dx + sin * dy - body.center_x_m) - body.length_m / 2.0
    across = np.abs(cos * dy - sin * dx) - body.width_m / 2.0
    return along, across


def _first(along: FloatArray, across: FloatArray, keep: FloatArray) -> int | None:
    """Column of the first row in which a distance falls below `keep`."""
    near: npt.NDArray[np.bool_] = np.asarray(np.any(np.maximum(along, across) < keep, axis=0))
    if not near.any():
        return None
    columns = np.flatnonzero(near)
    distances = _rectangle_distances(along[:, columns], across[:, columns])
    conflict = distances < keep[:, columns]
    rows = conflict.any(axis=1)
    if not rows.any():
        return None
    row = int(np.argmax(rows))
    return int(columns[np.argmin(np.where(conflict[row], distances[row], np.inf))])


def _rectangle_distances(along: FloatArray, across: FloatArray) -> FloatArray:
    inside = np.minimum(np.maximum(along, across), 0.0)
    outside = np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0))
    return np.asarray(inside + outside)
