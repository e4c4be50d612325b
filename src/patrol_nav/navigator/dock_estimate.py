"""Where a dock really is, from what the lidar and the camera see of it on the way to it."""

from __future__ import annotations

import math

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, wrap_angle
from patrol_core.site.model import Dock, DockMarker

REACH_M = 0.06
"""Returns farther than this from the expected outline belong to something else."""
STEADY_M = 0.012
"""While the dock may stand farther than this to a side, places there are tried too."""
SIDE_M = 0.02
FITS_FIRST = 5
END_M = 0.015
SQUARE = 0.2
"""Rays that meet an edge nearer to its end, or flatter (sine), say little of where it is."""
MIN_RETURNS = 12
ROUNDS = 3
PRIOR_STD = (0.08, 0.08, math.radians(4.0))
"""How far a dock may have moved since it was surveyed: ahead [m], left [m], heading [rad]."""
DRIFT_STD = (0.01, 0.01, math.radians(0.3))
"""How far the robot's own pose may move under it in a second."""
RETURN_STD_M = 0.02
RETURN_SHARE = 0.2
"""Neighbouring returns err together: each counts as this much of a measurement."""
PIXEL_STD_PER_M = 0.004
"""Bearing of the marker: half a pixel, and as much from the robot's own heading."""
MARKER_STD_M = 0.004
EDGE_STD = 0.0022
"""Error of a seen edge, times the distance: half a pixel of 337 to the radian, and the slant."""
FAR_OFF = 3.0
"""A sighting this many standard deviations off does not fit what the lidar sees."""


class DockEstimate:
    """The docked pose in `map`, by an extended Kalman filter in the dock's own axes.

    Returns of the lidar are laid onto the dock's outline point to line (Chen and Medioni, "Object
    modelling by registration of multiple range images", 1992); the marker gives where it is and,
    less well, which way it faces.
    """

    def __init__(self, dock: Dock, now_s: float) -> None:
        self.pose = dock.pose
        self.sightings = 0
        self.misfits = 0
        """Sightings in a row that did not fit; the last one was `off_m` off."""
        self.off_m = 0.0
        self.fitted_s = now_s
        """When a scan last fitted, or else when this began."""
        self._corners = dock.pose.inverse().transform_points(np.asarray(dock.outline_m))
        self._marker = dock.marker
        self._covariance = np.diag(np.square(PRIOR_STD))
        self._now_s = now_s
        self._fits = 0

    def std(self) -> FloatArray:
        """Standard deviations (3,) of ahead [m], left [m] and heading [rad]."""
        return np.asarray(np.sqrt(np.diag(self._covariance)))

    def see_scan(self, points_m: FloatArray, sensor: Pose2, now_s: float) -> bool:
        """Returns (N, 2) in the frame of the sensor, which is at `sensor` in `map`.

        False when too few of them lie on the dock.
        """
        self._pass_time(now_s)
        points = sensor.transform_points(points_m)
        side_m = 1.5 * self.std()[1]
        sides = (0.0, side_m, -side_m) if side_m > STEADY_M else (0.0,)
        fits = [self._fit(self.pose.compose(Pose2(0.0, side)), points, sensor) for side in sides]
        best = min((fit for fit in fits if fit is not None), key=lambda fit: fit[0], default=None)
        if best is None:
            return False
        _, self.pose, information = best
        self._covariance = np.linalg.inv(information)
        self.fitted_s = now_s
        self._fits += 1
        return True

    def _fit(
        self, start: Pose2, points: FloatArray, sensor: Pose2
    ) -> tuple[float, Pose2, FloatArray] | None:
        """From a start, the pose that fits returns and belief best: what that costs, pose,
        information (3, 3). None when too few returns lie on the dock."""
        pose, prior = start, np.linalg.inv(self._covariance)
        weight = RETURN_SHARE / RETURN_STD_M**2
        for _ in range(ROUNDS):
            normals, gaps, local = self._gaps(pose, points, sensor)
            used = np.abs(gaps) < REACH_M
            if np.count_nonzero(used) < MIN_RETURNS:
                return None
            normal, local = normals[used], local[used]
            turned = normal[:, 1] * local[:, 0] - normal[:, 0] * local[:, 1]
            rows = np.column_stack((normal, turned))
            information = prior + weight * rows.T @ rows
            gone = _as_vector(self.pose.relative_to(pose))
            pull = weight * rows.T @ gaps[used] + prior @ gone
            pose = _moved(pose, np.asarray(np.linalg.solve(information, pull)))
        pose, information[1, 1] = self._to_the_side(pose, points, sensor, information[1, 1])
        gone = _as_vector(self.pose.relative_to(pose))
        cost = self._cost(pose, points, sensor) + float(gone @ prior @ gone)
        return cost, pose, information

    def _to_the_side(
        self, pose: Pose2, points: FloatArray, sensor: Pose2, known: float
    ) -> tuple[Pose2, float]:
        """One step of Newton's to where steps in the outline fit best, and what is then known.

        Faces seen from ahead say nothing of left and right; where one ends and the next begins
        does, but only as a cost.
        """
        left, here, right = (
            self._cost(pose.compose(Pose2(0.0, side)), points, sensor)
            for side in (SIDE_M, 0.0, -SIDE_M)
        )
        bend = (left + right - 2.0 * here) / (2.0 * SIDE_M**2)
        if bend <= 0.0:
            return pose, known
        shift = -(left - right) / (4.0 * SIDE_M) / (known + bend)
        shift = min(max(shift, -SIDE_M), SIDE_M)
        return pose.compose(Pose2(0.0, shift)), known + bend

    def _cost(self, pose: Pose2, points: FloatArray, sensor: Pose2) -> float:
        """How badly returns fit: their squared errors in standard deviations, far ones capped."""
        _, gaps, _ = self._gaps(pose, points, sensor)
        met = np.isfinite(gaps)
        return RETURN_SHARE / RETURN_STD_M**2 * float(np.minimum(gaps[met] ** 2, REACH_M**2).sum())

    def _gaps(
        self, pose: Pose2, points: FloatArray, sensor: Pose2
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Normals, gaps (inf: no edge is met) and points in the axes of a dock at `pose`."""
        local, eye = pose.inverse().transform_points(points), sensor.relative_to(pose)
        normals, gaps = _facing_edges(local, np.array([eye.x_m, eye.y_m]), self._corners)
        return normals, gaps, local

    def see_marker(self, seen: Pose2, base: Pose2, now_s: float) -> bool:
        """The marker in base_link (x axis into the dock), base_link then at `base` in `map`.

        False when it is not where the dock is believed to be, and was left out; so is what comes
        before the lidar has had its say.
        """
        marker = self._marker
        assert marker is not None
        if self._fits < FITS_FIRST:
            return False
        self._pass_time(now_s)
        self.sightings += 1
        at = base.compose(seen).relative_to(self.pose)
        error = np.array([at.x_m - marker.ahead_m, at.y_m - marker.left_m, at.yaw_rad])
        model = np.array([[1.0, 0.0, -marker.left_m], [0.0, 1.0, marker.ahead_m], [0.0, 0.0, 1.0]])
        noise = _marker_noise(seen, base.relative_to(self.pose).yaw_rad, marker)
        spread = model @ self._covariance @ model.T + noise
        place = error[:2] @ np.linalg.solve(spread[:2, :2], error[:2])
        if place > FAR_OFF**2:
            self.misfits += 1
            self.off_m = float(np.hypot(error[0], error[1]))
            return False
        self.misfits = 0
        gain = self._covariance @ model.T @ np.linalg.inv(spread)
        self.pose = _moved(self.pose, gain @ error)
        rest = np.eye(3) - gain @ model
        self._covariance = rest @ self._covariance @ rest.T + gain @ noise @ gain.T
        return True

    def _pass_time(self, now_s: float) -> None:
        passed_s = max(now_s - self._now_s, 0.0)
        self._now_s = max(now_s, self._now_s)
        self._covariance = self._covariance + passed_s * np.diag(np.square(DRIFT_STD))


def _marker_noise(seen: Pose2, heading_rad: float, marker: DockMarker) -> FloatArray:
    """Covariance (3, 3) of a sighting in the dock's axes; the base is turned by `heading_rad`."""
    away = math.hypot(seen.x_m, seen.y_m)
    along = MARKER_STD_M + EDGE_STD * away**2 / marker.edge_m
    across = MARKER_STD_M + PIXEL_STD_PER_M * away
    turned = 0.02 + 3.0 * EDGE_STD * (away / marker.edge_m) ** 2
    bearing = wrap_angle(heading_rad + math.atan2(seen.y_m, seen.x_m))
    ray = np.array([math.cos(bearing), math.sin(bearing)])
    noise = np.zeros((3, 3))
    noise[:2, :2] = across**2 * np.eye(2) + (along**2 - across**2) * np.outer(ray, ray)
    noise[2, 2] = turned**2
    return noise


def _moved(pose: Pose2, step: FloatArray) -> Pose2:
    return pose.compose(Pose2(float(step[0]), float(step[1]), float(step[2])))


def _as_vector(pose: Pose2) -> FloatArray:
    return np.array([pose.x_m, pose.y_m, pose.yaw_rad])


def _facing_edges(
    points: FloatArray, eye: FloatArray, corners: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """For returns (N, 2) seen from `eye` (2,): the edge of a ring that the ray meets first.

    Its unit normal (N, 2), and how far beyond its line the return lies (N,); inf where the ray
    meets none squarely and away from its ends.
    """
    steps = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(steps, axis=1)
    normals = np.column_stack((steps[:, 1], -steps[:, 0])) / lengths[:, None]
    rays = points - eye
    ranges = np.linalg.norm(rays, axis=1)
    rays = rays / np.maximum(ranges, 1e-9)[:, None]
    slant = rays @ normals.T
    away = np.einsum("ej,ej->e", corners - eye, normals)
    ways = away / np.where(np.abs(slant) > SQUARE, slant, np.nan)
    met = eye + ways[..., None] * rays[:, None, :]
    along = np.einsum("nej,ej->ne", met - corners, steps) / lengths
    ways = np.where((ways > 0.0) & (along >= 0.0) & (along <= lengths), ways, np.inf)
    first, row = np.argmin(ways, axis=1), np.arange(len(points))
    way = ways[row, first]
    end_m = np.minimum(along[row, first], lengths[first] - along[row, first])
    good = np.isfinite(way) & (end_m > END_M)
    gaps = np.where(good, (ranges - np.where(good, way, 0.0)) * slant[row, first], np.inf)
    return normals[first], gaps
