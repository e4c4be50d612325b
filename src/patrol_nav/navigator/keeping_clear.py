"""Doors, gates and escape ways: the robot passes them, but does not wait in them.

It enters such a place when it can go on beyond it, and backs out of one where it cannot.
"""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.navigator.reference import Reference
from patrol_nav.planning.path import arc_lengths_m

LEAVE_AFTER_S = 3.0
LEAVE_PERIOD_S = 10.0
ROOM_M = 0.2
"""So much farther than needed it backs out."""
FARTHEST_M = 4.0
"""Who would have to back up farther than that waits where it is."""


def stop_clear(
    reference: Reference, allowed_mps: FloatArray, stop_in_m: float, costmap: Costmap
) -> float:
    """Where to stop [m ahead]: before the place to be kept clear that it would stop in.

    `allowed_mps` (N,) is the speed at the poses of `reference.ahead()`, 0 where it must stop;
    `stop_in_m` where it must stop in any case.
    """
    poses = reference.ahead()
    kept = costmap.is_kept_clear(poses[:, :2])
    if not kept.any() or kept[0]:
        return stop_in_m
    ahead_m = arc_lengths_m(poses)
    still = np.flatnonzero(allowed_mps <= 0.0)
    first_m = min(stop_in_m, float(ahead_m[still[0]]) if len(still) else math.inf)
    if first_m > ahead_m[-1]:
        return stop_in_m
    stop = int(np.searchsorted(ahead_m, first_m))
    if not kept[stop]:
        return stop_in_m
    return float(ahead_m[np.flatnonzero(~kept[:stop])[-1]])


def way_back_m(reference: Reference, pose: Pose2, costmap: Costmap) -> float:
    """How far to back up out of a place to be kept clear; 0: it is in none, or it is too far."""
    if not costmap.is_kept_clear(np.array([[pose.x_m, pose.y_m]]))[0]:
        return 0.0
    come = reference.poses[: reference.index + 1]
    outside = np.flatnonzero(~costmap.is_kept_clear(come[:, :2]))
    if not len(outside):
        return 0.0
    back_m = float(reference.along_m[reference.index] - reference.along_m[outside[-1]]) + ROOM_M
    return back_m if back_m <= FARTHEST_M else 0.0
