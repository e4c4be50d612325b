"""A map from scans at known poses: occupied where beams ended, free where they went through.

Counting as in Moravec and Elfes, "High resolution maps from wide angle sonar", 1985, with the two
counts of "reflection maps" (Thrun, Burgard, Fox, Probabilistic Robotics, 9.2). The poses are
dead reckoning, drawn onto what was already mapped (`matched`): no loop is closed in the sense of
SLAM, so that a site of some hundred metres comes out bent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import ndimage, optimize

from patrol_core.geometry import FloatArray, Points, Pose2, wrap_angle
from patrol_core.types.maps import FREE, OCCUPIED, UNKNOWN, OccupancyGrid
from ronda_cli.teaching.lesson import Act, Entry
from ronda_cli.teaching.scans import NotedScan

CELL_M = 0.05
HIT_SHARE = 0.3
"""Of the beams at a cell that ended in it: then it is occupied."""
MIN_HITS = 2
_BORDER_M = 1.0
_MATCH_CELL_M = 0.05
_MATCH_WITHIN_M = 0.4
_MATCH_HITS = 40
_STIFF = np.array([0.05, 0.05, 0.01])
"""How far dead reckoning is off from one noted scan to the next: x, y [m], yaw [rad], 1 sigma."""
_SPREAD_M = 0.05


def matched(scans: Sequence[NotedScan], progress: Callable[[float], None]) -> list[Pose2]:
    """Where the scans really were taken: each is laid onto those before it.

    Least squares of the distance of its end points to what was mapped, held by dead reckoning.
    """
    if not scans:
        return []
    low, shape = _extent(scans, _MATCH_CELL_M)
    mapped = np.zeros(shape, dtype=np.bool_)
    poses = [scans[0].pose]
    _mark(mapped, low, scans[0], poses[0])
    for number, (before, scan) in enumerate(pairwise(scans), start=1):
        guess = poses[-1].compose(scan.pose.relative_to(before.pose))
        poses.append(_laid(mapped, low, scan, guess))
        _mark(mapped, low, scan, poses[-1])
        progress(number / len(scans))
    return poses


def _laid(mapped: npt.NDArray[np.bool_], low: FloatArray, scan: NotedScan, guess: Pose2) -> Pose2:
    ends = scan.ends_m[scan.hit]
    if len(ends) < _MATCH_HITS:
        return guess
    corner, window = _window(mapped, low, guess.transform_points(ends))
    if not window.any():
        return guess
    apart = ndimage.distance_transform_edt(~window) * _MATCH_CELL_M

    def residuals(shift: FloatArray) -> FloatArray:
        pose = Pose2(guess.x_m + shift[0], guess.y_m + shift[1], guess.yaw_rad + shift[2])
        cells = (pose.transform_points(ends) - corner) / _MATCH_CELL_M - 0.5
        at = ndimage.map_coordinates(apart, cells[:, ::-1].T, order=1, mode="nearest")
        return np.concatenate((np.minimum(at, _MATCH_WITHIN_M) / _SPREAD_M, shift / _STIFF))

    best = optimize.least_squares(
        residuals, np.zeros(3), loss="huber", x_scale=_STIFF, diff_step=1e-3, max_nfev=20
    )
    x_m, y_m, yaw_rad = best.x
    return Pose2(guess.x_m + x_m, guess.y_m + y_m, guess.yaw_rad + yaw_rad)


def _window(
    mapped: npt.NDArray[np.bool_], low: FloatArray, points: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The part of a grid round points, with its south-west corner."""
    first = np.floor((points.min(axis=0) - 1.0 - low) / _MATCH_CELL_M).astype(int)
    last = np.ceil((points.max(axis=0) + 1.0 - low) / _MATCH_CELL_M).astype(int)
    first = np.maximum(first, 0)
    return low + first * _MATCH_CELL_M, mapped[first[1] : last[1], first[0] : last[0]]


def _mark(grid: npt.NDArray[np.bool_], low: FloatArray, scan: NotedScan, pose: Pose2) -> None:
    ends = pose.transform_points(scan.ends_m[scan.hit])
    columns, rows = np.floor((ends - low) / _MATCH_CELL_M).astype(int).T
    inside = (rows >= 0) & (rows < grid.shape[0]) & (columns >= 0) & (columns < grid.shape[1])
    grid[rows[inside], columns[inside]] = True


def _extent(scans: Sequence[NotedScan], cell_m: float) -> tuple[FloatArray, tuple[int, int]]:
    """South-west corner and shape (rows, columns) of a grid that holds all ends, with a border."""
    ends = np.vstack([scan.pose.transform_points(scan.ends_m) for scan in scans])
    low = np.floor((ends.min(axis=0) - _BORDER_M) / cell_m) * cell_m
    columns, rows = np.ceil((ends.max(axis=0) + _BORDER_M - low) / cell_m).astype(int)
    return low, (int(rows), int(columns))


def make_grid(
    scans: Sequence[NotedScan],
    poses: Sequence[Pose2],
    outline_m: Points,
    driven: FloatArray,
    clear_m: float,
) -> OccupancyGrid:
    """The map of an outline; `driven` (N, 2) is ground that the robot's body, `clear_m` to each
    side, has passed: it is free whatever beams say."""
    corners = np.asarray(outline_m)
    low = np.floor((corners.min(axis=0) - _BORDER_M) / CELL_M) * CELL_M
    columns, rows = np.ceil((corners.max(axis=0) + _BORDER_M - low) / CELL_M).astype(int)
    hits, passes = np.zeros((rows, columns)), np.zeros((rows, columns))
    for scan, pose in zip(scans, poses, strict=True):
        _count(hits, passes, low, scan, pose)
    seen = hits + passes
    cells = np.full(seen.shape, UNKNOWN, dtype=np.int8)
    cells[seen > 0] = FREE
    cells[(hits >= MIN_HITS) & (hits > HIT_SHARE * seen)] = OCCUPIED
    passed = np.ones(seen.shape, dtype=np.bool_)
    x, y = np.floor((driven - low) / CELL_M).astype(int).T
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    passed[y[inside], x[inside]] = False
    cells[ndimage.distance_transform_edt(passed) * CELL_M <= clear_m] = FREE
    return OccupancyGrid(0.0, CELL_M, float(low[0]), float(low[1]), cells)


def _count(
    hits: FloatArray, passes: FloatArray, low: FloatArray, scan: NotedScan, pose: Pose2
) -> None:
    """One scan: a cell counts once, as hit rather than as passed."""
    size = hits.shape[0] * hits.shape[1]
    start = np.array([pose.x_m, pose.y_m])
    ends = pose.transform_points(scan.ends_m)
    hit = _cells_of(ends[scan.hit], low, hits.shape)
    lengths = np.linalg.norm(ends - start, axis=1)
    steps = np.arange(0.0, lengths.max() if len(lengths) else 0.0, CELL_M)
    shares = steps / np.maximum(lengths, 1e-6)[:, None]
    beams, places = np.nonzero(shares < 1.0 - CELL_M / np.maximum(lengths, CELL_M)[:, None])
    along = shares[beams, places, None]
    through = _cells_of(start + along * (ends[beams] - start), low, hits.shape)
    is_hit = np.bincount(hit, minlength=size) > 0
    is_passed = (np.bincount(through, minlength=size) > 0) & ~is_hit
    hits += is_hit.reshape(hits.shape)
    passes += is_passed.reshape(hits.shape)


def _cells_of(
    points: FloatArray, low: FloatArray, shape: tuple[int, ...]
) -> npt.NDArray[np.int64]:
    """Flat indices of the cells of points (N, 2) that lie on the grid."""
    columns, rows = np.floor((points - low) / CELL_M).astype(np.int64).T
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    return np.asarray(rows[inside] * shape[1] + columns[inside])


def corrected(
    entries: Sequence[Entry], scans: Sequence[NotedScan], poses: Sequence[Pose2]
) -> list[Entry]:
    """A drive's entries, moved as the scans noted beside them were by matching."""
    if not scans:
        return list(entries)
    driven = np.array([scan.driven for scan in scans])
    moves = [new.compose(scan.pose.inverse()) for scan, new in zip(scans, poses, strict=True)]
    moved, count = [], 0
    for entry in entries:
        count += entry.act is Act.DRIVE
        after = int(np.searchsorted(driven, count))
        last, following = moves[max(after - 1, 0)], moves[min(after, len(moves) - 1)]
        span = driven[min(after, len(moves) - 1)] - driven[max(after - 1, 0)]
        share = (count - driven[max(after - 1, 0)]) / span if span else 0.0
        moved.append(Entry(entry.act, _between(last, following, entry.pose, share)))
    return moved


def _between(one: Pose2, two: Pose2, pose: Pose2, share: float) -> Pose2:
    """A pose, moved by something between two moves."""
    first, second = one.compose(pose), two.compose(pose)
    turn_rad = wrap_angle(second.yaw_rad - first.yaw_rad)
    return Pose2(
        (1.0 - share) * first.x_m + share * second.x_m,
        (1.0 - share) * first.y_m + share * second.y_m,
        wrap_angle(first.yaw_rad + share * turn_rad),
    )
