"""Where the dock is, from returns on its outline and sightings of its marker."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Dock, DockMarker
from patrol_nav.navigator.dock_estimate import DockEstimate

MARKER = DockMarker(3, 0.16, 0.6, 0.0, 0.5)
RING = (
    (0.75, 0.35), (0.53, 0.35), (0.53, 0.25), (0.63, 0.25), (0.63, 0.08), (0.47, 0.08),
    (0.47, -0.08), (0.63, -0.08), (0.63, -0.25), (0.53, -0.25), (0.53, -0.35), (0.75, -0.35),
)  # fmt: skip
"""Back, cheeks and nose, from the docked base_link: counter-clockwise."""
SURVEYED = Pose2(2.0, 3.0, math.pi / 2)
DOCK = Dock(
    "bay", SURVEYED,
    tuple(map(tuple, SURVEYED.transform_points(np.array(RING)).tolist())), 1.0, MARKER,
)  # fmt: skip
WAY = [Pose2(-away, 0.05 * away, 0.02) for away in np.arange(1.8, 0.1, -0.08).tolist()]
"""Towards the dock, in its own axes."""


def returns(eye: Pose2, true: Pose2, rng: np.random.Generator) -> FloatArray:
    """What a lidar at `eye` sees of a dock whose docked pose is `true`, with 1 cm of noise."""
    corners = true.transform_points(np.array(RING))
    steps = np.roll(corners, -1, axis=0) - corners
    points = []
    for angle in np.arange(-math.pi / 2, math.pi / 2, math.radians(0.5)):
        ray = np.array([math.cos(eye.yaw_rad + angle), math.sin(eye.yaw_rad + angle)])
        cross = ray[0] * steps[:, 1] - ray[1] * steps[:, 0]
        gap = corners - (eye.x_m, eye.y_m)
        with np.errstate(divide="ignore", invalid="ignore"):
            way = (gap[:, 0] * steps[:, 1] - gap[:, 1] * steps[:, 0]) / cross
            share = (gap[:, 0] * ray[1] - gap[:, 1] * ray[0]) / cross
        met = (way > 0.0) & (share >= 0.0) & (share <= 1.0)
        if met.any():
            reach = float(way[met].min()) + rng.normal(0.0, 0.01)
            points.append((reach * math.cos(angle), reach * math.sin(angle)))
    return np.array(points).reshape(-1, 2)


def approach(true: Pose2, marker: bool, slip: float = 0.0) -> DockEstimate:
    """All that is seen on the way; `slip`: how far beside its place the marker hangs [m]."""
    rng = np.random.default_rng(5)
    estimate = DockEstimate(DOCK, 0.0)
    for step, at in enumerate(WAY):
        base = true.compose(at)
        estimate.see_scan(returns(base, true, rng), base, 0.1 * step)
        if marker and step % 2:
            place = Pose2(MARKER.ahead_m, MARKER.left_m + slip)
            seen = true.compose(place).relative_to(base)
            blur = rng.normal(0.0, 1.0, 3) * (0.005, 0.003, 0.08)
            seen = Pose2(seen.x_m + blur[0], seen.y_m + blur[1], seen.yaw_rad + blur[2])
            estimate.see_marker(seen, base, 0.1 * step)
    return estimate


OFFSETS = [Pose2(0.0, 0.0), Pose2(0.04, -0.05, 0.04), Pose2(-0.05, 0.04, -0.05)]


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("marker", [True, False])
def test_a_dock_that_was_moved_is_found(offset: Pose2, marker: bool) -> None:
    true = SURVEYED.compose(offset)
    estimate = approach(true, marker)
    off = estimate.pose.relative_to(true)
    assert abs(off.x_m) < 0.01 and abs(off.y_m) < (0.01 if marker else 0.02)
    assert abs(off.yaw_rad) < math.radians(1.0)
    assert (estimate.std() < (0.01, 0.02, math.radians(1.0))).all()
    assert estimate.misfits == 0


def test_a_marker_that_hangs_elsewhere_is_told_from_the_dock() -> None:
    estimate = approach(SURVEYED, marker=True, slip=0.15)
    assert estimate.misfits >= 5
    assert estimate.off_m == pytest.approx(0.15, abs=0.05)


def test_a_dock_out_of_sight_is_not_guessed() -> None:
    estimate = DockEstimate(DOCK, 0.0)
    assert not estimate.see_scan(np.array([[5.0, 0.0]] * 50), Pose2(2.0, 2.4, 1.6), 1.0)
    assert estimate.pose == SURVEYED and estimate.fitted_s == 0.0


def test_what_stands_before_the_dock_does_not_pull_it() -> None:
    """A box 0.3 m before the nose hides it: its returns are no dock."""
    rng = np.random.default_rng(6)
    estimate = DockEstimate(DOCK, 0.0)
    base = SURVEYED.compose(Pose2(-1.5, 0.0))
    for step in range(20):
        seen = returns(base, SURVEYED, rng)
        box = np.abs(seen[:, 1] / seen[:, 0]) < 0.06
        seen[box] *= (1.67 / seen[box, 0])[:, None]
        estimate.see_scan(seen, base, 0.1 * step)
    off = estimate.pose.relative_to(SURVEYED)
    assert math.hypot(off.x_m, off.y_m) < 0.02
