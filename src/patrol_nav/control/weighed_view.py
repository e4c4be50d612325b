"""The drives that a controller has weighed, as lines for a viewer."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import Transform3
from patrol_core.types.markers import Marker, Markers, Shape
from patrol_nav.control.controller import Weighed

MOST = 24
LINE_M = 0.015
HEIGHT_M = 0.04
LIFETIME_S = 0.6
_BEST, _WORST = np.array([0.05, 0.60, 0.30, 0.9]), np.array([0.90, 0.15, 0.10, 0.35])


def weighed_markers(weighed: Weighed, stamp_s: float) -> Markers:
    """One list of lines, from green for the best to red for the worst, by their order."""
    drives, points, _ = weighed.points_m.shape
    if drives == 0:
        return Markers(())
    ends = np.repeat(np.arange(points), 2)[1:-1]
    flat = weighed.points_m[:, ends].reshape(-1, 2)
    share = np.repeat(np.linspace(0.0, 1.0, drives), len(ends))[:, None]
    lines = Marker(
        stamp_s, "map", "trajectories", 0, Shape.LINE_LIST, Transform3((0.0, 0.0, 0.0)),
        (LINE_M, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0), LIFETIME_S,
        corners_m=np.column_stack((flat, np.full(len(flat), HEIGHT_M))),
        colors_rgba=_BEST + share * (_WORST - _BEST),
    )  # fmt: skip
    return Markers((lines,))
