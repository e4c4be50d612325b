"""From where the robot was driven to a line that it can patrol, never far from driven ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.distance import cdist
from shapely.geometry import LineString, Polygon

from patrol_core.geometry import FloatArray, Points
from patrol_core.site.model import Dock

TOLERANCE_M = 0.05
"""How far smoothing moves a point, and how far the simplified line may be from the smoothed one
(Douglas and Peucker 1973): together 0.1 m beside driven ground."""
CLOSE_M = 3.0
"""Ends no farther apart are joined, where the line between them keeps to driven ground."""
BESIDE_M = 0.75
"""A line so near to the track is on ground that the robot's body has passed, or almost."""
DOCK_ROOM_M = 0.3
"""Beyond the start of the approach to a dock: there undocking ends and a patrol begins."""
MIN_LENGTH_M = 3.0

_STEP_M = 0.05
_SMOOTH_M = 0.15
_ENDS_M, _DOCK_WAY_M = 6.0, 3.0
_AS_NEAR_M = 0.1
_POINTS_WITHIN_M = 10.0
_KEPT_OFF_M = 0.5


def driven_line(track: FloatArray, docks: Sequence[Dock] = ()) -> Points:
    """Corners of the route that a track (N, 2) teaches, to the centimetre, 10 m apart at most.

    What lies at a dock at either end is left out. If the end comes back to the start, the line is
    closed: its last point is its first. Empty where less than 3 m are left.
    """
    points = _without_docks(track, docks)
    if _length_m(points) < MIN_LENGTH_M:
        return ()
    from_dock = bool(np.any(track[0] != points[0]))
    lap = _lap(_smoothed(points), track, from_dock=from_dock)
    points = _smoothed(points) if lap is None else np.vstack((lap, lap[:1]))
    line = LineString(points).simplify(TOLERANCE_M)
    corners = shapely.get_coordinates(shapely.segmentize(line, _POINTS_WITHIN_M)).round(2)
    keep = np.concatenate(([True], np.any(np.diff(corners, axis=0) != 0.0, axis=1)))
    corners = corners[keep]
    return tuple((float(x), float(y)) for x, y in corners)


def went_round(track: FloatArray) -> Points:
    """Corners of what a track (N, 2) went round, half a metre inside it; empty: nothing is left,
    or the track crosses itself."""
    ring = Polygon(track)
    inside = ring.buffer(-_KEPT_OFF_M).simplify(TOLERANCE_M) if ring.is_valid else None
    return _corners(inside) if isinstance(inside, Polygon) and not inside.is_empty else ()


def around(track: FloatArray, beside_m: float) -> Points:
    """Corners of the ground within `beside_m` of a track (N, 2), and of all that it encloses."""
    ground = LineString(track).buffer(beside_m, quad_segs=4)
    assert isinstance(ground, Polygon)
    ring = Polygon(ground.exterior).simplify(0.1)
    assert isinstance(ring, Polygon)
    return _corners(ring)


def _corners(polygon: Polygon) -> Points:
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in polygon.exterior.coords[:-1])


def _without_docks(track: FloatArray, docks: Sequence[Dock]) -> FloatArray:
    away = np.ones(len(track), dtype=bool)
    for dock in docks:
        offsets = track - np.array([dock.pose.x_m, dock.pose.y_m])
        away &= np.linalg.norm(offsets, axis=1) > dock.approach_m + DOCK_ROOM_M
    if not away.any():
        return track[:0]
    kept = np.flatnonzero(away)
    return track[kept[0] : kept[-1] + 1]


def _smoothed(points: FloatArray) -> FloatArray:
    """Points (N, 2) every 5 cm, each moved by `TOLERANCE_M` at most; both ends stay."""
    line = LineString(points)
    count = max(round(line.length / _STEP_M), 2)
    at = shapely.line_interpolate_point(line, np.linspace(0.0, line.length, count + 1))
    fine = shapely.get_coordinates(at)
    soft = gaussian_filter1d(fine, _SMOOTH_M / _STEP_M, axis=0, mode="nearest")
    shift = soft - fine
    size = np.linalg.norm(shift, axis=1, keepdims=True)
    shift *= np.minimum(1.0, TOLERANCE_M / np.maximum(size, 1e-9))
    shift[[0, -1]] = 0.0
    return np.asarray(fine + shift)


def _lap(points: FloatArray, track: FloatArray, *, from_dock: bool) -> FloatArray | None:
    """The points of a lap, if the track comes back to its begin; else None.

    It is cut where its last metres come nearest to its first: who drives on past the start is cut
    off there. Of places almost as near, the one that leaves most; for a drive from a dock the one
    that leaves least: out of the dock and into it is no part of the lap.
    """
    count = min(round((_DOCK_WAY_M if from_dock else _ENDS_M) / _STEP_M), len(points) // 2)
    apart = cdist(points[:count], points[-count:])
    if apart.min() > CLOSE_M:
        return None
    near = np.argwhere(apart <= apart.min() + _AS_NEAR_M)
    left_out = near[:, 0] - near[:, 1]
    first, last = near[np.argmax(left_out) if from_dock else np.argmin(left_out)]
    lap = points[first : len(points) - count + last + 1]
    gap = LineString([lap[-1], lap[0]])
    ground = LineString(track).buffer(BESIDE_M)
    joins = ground.covers(gap) if gap.length else True
    return lap if joins and len(lap) > count else None


def _length_m(points: FloatArray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()) if len(points) > 1 else 0.0
