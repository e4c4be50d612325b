"""Where the points of the last scan are now, and which of them are the dock's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.gate_world import ROBOT

from patrol_core.geometry import Pose2
from patrol_core.site.model import Dock
from patrol_gate.manoeuvre import STILL
from patrol_gate.monitor import Observation
from patrol_gate.movers import Movers
from patrol_gate.nearby import nearby
from patrol_gate.surroundings import Surroundings
from patrol_gate.trail import Trail

DOCK = Dock("home", Pose2(2.0, 0.0), ((2.5, -0.3), (3.0, -0.3), (3.0, 0.3), (2.5, 0.3)), 1.2)
ORIGIN = Pose2(0.0, 0.0)
ODOM = Pose2(10.0, 5.0)
"""Where the robot is by its wheels; in `map` it is at the origin."""

PLACES = [(2.41, 0.0), (2.39, 0.0), (2.75, 0.0), (2.75, -0.41), (2.75, -0.39), (2.62, 0.18)]
ON_DOCK = [True, False, True, False, True, True]


def observed(dock: Dock | None, pose: Pose2 | None = ORIGIN) -> Observation:
    points = np.array(PLACES) + (ODOM.x_m, ODOM.y_m)
    movers = Movers(points, np.zeros_like(points), np.ones(len(points), dtype=np.bool_))
    around = Surroundings(50.0, points, movers, None, None, None)
    trail = Trail(ROBOT.body, 0.0)
    return Observation(
        STILL, 0.0, 0.0, ODOM, 0.0, 0.0, around, pose, False, dock, (), (), (), trail
    )


def test_points_and_movers_are_where_the_robot_sees_them_now() -> None:
    near = nearby(observed(None), ROBOT.body, 0.1)
    assert np.allclose(near.points_m, PLACES)
    assert np.allclose(near.movers.points_m, PLACES)
    assert near.clearance_m() == pytest.approx(2.39 - 0.45)


def test_those_of_the_dock_that_is_approached_are_left_out() -> None:
    near = nearby(observed(DOCK), ROBOT.body, 0.1)
    left = np.array(PLACES)[~np.array(ON_DOCK)]
    assert np.allclose(near.points_m, left)
    assert np.allclose(near.movers.points_m, left)
    assert len(near.distances_m) == 2
    assert len(nearby(observed(DOCK, None), ROBOT.body, 0.1).points_m) == len(PLACES)


def test_without_a_scan_there_is_nothing() -> None:
    near = nearby(replace(observed(None), surroundings=None), ROBOT.body, 0.1)
    assert (near.points_m.shape, near.distances_m.shape) == ((0, 2), (0,))
    assert near.clearance_m() == 4.0
