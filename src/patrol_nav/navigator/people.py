"""Tracks as the controllers and the costmap want them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.perception import Track, TrackKind, Tracks

REACH_M = 9.0
MOVING_MPS = 0.3
"""Slower things stay in the costmap: they are gone round."""
TOP_SPEED_MPS = 2.0
REMEMBER_S = 2.0
"""Who was not seen for longer may be anywhere."""
MASK_M = 0.25
"""Room about a moving thing in which returns are its own."""

NOBODY = np.empty((0, 5))


def people_near(tracks: Tracks | None, robot: Pose2, now_s: float) -> FloatArray:
    """Everybody who walks or could (M, 5): x, y, vx, vy, radius in `map`; nearest first."""
    if tracks is None:
        return NOBODY
    rows = [_row(track, now_s) for track in tracks.tracks if _counts(track, now_s)]
    near = [(math.hypot(r[0] - robot.x_m, r[1] - robot.y_m), r) for r in rows]
    kept = sorted(pair for pair in near if pair[0] <= REACH_M)
    return np.array([row for _, row in kept]) if kept else NOBODY


def walking(people: FloatArray) -> npt.NDArray[np.bool_]:
    """Which of the people (M, 5) walk; the others stand (M,)."""
    return np.asarray(np.hypot(people[:, 2], people[:, 3]) >= MOVING_MPS)


def distances_m(people: FloatArray, pose: Pose2) -> FloatArray:
    """Distance of everybody from base_link (M,)."""
    return np.asarray(np.hypot(people[:, 0] - pose.x_m, people[:, 1] - pose.y_m))


def moving_masks(people: FloatArray) -> FloatArray:
    """Discs (M, 3) x, y, radius of those who move."""
    moving = walking(people)
    return np.column_stack((people[moving, :2], people[moving, 4] + MASK_M))


def _counts(track: Track, now_s: float) -> bool:
    if now_s - track.last_seen_s > REMEMBER_S:
        return False
    if track.kind in (TrackKind.PERSON, TrackKind.MOVING):
        return True
    return track.kind is TrackKind.UNKNOWN and math.hypot(track.vx_mps, track.vy_mps) > MOVING_MPS


def _row(track: Track, now_s: float) -> tuple[float, float, float, float, float]:
    age_s = max(now_s - track.last_seen_s, 0.0)
    speed = math.hypot(track.vx_mps, track.vy_mps)
    scale = 0.0 if speed < 0.15 else min(1.0, TOP_SPEED_MPS / speed)
    vx, vy = track.vx_mps * scale, track.vy_mps * scale
    radius = min(max(0.5 * max(track.length_m, track.width_m), 0.25), 1.5)
    return (track.x_m + vx * age_s, track.y_m + vy * age_s, vx, vy, radius)
