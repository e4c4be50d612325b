"""Ways round what blocks a path."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.footprint import Footprint
from patrol_nav.navigator.reference import Reference
from patrol_nav.params import FollowerParams
from patrol_nav.planning.path import arc_lengths_m
from patrol_nav.planning.planner import Corridor, Planner, PlanningError

CANDIDATES = 3
CANDIDATE_STEP_M = 2.0
WIDE_STEP_FACTOR = 4.0
"""Over the whole site the candidates lie farther apart, each time by this."""
OWN_PLACE_M = 0.4
TURN_M = 1.0
"""A radian of turning is worth a detour of so much."""
SKIP_FACTOR = 1.3
"""A metre of route left out weighs so much more than a metre that is driven."""


def first_blocked(
    reference: Reference, field: DistanceField, footprint: Footprint, look_ahead_m: float
) -> int | None:
    """Index of the first pose ahead where the footprint does not fit, or None.

    The place where the robot stands is possible, whatever the grid says.
    """
    first = reference.index
    last = reference.index_ahead(look_ahead_m)
    room = field.clearances(footprint, reference.poses[first : last + 1])
    own = reference.along_m[first : last + 1] - reference.along_m[first] < OWN_PLACE_M
    blocked = np.flatnonzero((room < 0.0) & ~own)
    return first + int(blocked[0]) if len(blocked) else None


def find_detour(
    start: Pose2,
    reference: Reference,
    blocked: int,
    field: DistanceField,
    footprint: Footprint,
    planner: Planner,
    params: FollowerParams,
    *,
    wide: bool,
) -> FloatArray | None:
    """Poses (N, 3) from `start` round the blockage and on to the end, or None.

    `wide`: rejoin anywhere, over the whole site; else within reach and corridor.
    """
    reach_m = np.inf if wide else params.detour_reach_m
    best: FloatArray | None = None
    least = np.inf
    for rejoin in _rejoins(reference, blocked, field, footprint, params.rejoin_m, reach_m):
        corridor = None
        if not wide:
            corridor = _corridor(start, reference.poses[reference.index : rejoin + 1], params)
        try:
            plan = planner.plan(field, start, reference.pose(rejoin), corridor)
        except PlanningError:
            continue
        skipped_m = reference.along_m[rejoin] - reference.along_m[blocked]
        effort = length_m(plan.poses) + TURN_M * _turns_rad(plan.poses, start)
        effort += (SKIP_FACTOR - 1.0) * skipped_m
        if effort < least:
            least = effort
            best = np.vstack((plan.poses[:-1], reference.poses[rejoin:]))
        if wide:
            break
    return best


def turn_m(poses: FloatArray, start: Pose2) -> float:
    """What turning from `start` to the beginning of poses (N, 3) is worth, as a way."""
    return TURN_M * abs(wrap_angle(float(poses[0, 2]) - start.yaw_rad))


def _turns_rad(poses: FloatArray, start: Pose2) -> float:
    """How much the robot turns at the beginning and the end of a detour."""
    first = abs(wrap_angle(float(poses[0, 2]) - start.yaw_rad))
    last = abs(wrap_angle(float(poses[-1, 2] - poses[max(len(poses) - 5, 0), 2])))
    return first + last


def length_m(poses: FloatArray) -> float:
    """Length of poses (N, 3)."""
    return float(arc_lengths_m(poses)[-1])


def _rejoins(
    reference: Reference,
    blocked: int,
    field: DistanceField,
    footprint: Footprint,
    free_m: float,
    reach_m: float,
) -> list[int]:
    """Indices beyond the blockage from which the path is free for `free_m`, the nearest first."""
    along = reference.along_m
    end = int(np.searchsorted(along, along[blocked] + reach_m))
    indices = np.arange(blocked, min(end + 1, len(along)))
    free = field.clearances(footprint, reference.poses[indices]) >= 0.0
    found: list[int] = []
    run_start_m, step_m = np.inf, CANDIDATE_STEP_M
    for index, is_free in zip(indices, free, strict=True):
        if not is_free:
            run_start_m = np.inf
            continue
        run_start_m = min(run_start_m, along[index])
        is_last = index == len(along) - 1
        far_enough = not found or along[index] - along[found[-1]] >= step_m
        if (along[index] - run_start_m >= free_m and far_enough) or is_last:
            found.append(int(index))
            step_m *= WIDE_STEP_FACTOR if np.isinf(reach_m) else 1.0
        if len(found) == CANDIDATES:
            break
    return found


def _corridor(start: Pose2, piece: FloatArray, params: FollowerParams) -> Corridor:
    points = np.vstack((piece[:, :2], [[start.x_m, start.y_m]]))
    low, high = points.min(axis=0), points.max(axis=0)
    margin = params.corridor_m
    return Corridor(low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin)
