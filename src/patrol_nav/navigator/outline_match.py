"""Where a dock really is: its outline laid onto the scan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Dock

REACH_M = 0.15
"""Returns farther than this from the expected outline belong to something else."""
MIN_RETURNS = 12
ROUNDS = 4
PRIOR = 5.0
"""Returns that the expected place is worth."""


def dock_shift_m(points_m: FloatArray, sensor: Pose2, dock: Dock) -> FloatArray | None:
    """The shift (2,) in `map` that lays the dock's outline onto the returns; None: too few.

    `points_m` (N, 2) in the frame of the sensor, `sensor` in `map`. Point-to-line iterative
    closest point on the edges of the outline: Chen and Medioni, "Object modelling by registration
    of multiple range images", 1992. What the returns do not determine stays as expected; so does
    the heading, which the localiser knows better than half a metre of dock can tell.
    """
    points = sensor.transform_points(points_m)
    corners = np.asarray(dock.outline_m)
    shift = np.zeros(2)
    for _ in range(ROUNDS):
        normals, gaps, beside = _nearest_edges(points - shift, corners)
        used = (np.abs(gaps) < REACH_M) & beside
        if np.count_nonzero(used) < MIN_RETURNS:
            return None
        normals, gaps = normals[used], gaps[used]
        information = normals.T @ normals + PRIOR * np.eye(2)
        shift = shift + np.linalg.solve(information, normals.T @ gaps - PRIOR * shift)
    return shift


def _nearest_edges(
    points: FloatArray, corners: FloatArray
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """For points (N, 2): the nearest edge of a ring.

    Its unit normal (N, 2), the signed distance from its line (N,), and whether the point lies
    beside the edge, not beyond its ends (N,).
    """
    start, step = corners, np.roll(corners, -1, axis=0) - corners
    length = np.linalg.norm(step, axis=1)
    normal = np.column_stack((step[:, 1], -step[:, 0])) / length[:, None]
    offset = points[:, None, :] - start
    along = np.einsum("nij,ij->ni", offset, step) / length**2
    gap = np.linalg.norm(offset - np.clip(along, 0.0, 1.0)[..., None] * step, axis=2)
    nearest = np.argmin(gap, axis=1)
    rows = np.arange(len(points))
    signed = np.einsum("nij,ij->ni", offset, normal)[rows, nearest]
    chosen = along[rows, nearest]
    return normal[nearest], signed, (chosen >= 0.0) & (chosen <= 1.0)
