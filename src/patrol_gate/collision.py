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
from patrol_gate.manoeuvre import POSES, Manoeuvre
from patrol_gate.movers import Movers

BoolArray = npt.NDArray[np.bool_]

COARSE_POSES = tuple(range(0, POSES, 6))
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

    `aside_mps`: how far from walking straight on it may stray, once its way is known. `rest_s`:
    how long the robot must have stood before it could be touched.
    """

    speed_mps: float
    aside_mps: float
    age_s: float
    rest_s: float


def body_distances_m(points_m: FloatArray, body: Body) -> FloatArray:
    """Distance of points (N, 2) from the body at the start, shape (N,)."""
    along = np.abs(points_m[:, 0] - body.center_x_m) - body.length_m / 2.0
    across = np.abs(points_m[:, 1]) - body.width_m / 2.0
    return _rectangle_distances(along, across)


def near_path(motion: Manoeuvre, points_m: FloatArray, within_m: float) -> BoolArray:
    """Which points (N, 2) lie within a distance of base_link's path, or a little farther."""
    coarse = np.array(COARSE_POSES)
    x, y = motion.x_m[coarse, None], motion.y_m[coarse, None]
    hops = np.hypot(np.diff(x, axis=0), np.diff(y, axis=0))
    dx, dy = points_m[:, 0] - x, points_m[:, 1] - y
    dx *= dx
    dy *= dy
    dx += dy
    return np.asarray(dx.min(axis=0) <= (within_m + 0.5 * float(hops.max())) ** 2)


def first_still_conflict(
    motion: Manoeuvre, points_m: FloatArray, now_m: FloatArray, body: Body, margins: Margins
) -> int | None:
    """Index of the point (N, 2) that the body first comes too near to, or None.

    A point that is within the margin already (`now_m`: its distance at the start) is in
    conflict only when the body comes nearer to it.
    """
    margin = (margins.still_m + margins.growth_s * motion.speed_mps)[:, None]
    return _first(motion, points_m, body, margin, now_m - NO_NEARER_M)


def first_moving_conflict(
    motion: Manoeuvre, movers: Movers, body: Body, margins: Margins, approach: Approach
) -> int | None:
    """Index of the mover that could touch the body while it moves or `rest_s` after, or None.

    Whose way is known walks straight on, give or take; of the others each may come nearer from
    every side (ISO 13855).
    """
    motion = motion.resting(approach.rest_s)
    elapsed = motion.times_s + approach.age_s
    margin = margins.still_m + margins.growth_s * motion.speed_mps
    pace = np.where(movers.known, approach.aside_mps, approach.speed_mps)
    keep = margin[:, None] + elapsed[:, None] * pace
    most = np.full(len(pace), np.inf)
    return _first(motion, movers.points_m, body, keep, most, (movers.velocities_mps, elapsed))


def touches(motion: Manoeuvre, points_m: FloatArray, body: Body) -> bool:
    """Whether the body meets any point (N, 2) on the way, other than by standing there."""
    now_m = body_distances_m(points_m, body)
    keep = np.zeros((len(motion.times_s), 1))
    return _first(motion, points_m, body, keep, now_m - NO_NEARER_M) is not None


def direction_words(x_m: float, y_m: float) -> str:
    """Where a point in base_link is, for a person."""
    angle = math.atan2(y_m, x_m)
    if abs(angle) <= math.pi / 4.0:
        return "ahead"
    if abs(angle) >= 3.0 * math.pi / 4.0:
        return "behind"
    return "to the left" if angle > 0.0 else "to the right"


def _first(
    motion: Manoeuvre,
    points_m: FloatArray,
    body: Body,
    keep_m: FloatArray,
    most_m: FloatArray,
    walk: tuple[FloatArray, FloatArray] | None = None,
) -> int | None:
    """The point (N, 2) that first comes nearer than `keep_m` (K, 1 or N) and its `most_m` (N,).

    `walk`: velocities (N, 2) of the points, and for how long they have walked at each pose (K,).
    """
    if not len(points_m):
        return None
    cos, sin = np.cos(motion.yaw_rad), np.sin(motion.yaw_rad)
    forward, left = np.column_stack((cos, sin)), np.column_stack((-sin, cos))
    along, across = forward @ points_m.T, left @ points_m.T
    if walk is not None:
        velocities, elapsed = walk[0].T, walk[1][:, None]
        along += (forward @ velocities) * elapsed
        across += (left @ velocities) * elapsed
    along -= (cos * motion.x_m + sin * motion.y_m + body.center_x_m)[:, None]
    np.abs(along, out=along)
    along -= body.length_m / 2.0
    across -= (cos * motion.y_m - sin * motion.x_m)[:, None]
    np.abs(across, out=across)
    across -= body.width_m / 2.0
    columns = np.flatnonzero(np.any(np.maximum(along, across) < keep_m, axis=0))
    if not len(columns):
        return None
    distances = _rectangle_distances(along[:, columns], across[:, columns])
    keep = keep_m if keep_m.shape[1] == 1 else keep_m[:, columns]
    conflict = distances < np.minimum(keep, most_m[columns])
    rows = conflict.any(axis=1)
    if not rows.any():
        return None
    row = int(np.argmax(rows))
    return int(columns[np.argmin(np.where(conflict[row], distances[row], np.inf))])


def _rectangle_distances(along: FloatArray, across: FloatArray) -> FloatArray:
    """Distances from a rectangle, negative inside, from how far points lie beyond its sides."""
    inside = np.minimum(np.maximum(along, across), 0.0)
    outside = np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0))
    return np.asarray(inside + outside)
