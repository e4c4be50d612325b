"""Where a dock really is: its outline laid onto the scan."""

from __future__ import annotations

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Dock

REACH_M = 0.25
"""Returns farther than this from the expected outline belong to something else."""
MIN_RETURNS = 12
ROUNDS = 5
LARGEST_M = 0.2
LARGEST_RAD = 0.15


def dock_correction(points_m: FloatArray, sensor: Pose2, dock: Dock) -> Pose2 | None:
    """The motion in `map` that lays the dock's outline onto the returns, or None without enough.

    `points_m` (N, 2) in the frame of the sensor, `sensor` in `map`. Point-to-line iterative
    closest point on the edges of the outline: Chen and Medioni, "Object modelling by registration
    of multiple range images", 1992. What the returns do not determine stays as expected.
    """
    points = sensor.transform_points(points_m)
    corners = np.asarray(dock.outline_m)
    center = corners.mean(axis=0)
    span = np.linalg.norm(corners - center, axis=1).max() + REACH_M
    points = points[np.linalg.norm(points - center, axis=1) < span]
    shift, turn = np.zeros(2), 0.0
    for _ in range(ROUNDS):
        cos, sin = np.cos(turn), np.sin(turn)
        rotation = np.array([[cos, -sin], [sin, cos]])
        expected = (points - center - shift) @ rotation + center
        normals, distances = _nearest_edges(expected, corners)
        used = np.abs(distances) < REACH_M
        if used.sum() < MIN_RETURNS:
            return None
        normals, distances = normals[used], distances[used]
        arm = expected[used] - center
        lever = arm[:, 0] * normals[:, 1] - arm[:, 1] * normals[:, 0]
        jacobian = np.column_stack((normals, lever))
        prior = np.diag([1.0, 1.0, 0.3])
        step = np.linalg.solve(jacobian.T @ jacobian + prior, jacobian.T @ distances)
        shift = shift + rotation @ step[:2]
        turn += float(step[2])
    if np.linalg.norm(shift) > LARGEST_M or abs(turn) > LARGEST_RAD:
        return None
    about = Pose2(float(center[0] + shift[0]), float(center[1] + shift[1]), turn)
    return about.compose(Pose2(-float(center[0]), -float(center[1])))


def _nearest_edges(points: FloatArray, corners: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Unit normal (N, 2) of the nearest edge of a ring, and the signed distance along it (N,)."""
    start, end = corners, np.roll(corners, -1, axis=0)
    step = end - start
    length = np.linalg.norm(step, axis=1)
    normal = np.column_stack((step[:, 1], -step[:, 0])) / length[:, None]
    offset = points[:, None, :] - start
    along = np.clip(np.einsum("nij,ij->ni", offset, step) / length**2, 0.0, 1.0)
    gap = np.linalg.norm(offset - along[..., None] * step, axis=2)
    nearest = np.argmin(gap, axis=1)
    signed = np.einsum("nij,ij->ni", offset, normal)
    rows = np.arange(len(points))
    return normal[nearest], signed[rows, nearest]
