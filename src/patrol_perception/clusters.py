"""Unexplained returns gathered into clusters, with what one scan tells of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_perception.kernels import profile, single_linkage
from patrol_perception.look import Look, without_lost
from patrol_perception.params import TrackParams

_SEE_THROUGH_M = 0.25
_RAIN_SHARE = 0.04
"""By the beams with a return, so many that are alone without one: it rains."""
_LEG_M = 0.20
_SOLID_M = 0.325
_FAR_M = 6.0
_CAME_SHARE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """One thing in one scan, in `map`.

    `beams` (N,), `points_m` (N, 2); `extent_m` is the diagonal of their box; `legs`: seen as two
    narrow pieces; `solid`: seen as one piece wider than two legs one before the other; `whole`:
    nothing nearer hides its ends; `came`: most of it lies where free ground was seen before;
    `leg`: its likeness to legs, 0.5 where that cannot be told.
    """

    x_m: float
    y_m: float
    beams: npt.NDArray[np.int64]
    points_m: FloatArray
    extent_m: float
    range_m: float
    bearing_rad: float
    clearance_m: float
    legs: bool
    solid: bool
    whole: bool
    came: bool
    leg: float


def find_clusters(look: Look, params: TrackParams) -> tuple[Cluster, ...]:
    """The clusters of a scan, in the order of their first beam."""
    if not len(look.beams):
        return ()
    spacing = look.ranges_m[look.beams].astype(np.float64) * look.angle_increment_rad
    labels = single_linkage(look.points_m, np.maximum(params.gap_m, params.gap_beams * spacing))
    known_m = _known_in_rain(look.ranges_m)
    found = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        near = float(np.min(look.ranges_m[look.beams[members]]))
        if len(members) >= (2 if near > _FAR_M else 3):
            found.append(_describe(look, known_m, members, near, params))
    return tuple(found)


def _known_in_rain(ranges_m: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Ranges (N,) in which, if it rains, a beam alone without a return tells of no gap: NaN."""
    known_m = without_lost(ranges_m, 2)
    lost = np.count_nonzero(np.isnan(known_m)) - np.count_nonzero(np.isnan(ranges_m))
    rains = lost > _RAIN_SHARE * np.count_nonzero(np.isfinite(ranges_m))
    return known_m if rains else ranges_m


def _describe(
    look: Look,
    known_m: npt.NDArray[np.float32],
    members: npt.NDArray[np.int64],
    near_m: float,
    params: TrackParams,
) -> Cluster:
    points = look.points_m[members]
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float(np.hypot(*(high - low)))
    small = extent < params.person_extent_m
    x, y = (points.mean(axis=0) if small else (low + high) / 2.0).tolist()
    beams = look.beams[members]
    first, length = _arc(beams, len(look.ranges_m))
    member = np.zeros(len(look.ranges_m), np.bool_)
    member[beams] = True
    segments, widest, gap, hidden = profile(
        known_m, member, first, length, look.angle_increment_rad, _SEE_THROUGH_M
    )
    legs = segments == 2 and gap > 0 and widest < _LEG_M and extent < params.person_extent_m
    bearing = float(np.arctan2(look.sensor.y_m - y, look.sensor.x_m - x))
    signs = look.signs
    came = signs is not None and float(np.mean(signs.came[members])) >= _CAME_SHARE
    leg = 0.5 if signs is None else float(np.mean(signs.leg[members]))
    return Cluster(
        x, y, beams, points, extent, near_m, bearing, float(np.mean(look.clearance_m[members])),
        legs, segments == 1 and widest >= _SOLID_M, hidden == 0, came, leg,
    )  # fmt: skip


def _arc(beams: npt.NDArray[np.int64], count: int) -> tuple[int, int]:
    """First beam and length of the shortest arc that holds all `beams` (sorted, of `count`)."""
    gaps = np.diff(beams, append=beams[0] + count)
    widest = int(np.argmax(gaps))
    first = int(beams[(widest + 1) % len(beams)])
    return first, int(count - gaps[widest] + 1)
