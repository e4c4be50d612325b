"""Regions of a picture that have changed, and where in the map they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_perception.change.comparison import Difference
from patrol_perception.change.params import PlaceParams
from patrol_perception.change.snapshot import SHRINK, Snapshot
from patrol_perception.outline import Outline, outline_of
from patrol_perception.view import Box

_LOW, _HIGH = 10.0, 90.0
_MARGIN = 1.25
"""Percentiles of points that a size is taken from, and what is added for the rest. Places are
rounded to the millimetre: the last bits of a picture's sums may differ from call to call."""


@dataclass(frozen=True, slots=True)
class Region:
    """Something that looks different: its part of the whole picture, mean score, middle in `map`
    (`z_m` above the ground), size on the ground, distance from the camera, and by how much it is
    nearer than what was there (negative: farther; 0: as near) [m]."""

    box: Box
    score: float
    outline: Outline
    z_m: float
    away_m: float
    nearer_m: float


def find_regions(difference: Difference, picture: Snapshot, params: PlaceParams) -> list[Region]:
    """Connected pixels above the lower score that reach the higher one, from left to right."""
    low = (difference.score >= params.edge_score) & np.isfinite(difference.nearest_m)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        low.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    found = []
    for label in range(1, count):
        left, top, width, height, area = stats[label].tolist()
        if area < params.min_px:
            continue
        part = (slice(top, top + height), slice(left, left + width))
        inside = labels[part] == label
        if float(difference.score[part][inside].max()) < params.score:
            continue
        depth = difference.nearest_m[part][inside].astype(np.float64)
        away_m = float(np.median(depth))
        if math.sqrt(area) * away_m / picture.camera[0] < params.min_extent_m:
            continue
        rows, columns = np.nonzero(inside)
        points = _points(picture, rows + top, columns + left, depth)
        box = Box(*(SHRINK * edge for edge in (left, top, left + width, top + height)))
        found.append(
            Region(
                box, float(np.mean(difference.score[part][inside], dtype=np.float64)),
                _outline(points), float(np.median(points[:, 2])), away_m,
                float(np.median(difference.nearer_m[part][inside])),
            )
        )  # fmt: skip
    return sorted(found, key=lambda region: (region.box.left, region.box.top))


def _points(
    picture: Snapshot, rows: FloatArray, columns: FloatArray, depth_m: FloatArray
) -> FloatArray:
    """Pixels with depth as points (N, 3) of `map`."""
    fx, fy, cx, cy = picture.camera.tolist()
    x, y = (columns - cx) / fx * depth_m, (rows - cy) / fy * depth_m
    to_map = picture.view.to_map
    return np.stack(
        [to_map[r, 0] * x + to_map[r, 1] * y + to_map[r, 2] * depth_m + to_map[r, 3]
         for r in range(3)],
        axis=-1,
    )  # fmt: skip


def _outline(points_m: FloatArray) -> Outline:
    """The rectangle on the ground of most points; the middle is where half of them are."""
    middle = np.median(points_m[:, :2], axis=0)
    low, high = np.percentile(points_m[:, :2], (_LOW, _HIGH), axis=0)
    kept = points_m[((points_m[:, :2] >= low) & (points_m[:, :2] <= high)).all(axis=1), :2]
    around = outline_of(kept if len(kept) > 2 else points_m[:, :2])
    x, y = middle.tolist()
    length, width = _MARGIN * around.length_m, _MARGIN * around.width_m
    return Outline(round(x, 3), round(y, 3), round(length, 3), round(width, 3), around.yaw_rad)
