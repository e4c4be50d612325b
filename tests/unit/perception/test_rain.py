"""In rain a beam alone without a return is lost; else it passes between two legs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import Pose2
from patrol_perception.clusters import find_clusters
from patrol_perception.look import Look
from patrol_perception.params import TrackParams

STEP_RAD = math.pi / 360.0
BOX = np.arange(356, 365)


@pytest.mark.parametrize(("every", "legs"), [(0, True), (12, False)], ids=["dry", "rain"])
def test_a_box_with_one_beam_lost_has_legs_only_where_it_does_not_rain(
    every: int, legs: bool
) -> None:
    ranges_m = np.full(720, 9.0, np.float32)
    if every:
        ranges_m[::every] = math.inf
    ranges_m[BOX] = 4.0
    ranges_m[360] = math.inf
    beams = BOX[BOX != 360]
    angles = -math.pi + beams * STEP_RAD
    points_m = 4.0 * np.column_stack((np.cos(angles), np.sin(angles)))
    look = Look(
        0.0, Pose2(0.0, 0.0), ranges_m, -math.pi, STEP_RAD, 1.0, True, beams, points_m,
        np.ones(len(beams), np.float32),
    )  # fmt: skip
    (cluster,) = find_clusters(look, TrackParams())
    assert cluster.legs is legs
