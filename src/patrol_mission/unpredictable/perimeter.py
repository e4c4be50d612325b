"""A perimeter route as a ring: where it is cut, and the piece of it that a visit drives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray, wrap_angle
from patrol_core.site.model import Checkpoint, Direction, PerimeterRoute, Site, ZoneKind
from patrol_mission.route import lap_poses
from patrol_mission.unpredictable.params import PolicyParams
from patrol_mission.unpredictable.ring import Ring

SAME_M = 0.05
"""Checkpoints so near to each other still are positions of their own."""


@dataclass(frozen=True, slots=True)
class PlacedCheckpoint:
    """A checkpoint and where along the lap [m] it is."""

    checkpoint_id: str
    along_m: float
    dwell_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Perimeter:
    """A ring with its places along the lap.

    along_m: (N,) from the start of the lap in the route's direction; the first is 0, where the
    patrol begins. checkpoint_ids: (N,) "" where the robot may only turn.
    """

    ring: Ring
    along_m: FloatArray
    checkpoint_ids: tuple[str, ...]
    length_m: float
    speed_mps: float
    direction: Direction


def perimeter_of(
    length_m: float,
    speed_mps: float,
    direction: Direction,
    checkpoints: Sequence[PlacedCheckpoint],
    params: PolicyParams,
) -> Perimeter:
    """The lap cut at its start, at its checkpoints and evenly between them.

    Stops are at least as long as the site asks for, and longer by up to level * dwell_spread.
    Raises RondaError where a checkpoint is not on the lap.
    """
    for checkpoint in checkpoints:
        if not 0.0 <= checkpoint.along_m < length_m:
            raise RondaError(
                f"checkpoint '{checkpoint.checkpoint_id}' is {checkpoint.along_m:.1f} m along",
                expected=f"0 m to less than the lap's {length_m:.1f} m",
            )
    stops = sorted(checkpoints, key=lambda c: c.along_m)
    if not stops or stops[0].along_m > SAME_M:
        stops.insert(0, PlacedCheckpoint("", 0.0, 0.0))
    along, names, dwells = [], [], []
    ends = [*(c.along_m for c in stops[1:]), length_m]
    for stop, end_m in zip(stops, ends, strict=True):
        pieces = max(round((end_m - stop.along_m) / length_m * params.cells), 1)
        along += np.linspace(stop.along_m, end_m, pieces, endpoint=False).tolist()
        names += [stop.checkpoint_id] + [""] * (pieces - 1)
        dwells += [stop.dwell_s] + [0.0] * (pieces - 1)
    gaps_m = np.maximum(np.diff([*along, length_m]), SAME_M)
    shortest, spread = np.array(dwells), params.level * params.dwell_spread
    ring = Ring(
        np.arange(len(along)), gaps_m / speed_mps, shortest * (1.0 + 0.5 * spread),
        shortest * (1.0 + spread), np.ones(len(along), bool), params.turn_s,
    )  # fmt: skip
    return Perimeter(ring, np.array(along), tuple(names), length_m, speed_mps, direction)


def perimeter_of_route(site: Site, route: PerimeterRoute, params: PolicyParams) -> Perimeter:
    """A route of a site, as `route.lap_poses` lays it. It does not turn round in zones where
    robots may pass but not wait. Raises ConfigError where nothing of the outline is left."""
    poses = lap_poses(site, route)
    along = _along_m(poses)
    checkpoints = [_placed(site.checkpoint(name), poses, along) for name in route.checkpoint_ids]
    perimeter = perimeter_of(
        float(along[-1]), route.speed_mps, route.direction, checkpoints, params
    )
    points = [np.interp(perimeter.along_m, along, poses[:, axis]) for axis in (0, 1)]
    clear = shapely.union_all(
        [shapely.Polygon(zone.polygon_m) for zone in site.zones_of(ZoneKind.KEEP_CLEAR)]
    )
    may_turn = ~shapely.contains_xy(clear, *points)
    return replace(perimeter, ring=replace(perimeter.ring, may_turn=may_turn))


def _placed(checkpoint: Checkpoint, poses: FloatArray, along: FloatArray) -> PlacedCheckpoint:
    offsets = poses[:-1, :2] - np.array([checkpoint.pose.x_m, checkpoint.pose.y_m])
    nearest = int(np.argmin(np.hypot(*offsets.T)))
    return PlacedCheckpoint(checkpoint.checkpoint_id, float(along[nearest]), checkpoint.dwell_s)


def _along_m(poses: FloatArray) -> FloatArray:
    """(N,) way from the first pose to each."""
    steps = np.hypot(*np.diff(poses[:, :2], axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))


def stretch(poses: FloatArray, begin_m: float, end_m: float, *, onwards: bool) -> FloatArray:
    """Poses (M, 3) of a closed lap (N, 3) from one place along it to another, both included.

    Against the lap's direction if not `onwards`, facing the way driven; a whole lap where the
    places are the same.
    """
    if not onwards:
        back = poses[::-1] + np.array([0.0, 0.0, np.pi])
        back[:, 2] = [wrap_angle(yaw) for yaw in back[:, 2].tolist()]
        length_m = float(_along_m(poses)[-1])
        return stretch(back, (length_m - begin_m) % length_m, length_m - end_m, onwards=True)
    along = _along_m(poses)
    length_m = float(along[-1])
    end_m = begin_m + (end_m - begin_m - 1e-9) % length_m + 1e-9
    twice = np.concatenate((along[:-1], along[:-1] + length_m, [2.0 * length_m]))
    laps = np.vstack((poses[:-1], poses[:-1], poses[:1]))
    inside = laps[(twice > begin_m + 1e-6) & (twice < end_m - 1e-6)]
    ends = [_between(laps, twice, at_m) for at_m in (begin_m, end_m)]
    return np.vstack((ends[:1], inside, ends[1:]))


def _between(poses: FloatArray, along: FloatArray, at_m: float) -> FloatArray:
    """The pose at a place along: headings are those of the nearest pose."""
    x, y = (np.interp(at_m, along, poses[:, axis]) for axis in (0, 1))
    return np.array([x, y, poses[int(np.argmin(np.abs(along - at_m))), 2]])
