"""Lanes to far goals: which are taken, and what happens when one is blocked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from tests.nav_goals import navigate, run_to_end
from tests.nav_world import ToyWorld, empty_cells, rover, toy_site

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.params import make_params
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Zone, ZoneKind
from patrol_nav.navigator import lane_task
from patrol_nav.navigator.lanes import Lanes
from patrol_nav.navigator.navigator import Navigator
from patrol_nav.navigator.world import TaskStep, World
from patrol_nav.params import LaneParams, NavigatorParams
from patrol_nav.routing.graph import NoRouteError, RouteGraph

PLACES: FloatArray = np.array(
    [[2.0, 5.0], [5.0, 8.0], [15.0, 8.0], [18.0, 5.0], [5.0, 2.0], [15.0, 2.0]]
)
"""West, two by a lane in the north, east, two by a lane in the south."""
LINKS = [(0, 1), (1, 2), (2, 3), (0, 4), (4, 5), (5, 3)]


def graph(southern_penalty_m: float = 3.0) -> RouteGraph:
    both = LINKS + [(b, a) for a, b in LINKS]
    penalties = [southern_penalty_m if 4 in link or 5 in link else 0.0 for link in both]
    starts, ends = zip(*both, strict=True)
    return RouteGraph.of(PLACES, starts, ends, penalties_m=penalties)


def lanes(**params: float) -> Lanes:
    return Lanes(graph(), make_params(LaneParams, params), 1.2)


WEST, EAST = Pose2(1.0, 5.0), Pose2(19.0, 5.0)


def test_the_cheaper_lane_is_taken_until_it_is_closed() -> None:
    some = lanes(closed_s=100.0)
    np.testing.assert_allclose(some.way(WEST, EAST, 0.0), PLACES[[0, 1, 2, 3]])
    stuck = Pose2(9.0, 7.6, 0.1)
    assert some.close_near(stuck, 10.0) is not None
    np.testing.assert_allclose(some.way(WEST, EAST, 11.0), PLACES[[0, 4, 5, 3]])
    np.testing.assert_allclose(some.way(EAST, WEST, 11.0), PLACES[[3, 5, 4, 0]])
    assert some.close_near(Pose2(9.0, 2.4, 0.0), 12.0) is not None
    with pytest.raises(NoRouteError):
        some.way(WEST, EAST, 13.0)
    np.testing.assert_allclose(some.way(WEST, EAST, 111.0), PLACES[[0, 1, 2, 3]])


def ring(low: float, high: float) -> Points:
    return ((8.0, low), (12.0, low), (12.0, high), (8.0, high))


def test_zones_close_lanes_and_slow_them_down() -> None:
    some = lanes()
    some.heed([Zone("works", ZoneKind.SPEED, ring(7.0, 9.0), 0.2)])
    np.testing.assert_allclose(some.way(WEST, EAST, 0.0), PLACES[[0, 4, 5, 3]])
    some.heed([Zone("works", ZoneKind.SPEED, ring(7.0, 9.0), 1.1)])
    np.testing.assert_allclose(some.way(WEST, EAST, 0.0), PLACES[[0, 1, 2, 3]])
    some.heed([Zone("pond", ZoneKind.KEEP_OUT, ring(7.9, 8.1))])
    np.testing.assert_allclose(some.way(WEST, EAST, 0.0), PLACES[[0, 4, 5, 3]])
    some.heed([])
    np.testing.assert_allclose(some.way(WEST, EAST, 0.0), PLACES[[0, 1, 2, 3]])


def test_far_from_every_lane_none_is_closed() -> None:
    assert lanes().close_near(Pose2(10.0, 30.0), 0.0) is None


def test_no_way_back_to_the_first_lane_or_from_the_last() -> None:
    way = lanes().way(Pose2(3.0, 6.5), Pose2(17.2, 6.3), 0.0)
    np.testing.assert_allclose(way, PLACES[[1, 2]])


def world(**params: float) -> ToyWorld:
    navigator = Navigator(
        make_params(NavigatorParams, params), toy_site(20.0, 10.0), rover(),
        np.random.default_rng(3), "pure_pursuit", lambda _: (0, 0), graph(),
    )  # fmt: skip
    return ToyWorld(navigator, empty_cells(20.0, 10.0), WEST)


def test_a_far_goal_is_driven_to_over_lanes_and_a_near_one_freely() -> None:
    toy = world()
    navigate(toy, Pose2(18.5, 4.0))
    assert run_to_end(toy, "a", 60.0).ok
    assert toy.pose.distance_to(Pose2(18.5, 4.0)) < 0.1
    x, y = toy.array()[:, 1:3].T
    along = (x > 6.0) & (x < 14.0)
    assert np.abs(y[along] - 8.0).max() < 0.3
    freely = world(**{"lanes.use_beyond_m": 30.0})
    navigate(freely, Pose2(18.5, 4.0))
    assert run_to_end(freely, "a", 60.0).ok
    assert freely.array()[:, 2].max() < 5.3


class Stuck:
    """Follows nothing: blocked at once where its path leads along a blocked lane."""

    blocked_y_m: tuple[float, ...] = ()
    paths: list[FloatArray]

    def __init__(self, _: object, poses: FloatArray, speed_mps: float) -> None:
        self._poses = poses
        type(self).paths.append(poses)

    def step(self, world: World) -> TaskStep:
        half_way = self._poses[int(np.argmin(np.abs(self._poses[:, 0] - 10.0))), 1]
        if any(abs(half_way - y) < 0.5 for y in self.blocked_y_m):
            return TaskStep(result=Result.failure(ErrorCode.BLOCKED, "blocked"))
        return TaskStep(result=Result.success("there"))


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Stuck]]:
    Stuck.paths = []
    monkeypatch.setattr(lane_task, "Follower", Stuck)
    yield Stuck
    Stuck.blocked_y_m = ()


def test_the_other_lane_is_taken_when_one_is_blocked(stuck: type[Stuck]) -> None:
    toy = world(**{"lanes.use_beyond_m": 5.0})
    toy.pose = Pose2(6.0, 7.9, 0.0)
    stuck.blocked_y_m = (8.0,)
    navigate(toy, Pose2(18.0, 5.0))
    assert run_to_end(toy, "a", 5.0).ok
    assert [path[:, 1].min() < 3.0 for path in stuck.paths] == [False, True]


def test_what_is_blocked_everywhere_is_reported(stuck: type[Stuck]) -> None:
    toy = world(**{"lanes.use_beyond_m": 5.0, "lanes.attempts": 2})
    toy.pose = Pose2(6.0, 7.9, 0.0)
    stuck.blocked_y_m = (8.0, 2.0)
    navigate(toy, Pose2(18.0, 5.0))
    assert run_to_end(toy, "a", 5.0).code is ErrorCode.BLOCKED
    assert len(stuck.paths) == 2
