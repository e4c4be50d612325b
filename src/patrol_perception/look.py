"""One scan, laid onto the map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2

_SEE_THROUGH_M = 0.25
_OPEN_BEAMS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """What each of the unexplained returns of a look tells where there is no map.

    `came` (M,): it lies where free ground was seen before; `leg` (M,): how much the piece to which
    it belongs looks like a leg, from 0 to 1, 0.5 where that cannot be told.
    """

    came: npt.NDArray[np.bool_]
    leg: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One scan on the map.

    `sensor` is the lidar in `map` after laying the scan onto the map; `ranges_m` (N,) float32 with
    NaN where invalid. `fits`: the pose needed no more than a small correction. `beams` (M,),
    `points_m` (M, 2) and `clearance_m` (M,) are the returns that the map does not explain: beam
    number, end point in `map`, distance to what is mapped. `signs`: None with a map.
    """

    stamp_s: float
    sensor: Pose2
    ranges_m: npt.NDArray[np.float32]
    angle_min_rad: float
    angle_increment_rad: float
    explained_share: float
    fits: bool
    beams: npt.NDArray[np.int64]
    points_m: FloatArray
    clearance_m: npt.NDArray[np.float32]
    signs: Signs | None = None


def is_seen_through(look: Look, x_m: float, y_m: float) -> bool:
    """Whether every beam within 0.12 m of a place in `map` passes it by a good deal."""
    dx, dy = x_m - look.sensor.x_m, y_m - look.sensor.y_m
    distance = math.hypot(dx, dy)
    angle = (math.atan2(dy, dx) - look.sensor.yaw_rad - look.angle_min_rad) % math.tau
    index = round(angle / look.angle_increment_rad)
    half = max(1, round(0.12 / (max(distance, 0.2) * look.angle_increment_rad)))
    window: FloatArray = np.take(
        look.ranges_m, np.arange(index - half, index + half + 1), mode="wrap"
    ).astype(np.float64)
    if math.tau - angle > look.angle_increment_rad and index >= len(look.ranges_m):
        return False
    told = window[~np.isnan(window)]
    return len(told) > 0 and bool(np.all(told > distance + _SEE_THROUGH_M))


def lie_behind(look: Look, places_m: FloatArray, by_m: float) -> npt.NDArray[np.bool_]:
    """Which places (N, 2) in `map` lie at least `by_m` behind what the beam towards them met.

    Not those to which no beam goes.
    """
    away = places_m - (look.sensor.x_m, look.sensor.y_m)
    angles = np.arctan2(away[:, 1], away[:, 0]) - look.sensor.yaw_rad - look.angle_min_rad
    round_trip = round(math.tau / look.angle_increment_rad)
    beams = np.rint((angles % math.tau) / look.angle_increment_rad).astype(np.int64) % round_trip
    met_m = np.append(look.ranges_m, np.inf)[np.minimum(beams, len(look.ranges_m))]
    return np.asarray(np.hypot(away[:, 0], away[:, 1]) >= met_m + by_m)


def without_lost(
    ranges_m: npt.NDArray[np.float32], open_beams: int = _OPEN_BEAMS
) -> npt.NDArray[np.float32]:
    """Ranges (N,) in which fewer than `open_beams` without a return, between others with one, are
    unknown.

    Rain swallows returns here and there; what is open to the distance leaves many beams without.
    The gap between two legs may be as narrow: who looks for legs needs to know that it rains.
    """
    empty = np.isinf(ranges_m)
    ends = np.flatnonzero(np.diff(np.concatenate(([False], empty, [False])).astype(np.int8)))
    known = ranges_m.copy()
    for start, end in ends.reshape(-1, 2):
        if end - start < open_beams:
            known[start:end] = np.nan
    return known
