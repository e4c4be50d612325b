"""Pieces of a scan: returns that touch, and their shapes.

The features are some of those of Arras et al. 2007 and Leigh et al. 2015, all of them lengths, so
that lidars of other resolutions see much the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_perception.look import Look

_TOUCH_M, _TOUCH_BEAMS = 0.13, 1.6
_SKIPPED_BEAMS = 3
_MIN_POINTS = 3
_TINY_M = 1e-6
_MAX_RADIUS_M, _MAX_JUMP_M = 1.0, 1.0
FEATURES = (
    "width", "length", "major", "minor", "roughness", "bulge", "top", "radius", "off_circle",
    "distance", "jump_before", "jump_after",
)  # fmt: skip

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Pieces of the returns of a look that the background does not explain.

    `labels` (M,): the piece of each of these returns, -1 where it has fewer than three; `sizes`
    (P,): returns of each piece; `middles_m` (P, 2) in `map`; `features` (P, 12) [m].
    """

    labels: IntArray
    sizes: IntArray
    middles_m: FloatArray
    features: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Consecutive values that belong together: where each run starts, and how long it is."""

    starts: IntArray
    sizes: IntArray

    def total(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, self.starts))

    def mean(self, values: FloatArray) -> FloatArray:
        return self.total(values) / self.sizes

    def spread(self, of_runs: FloatArray) -> FloatArray:
        """A value of each run for each of its members."""
        return np.repeat(of_runs, self.sizes, axis=0)


def find_pieces(look: Look) -> Pieces:
    """Cut the unexplained returns of a look where neighbours do not touch."""
    points, beams = look.points_m, look.beams
    ranges = look.ranges_m[beams].astype(np.float64)
    step = np.hypot(*np.diff(points, axis=0).T)
    reach = np.maximum(_TOUCH_M, _TOUCH_BEAMS * ranges[1:] * look.angle_increment_rad)
    apart = (step > reach) | (np.diff(beams) > _SKIPPED_BEAMS)
    numbers = np.concatenate(([0], np.cumsum(apart)))[: len(beams)]
    sizes = np.bincount(numbers) if len(beams) else np.empty(0, np.int64)
    whole = sizes >= _MIN_POINTS
    if not whole.any():
        nothing = np.full(len(beams), -1, np.int64)
        none = np.empty(0, np.int64)
        return Pieces(nothing, none, np.empty((0, 2)), np.empty((0, len(FEATURES))))
    labels = np.where(whole, np.cumsum(whole) - 1, -1)[numbers]
    kept, sizes = labels >= 0, sizes[whole]
    runs = _Runs(np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)
    points, beams, ranges = points[kept], beams[kept], ranges[kept]
    middles = np.column_stack((runs.mean(points[:, 0]), runs.mean(points[:, 1])))
    shape = _shapes(look, points, middles, runs)
    jumps = [
        _jumps(look, beams[edge], ranges[edge], side)
        for edge, side in ((runs.starts, -1), (runs.starts + sizes - 1, 1))
    ]
    features = np.column_stack((*shape, runs.mean(ranges), *jumps))
    return Pieces(labels, sizes, middles, features)


def _shapes(look: Look, points: FloatArray, middles: FloatArray, runs: _Runs) -> list[FloatArray]:
    """The features that need nothing but the returns of a piece and where the lidar is."""
    x, y = (points - runs.spread(middles)).T
    xx, yy, xy = runs.mean(x * x), runs.mean(y * y), runs.mean(x * y)
    half, turn = (xx + yy) / 2.0, np.hypot((xx - yy) / 2.0, xy)
    first = points[runs.starts]
    chord = points[runs.starts + runs.sizes - 1] - first
    width = np.hypot(*chord.T)
    steps = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    steps[runs.starts] = 0.0
    roughness = np.sqrt(np.maximum(runs.mean(steps**2) - runs.mean(steps) ** 2, 0.0))
    across = np.column_stack((-chord[:, 1], chord[:, 0])) / np.maximum(width, _TINY_M)[:, None]
    to_lidar = np.array([look.sensor.x_m, look.sensor.y_m]) - middles
    across *= np.sign(np.sum(to_lidar * across, axis=1))[:, None]
    before = np.sum((points - runs.spread(first)) * runs.spread(across), axis=1)
    return [
        width, runs.total(steps), np.sqrt(half + turn), np.sqrt(np.maximum(half - turn, 0.0)),
        roughness, runs.mean(before), np.maximum.reduceat(before, runs.starts),
        *_circles(x, y, (xx, yy, xy), runs),
    ]  # fmt: skip


def _circles(
    x: FloatArray, y: FloatArray, moments: tuple[FloatArray, FloatArray, FloatArray], runs: _Runs
) -> tuple[FloatArray, FloatArray]:
    """Radius of the circle through each piece, and how far off it its returns are (Kasa 1976).

    `x`, `y` are about the middle of the piece, `moments` the means of their squares and product.
    """
    xx, yy, xy = moments
    square = x * x + y * y
    right_x, right_y = runs.mean(x * square) / 2.0, runs.mean(y * square) / 2.0
    scale = xx * yy - xy * xy + _TINY_M**2
    a, b = (yy * right_x - xy * right_y) / scale, (xx * right_y - xy * right_x) / scale
    radius = np.sqrt(xx + yy + a * a + b * b)
    off = np.hypot(x - runs.spread(a), y - runs.spread(b)) - runs.spread(radius)
    radius = np.minimum(radius, _MAX_RADIUS_M)
    return radius, np.minimum(np.sqrt(runs.mean(off**2)), _MAX_RADIUS_M)


def _jumps(look: Look, beams: IntArray, ranges: FloatArray, side: int) -> FloatArray:
    """How much farther the beam beside each of `beams` reaches; negative where that hides it."""
    beside = np.clip(beams + side, 0, len(look.ranges_m) - 1)
    with np.errstate(invalid="ignore"):
        jump = look.ranges_m[beside].astype(np.float64) - ranges
    return np.where(np.isnan(jump), 0.0, np.clip(jump, -_MAX_JUMP_M, _MAX_JUMP_M))
