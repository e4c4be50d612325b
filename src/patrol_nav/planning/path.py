"""Paths as arrays: resampled, headed, joined."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray


def arc_lengths_m(points: npt.ArrayLike) -> FloatArray:
    """Distance along points (N, 2 or more) from the first one, shape (N,)."""
    xy = np.asarray(points, dtype=np.float64)[:, :2]
    steps = np.linalg.norm(np.diff(xy, axis=0), axis=1)
    return np.concatenate(([0.0], np.cumsum(steps)))


def resampled(points: npt.ArrayLike, spacing_m: float) -> FloatArray:
    """Points (M, 2) about `spacing_m` apart along points (N, 2 or more); both ends are kept."""
    xy = np.asarray(points, dtype=np.float64)[:, :2]
    along = arc_lengths_m(xy)
    if along[-1] < 1e-9:
        return xy[:1].copy()
    wanted = np.linspace(0.0, along[-1], max(int(np.ceil(along[-1] / spacing_m)), 1) + 1)
    return np.column_stack(
        (np.interp(wanted, along, xy[:, 0]), np.interp(wanted, along, xy[:, 1]))
    )


def subdivided(points: FloatArray, piece: float) -> FloatArray:
    """Points (N, 2) with more between them, so that no piece is longer than `piece`."""
    steps = np.diff(points, axis=0)
    counts = np.maximum(np.ceil(np.hypot(steps[:, 0], steps[:, 1]) / piece), 1.0).astype(np.int64)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.arange(len(first)) - first) / np.repeat(counts, counts)
    begins, steps = (np.repeat(part, counts, axis=0) for part in (points[:-1], steps))
    return np.concatenate((begins + steps * share[:, None], points[-1:]))


def with_headings(points: FloatArray, final_yaw_rad: float) -> FloatArray:
    """Poses (N, 3) of points (N, 2): each heads for the next one, the last has `final_yaw_rad`."""
    steps = np.diff(points, axis=0)
    yaws = np.append(np.arctan2(steps[:, 1], steps[:, 0]), final_yaw_rad)
    return np.column_stack((points, yaws))
