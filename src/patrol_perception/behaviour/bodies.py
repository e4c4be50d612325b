"""What depth shows of something low at a place: whether it is as long and as low as who lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from patrol_core.geometry import FloatArray
from patrol_perception.kernels import single_linkage
from patrol_perception.outline import outline_of

_AROUND_M = 1.6
_CELL_M = 0.1
_LINK_M = 0.35
_BESIDE_TALL_M = 0.25
_AT_PLACE_M = 0.6
_LEAST_POINTS = 12
_TALLEST_M = 2.3


@dataclass(frozen=True, slots=True)
class Body:
    """Something above the ground: its long and short side, and its height, at a stamp."""

    stamp_s: float
    length_m: float
    width_m: float
    top_m: float


def body_at(
    points_m: FloatArray, x_m: float, y_m: float, stamp_s: float, ground_m: float, low_m: float
) -> Body | None:
    """What lies or stands at a place. `points_m` (N, 3): x, y and height above the ground.

    Points lower than `ground_m` are ground. Where something at the place itself is higher than
    `low_m`, it stands. Somebody who stands beside who lies is left out: what is low and apart
    from him counts. None where too little is seen.
    """
    height = points_m[:, 2]
    away = np.hypot(points_m[:, 0] - x_m, points_m[:, 1] - y_m)
    near = points_m[(away <= _AROUND_M) & (height > ground_m) & (height < _TALLEST_M)]
    if len(near) < _LEAST_POINTS:
        return None
    low, tall = _thinned(near[near[:, 2] <= low_m]), _thinned(near[near[:, 2] > low_m])
    if len(tall):
        away, _ = cKDTree(tall[:, :2]).query(low[:, :2])
        flat = low[np.asarray(away) > _BESIDE_TALL_M]
        middle = np.hypot(tall[:, 0] - x_m, tall[:, 1] - y_m)
        if np.count_nonzero(middle < _BESIDE_TALL_M) or not len(flat):
            return Body(stamp_s, 0.0, 0.0, float(np.max(tall[:, 2])))
    else:
        flat = low
    labels = single_linkage(flat[:, :2].copy(), np.full(len(flat), _LINK_M))
    reach = np.hypot(flat[:, 0] - x_m, flat[:, 1] - y_m)
    nearest = int(np.argmin(reach))
    if reach[nearest] > _AT_PLACE_M:
        return None
    mine = flat[labels == labels[nearest]]
    if len(mine) < 3:
        return None
    outline = outline_of(mine[:, :2])
    return Body(stamp_s, outline.length_m, outline.width_m, float(np.max(mine[:, 2])))


def _thinned(points_m: FloatArray) -> FloatArray:
    """One point a cell: that of most height."""
    order = np.argsort(-points_m[:, 2], kind="stable")
    cells = np.floor(points_m[order, :2] / _CELL_M).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return np.ascontiguousarray(points_m[order[np.sort(first)]])
