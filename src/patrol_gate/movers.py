"""Points that move, and how they move on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2

APART_M = 0.4
FASTEST_MPS = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Movers:
    """Points (M, 2), velocities (M, 2), and which of these are known (M,); else they are zero."""

    points_m: FloatArray
    velocities_mps: FloatArray
    known: npt.NDArray[np.bool_]

    def chosen(self, which: npt.NDArray[np.bool_]) -> Movers:
        return Movers(self.points_m[which], self.velocities_mps[which], self.known[which])

    def seen_from(self, pose: Pose2) -> Movers:
        """In the frame of a pose, given in the present frame; velocities only turn."""
        turn = Pose2(0.0, 0.0, -pose.yaw_rad)
        return Movers(
            pose.inverse().transform_points(self.points_m),
            turn.transform_points(self.velocities_mps),
            self.known,
        )


NOBODY = Movers(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, dtype=np.bool_))


def group(points_m: FloatArray) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Points (M, 2) in order of beams: the group of each (M,), and the groups' middles (G, 2)."""
    if not len(points_m):
        return np.zeros(0, dtype=np.int64), np.zeros((0, 2))
    steps = np.diff(points_m, axis=0)
    groups = np.concatenate(([0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]) > APART_M)))
    counts = np.bincount(groups)
    middles = [np.bincount(groups, points_m[:, axis]) / counts for axis in (0, 1)]
    return groups, np.column_stack(middles)


def follow(points_m: FloatArray, earlier_m: FloatArray, dt_s: float) -> Movers:
    """Moving points (M, 2) with their velocities, by the nearest of the earlier middles (G, 2).

    Who was not there, or would be faster than `FASTEST_MPS`, has no known velocity.
    """
    groups, middles = group(points_m)
    velocities = np.zeros((len(middles), 2))
    known = np.zeros(len(middles), dtype=np.bool_)
    if len(middles) and len(earlier_m):
        ways = middles[:, None, :] - earlier_m[None, :, :]
        nearest = np.argmin(np.hypot(ways[..., 0], ways[..., 1]), axis=1)
        way = ways[np.arange(len(middles)), nearest]
        known = np.hypot(way[:, 0], way[:, 1]) <= FASTEST_MPS * dt_s
        velocities[known] = way[known] / dt_s
    return Movers(points_m, velocities[groups], known[groups])
