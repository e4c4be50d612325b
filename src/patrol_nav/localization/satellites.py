"""What satellites say of the pose: little, slowly, and near walls often something wrong.

A fix can tell places apart that look alike to the lidar, and hold a belief together where there is
nothing to see. It cannot move a belief that scans hold: it weighs little, because its errors last
for minutes, and the farther off it is the less it pulls, because multipath is no Gaussian
(Groves 2013, chapter 9).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geodesy import LocalFrame
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import GnssFix
from patrol_nav.localization.params import GnssParams

TAIL = 4.0
"""Degrees of freedom of Student's distribution: few, for long tails."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fix in `map`: where the antenna is, how far that may be off, and what to make of it."""

    stamp_s: float
    x_m: float
    y_m: float
    std_m: float
    antenna_m: tuple[float, float]
    params: GnssParams

    def log_likelihoods(self, poses: FloatArray) -> FloatArray:
        """Of poses (N, 3) of base_link, shape (N,)."""
        ahead, left = self.antenna_m
        cos, sin = np.cos(poses[:, 2]), np.sin(poses[:, 2])
        x = poses[:, 0] + cos * ahead - sin * left - self.x_m
        y = poses[:, 1] + sin * ahead + cos * left - self.y_m
        squares = (x * x + y * y) / (self.std_m**2 * TAIL)
        return np.asarray(-0.5 * self.params.weight * (TAIL + 2.0) * np.log1p(squares))

    def admits(self, pose: Pose2) -> bool:
        """Whether base_link may be there, for all that satellites say."""
        at = pose.compose(Pose2(*self.antenna_m))
        away_m = math.hypot(at.x_m - self.x_m, at.y_m - self.y_m)
        return away_m <= self.params.gate * self.std_m + self.params.slack_m


class Satellites:
    """Turns fixes into sightings; each counts once."""

    def __init__(
        self, params: GnssParams, frame: LocalFrame, antenna_m: tuple[float, float]
    ) -> None:
        """`antenna_m`: the antenna in base_link, ahead and left."""
        self._params = params
        self._frame = frame
        self._antenna_m = antenna_m
        self._stamp_s = -math.inf
        self._unused: Sighting | None = None
        self.newest: Sighting | None = None

    def update(self, fix: GnssFix | None) -> None:
        """The newest fix, or None while there is none that is fresh."""
        if not self._params.use or fix is None or not _is_sane(fix):
            self.newest = self._unused = None
            return
        if fix.stamp_s == self._stamp_s:
            return
        self._stamp_s = fix.stamp_s
        x_m, y_m = self._frame.to_local(fix.latitude_rad, fix.longitude_rad)
        east, north, _ = fix.variances_m2
        std_m = max(math.sqrt(max(east, north)), self._params.least_std_m)
        self.newest = self._unused = Sighting(
            fix.stamp_s, x_m, y_m, std_m, self._antenna_m, self._params
        )

    def take(self) -> Sighting | None:
        """The newest sighting, if it has not been taken yet."""
        unused, self._unused = self._unused, None
        return unused


def _is_sane(fix: GnssFix) -> bool:
    numbers = (fix.latitude_rad, fix.longitude_rad, *fix.variances_m2[:2])
    return fix.valid and all(map(math.isfinite, numbers)) and min(fix.variances_m2[:2]) >= 0.0
