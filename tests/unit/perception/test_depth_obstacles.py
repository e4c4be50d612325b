"""What the lidar's plane misses, found in drawn depth pictures and remembered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.perception.drawn_depth import HEIGHT, INFO, WIDTH, Box, draw
from tests.unit.perception.rover import ROBOT

from patrol_core.geometry import FloatArray, Pose2
from patrol_perception.depth_obstacles import ObstacleMemory
from patrol_perception.params import DepthParams

SEAT: Box = (1.8, -0.9, 0.42, 2.25, 0.9, 0.48)
"""Low and high x, y, z in odom: what the lidar at 0.2 m passes below."""
HERE = Pose2(0.0, 0.0)
NOTHING: FloatArray = np.zeros((0, 2))


class Eye:
    """A memory and the pictures that it gets."""

    def __init__(self) -> None:
        self.memory = ObstacleMemory(ROBOT, DepthParams())
        self.known_m = NOTHING

    def look(
        self,
        *boxes: Box,
        times: int = 2,
        base: Pose2 = HERE,
        lidar_m: FloatArray = NOTHING,
        people_m: FloatArray = NOTHING,
        **more: float,
    ) -> FloatArray:
        """What is known after some pictures, in odom."""
        picture = draw(base, *boxes, **more)
        for _ in range(times):
            here = self.memory.step(picture, INFO, base, lidar_m, people_m)
            self.known_m = base.transform_points(here)
        return self.known_m


def test_an_overhang_is_known_from_the_second_picture_on_and_where_it_is() -> None:
    eye = Eye()
    assert not len(eye.look(SEAT, times=1))
    known = eye.look(SEAT, times=1)
    assert len(known) > 30
    assert known[:, 0].min() == pytest.approx(1.8, abs=0.08)
    assert known[:, 0].max() < 2.3
    assert np.abs(known[:, 1]).max() == pytest.approx(0.9, abs=0.1)


@pytest.mark.parametrize(
    ("low_m", "high_m", "is_known"), [(0.0, 0.14, True), (0.75, 1.2, False), (0.0, 0.05, False)]
)
def test_what_the_robot_could_bump_into_counts(
    low_m: float, high_m: float, is_known: bool
) -> None:
    known = Eye().look((1.2, -0.4, low_m, 1.5, 0.4, high_m))
    assert bool(len(known)) is is_known


def test_what_the_lidar_sees_too_is_left_to_it() -> None:
    wall: Box = (2.0, -0.5, 0.0, 2.1, 0.5, 1.0)
    face = np.column_stack((np.full(101, 2.0), np.linspace(-0.5, 0.5, 101)))
    assert len(Eye().look(wall)) and not len(Eye().look(wall, lidar_m=face))


def test_people_are_left_to_the_lidar() -> None:
    legs: Box = (1.9, -0.15, 0.0, 2.1, 0.15, 1.6)
    assert len(Eye().look(legs))
    assert not len(Eye().look(legs, people_m=np.array([[2.0, 0.0]])))


@pytest.mark.parametrize("nod_rad", [-0.04, 0.0, 0.04])
def test_level_ground_is_nothing_even_to_a_robot_that_nods(nod_rad: float) -> None:
    assert not len(Eye().look(nod_rad=nod_rad, times=5))


def test_it_is_remembered_beside_the_robot_and_forgotten_far_behind() -> None:
    eye = Eye()
    before = len(eye.look(SEAT, times=3))
    assert len(eye.look(base=Pose2(2.0, -1.6), times=10)) == before
    assert not len(eye.look(base=Pose2(9.0, -1.6)))


def test_it_is_gone_when_it_is_seen_to_be_gone_and_not_when_nothing_is_seen() -> None:
    eye = Eye()
    before = len(eye.look(SEAT, times=3))
    blind = replace(draw(HERE), depth_m=np.full((HEIGHT, WIDTH), np.nan, np.float32))
    for _ in range(10):
        known = eye.memory.step(blind, INFO, HERE, NOTHING, NOTHING)
    assert len(known) == before
    assert not len(eye.look(times=5))


def test_where_the_robot_stands_there_is_nothing() -> None:
    eye = Eye()
    eye.look(SEAT, times=3)
    here = eye.memory.step(draw(Pose2(2.0, 0.0)), INFO, Pose2(2.0, 0.0), NOTHING, NOTHING)
    inside = (np.abs(here[:, 1]) < 0.2) & (here[:, 0] > -0.2) & (here[:, 0] < 0.4)
    assert len(here) and not inside.any()


@pytest.mark.parametrize(("floor_m", "is_known"), [(-0.6, True), (-0.2, True), (-0.08, False)])
def test_where_the_ground_falls_away_it_is_an_edge(floor_m: float, is_known: bool) -> None:
    known = Eye().look(edge_x_m=2.0, floor_m=floor_m)
    assert bool(len(known)) is is_known
    if is_known:
        assert 1.95 < known[:, 0].min() < 2.3


def test_an_edge_stays_known_when_it_is_too_near_to_be_seen() -> None:
    eye = Eye()
    eye.look(edge_x_m=2.0, floor_m=-0.6, times=3)
    near = eye.look(base=Pose2(1.3, 0.0), edge_x_m=2.0, floor_m=-0.6, times=5)
    ahead = near[np.abs(near[:, 1]) < 0.25]
    assert ahead[:, 0].min() < 2.3
