"""Scans noted on a drive, each with where the robot was: what a map is made of."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.sensors import LaserScan

EVERY_M, EVERY_RAD = 0.3, 0.35
"""A scan is noted after so much way, or so much of a turn."""
TURNING_RADPS = 0.4
"""While it turns faster, the beams of one revolution do not belong to one pose."""
_MAX_GAP_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class NotedScan:
    """`pose` of base_link in `map`, and end points (N, 2) in base_link; `hit` (N,): whether
    something was there, or the beam ended unmet. `driven`: poses of the track at that time."""

    pose: Pose2
    driven: int
    ends_m: FloatArray
    hit: npt.NDArray[np.bool_]


class ScanLog:
    """Chooses scans while driving, and keeps them in a file, a line each.

    `lidar`: its pose on base_link; beams longer than `reach_m` are cut off there.
    """

    def __init__(self, path: Path, lidar: Pose2, reach_m: float) -> None:
        self._lidar = lidar
        self._reach_m = reach_m
        self._pending: LaserScan | None = None
        self._last: PoseEstimate | None = None
        self._noted: Pose2 | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
            self._file.write(b"\n")
        except OSError as error:
            raise ConfigError(
                f"cannot write the scans of the drive: {error.strerror}", place=Place(path),
                remedy="free disk space, and check that the folder is writable",
            ) from error  # fmt: skip

    def close(self) -> None:
        self._file.close()

    def hear_scan(self, scan: LaserScan) -> None:
        """The newest waits for the pose at its own time."""
        if self._pending is None:
            self._pending = scan

    def hear_pose(self, estimate: PoseEstimate, driven: int) -> None:
        """Note the scan that waits, if this pose and the last lie round it and it is worth it."""
        last, scan = self._last, self._pending
        self._last = estimate
        if scan is None or last is None or estimate.stamp_s < scan.stamp_s:
            return
        self._pending = None
        span_s = estimate.stamp_s - last.stamp_s
        if not 0.0 < span_s < _MAX_GAP_S or scan.stamp_s < last.stamp_s:
            return
        turn_rad = wrap_angle(estimate.pose.yaw_rad - last.pose.yaw_rad)
        if abs(turn_rad) / span_s > TURNING_RADPS:
            return
        share = (scan.stamp_s - last.stamp_s) / span_s
        pose = Pose2(
            last.pose.x_m + share * (estimate.pose.x_m - last.pose.x_m),
            last.pose.y_m + share * (estimate.pose.y_m - last.pose.y_m),
            wrap_angle(last.pose.yaw_rad + share * turn_rad),
        )
        before = self._noted
        if before is not None:
            turned_rad = abs(wrap_angle(pose.yaw_rad - before.yaw_rad))
            if pose.distance_to(before) < EVERY_M and turned_rad < EVERY_RAD:
                return
        self._noted = pose
        self._file.write(json.dumps(self._line(pose, driven, scan)).encode() + b"\n")

    def _line(self, pose: Pose2, driven: int, scan: LaserScan) -> dict[str, object]:
        hit = scan.hits() & (scan.ranges_m <= self._reach_m)
        missed = np.isposinf(scan.ranges_m) | (scan.ranges_m > self._reach_m)
        known = hit | missed
        ranges = np.where(hit, scan.ranges_m, self._reach_m)[known].astype(np.float64)
        angles = scan.angles_rad()[known]
        in_lidar = np.column_stack((ranges * np.cos(angles), ranges * np.sin(angles)))
        ends = np.rint(self._lidar.transform_points(in_lidar) * 100.0).astype(int)
        return {
            "pose": [round(pose.x_m, 3), round(pose.y_m, 3), round(pose.yaw_rad, 4)],
            "driven": driven,
            "ends_cm": ends.ravel().tolist(),
            "hit": "".join("1" if h else "0" for h in hit[known]),
        }


def read_scans(path: Path) -> list[NotedScan]:
    """The scans of a file; none without one. Lines that are cut off or broken are passed over."""
    if not path.is_file():
        return []
    scans = (_noted(line) for line in path.read_bytes().splitlines())
    return [scan for scan in scans if scan is not None]


def _noted(line: bytes) -> NotedScan | None:
    try:
        values = json.loads(line)
        x_m, y_m, yaw_rad = map(float, values["pose"])
        driven = int(values["driven"])
        ends = np.asarray(values["ends_cm"], dtype=np.float64).reshape(-1, 2) / 100.0
        hit = np.array([letter == "1" for letter in values["hit"]], dtype=np.bool_)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    sizes = (x_m, y_m, yaw_rad, *ends.ravel())
    if (
        len(hit) != len(ends)
        or driven < 0
        or not all(math.isfinite(v) and abs(v) < 1e5 for v in sizes)
    ):
        return None
    return NotedScan(Pose2(x_m, y_m, yaw_rad), driven, ends, hit)
