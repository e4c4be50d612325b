"""Getting out where the lidar does not see behind: back along the way come, and not in again."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.nav_world import empty_costmap, rover

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import LaserScan
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.navigator.backing import Backing
from patrol_nav.navigator.dead_ends import KEEP_S, DeadEnds
from patrol_nav.navigator.way_come import WayCome
from patrol_nav.navigator.world import World

GRID = empty_costmap()
FIELD = GRID.local_field(Pose2(5.0, 5.0))
HELD = GateStatus(0.0, GateState.HOLD, Authority.MISSION, ("blind",), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def world(pose: Pose2, now_s: float, gate: GateStatus | None = None) -> World:
    scan = LaserScan(0.0, "lidar_link", 0.0, 0.1, 0.0, 30.0, np.ones(1, dtype=np.float32))
    nobody = np.empty((0, 5))
    return World(now_s, 0.05, pose, 0.0, 0.0, GRID, FIELD, nobody, gate, None, scan, pose)


def bend() -> list[Pose2]:
    """Two metres along a circle of 1.5 m to the left, from (4, 4)."""
    arcs = np.linspace(0.0, 2.0, 81) / 1.5
    return [Pose2(4.0 + 1.5 * math.sin(a), 5.5 - 1.5 * math.cos(a), float(a)) for a in arcs]


def gone_back(
    came: list[Pose2], distance_m: float, way_m: float = 3.0, *, blind: bool = True
) -> list[Pose2]:
    """Where the robot is from tick to tick when it backs off after having come so."""
    backing = Backing(footprint_of(rover().body), WayCome(way_m), blind=blind)
    for pose in came:
        backing.note(pose)
    pose, now_s, where = came[-1], 0.0, [came[-1]]
    backing.begin(world(pose, now_s), distance_m)
    while (output := backing.step(world(pose, now_s))) is not None:
        way, turn = 0.05 * output.linear_mps, 0.05 * output.angular_radps
        pose = pose.compose(Pose2(way * math.cos(turn / 2), way * math.sin(turn / 2), turn))
        now_s += 0.05
        where.append(pose)
    assert backing.step(world(pose, now_s)) is None
    return where


def distances(places: list[Pose2], from_poses: list[Pose2]) -> FloatArray:
    return np.array([min(p.distance_to(q) for q in from_poses) for p in places])


def test_it_goes_back_along_the_bend_that_it_came() -> None:
    came = bend()
    where = gone_back(came, 1.0)
    assert where[-1].distance_to(came[-1]) == pytest.approx(1.0, abs=0.05)
    assert distances(where, came).max() < 0.03


def test_it_turns_back_on_the_spot_where_it_had_turned() -> None:
    north = [Pose2(5.0, y, math.pi / 2) for y in np.arange(3.0, 4.01, 0.05).tolist()]
    turned = [Pose2(5.0, 4.0, math.pi / 2 - a) for a in np.arange(0.0, math.pi / 2, 0.1).tolist()]
    east = [Pose2(x, 4.0, 0.0) for x in np.arange(5.0, 5.31, 0.05).tolist()]
    where = gone_back([*north, *turned, *east], 0.6)
    assert where[-1].y_m < 3.6
    assert distances(where, [*north, *east]).max() < 0.1


def test_it_ends_where_the_remembered_way_ends() -> None:
    came = bend()
    where = gone_back(came, 5.0, way_m=1.0)
    assert 0.7 < where[-1].distance_to(came[-1]) < 1.5


def test_who_sees_goes_back_as_it_came_where_straight_back_is_too_tight() -> None:
    along = [Pose2(x, 0.5, 0.0) for x in np.arange(2.5, 3.6, 0.05).tolist()]
    arc = np.linspace(0.0, 0.35, 10).tolist()
    away = [Pose2(3.55 + math.sin(a), 1.5 - math.cos(a), a) for a in arc]
    assert len(gone_back(away[-1:], 0.8, blind=False)) < 20, "the tail swings towards the wall"
    where = gone_back([*along, *away], 0.8, blind=False)
    assert where[-1].distance_to(away[-1]) == pytest.approx(0.8, abs=0.05)
    assert distances(where, [*along, *away]).max() < 0.05


def test_going_straight_back_does_not_lose_the_rest_of_the_way_come() -> None:
    came = [Pose2(x, 5.0, 0.0) for x in np.arange(3.0, 6.01, 0.05).tolist()]
    way = WayCome(3.0)
    backing = Backing(footprint_of(rover().body), way)
    for pose in came:
        backing.note(pose)
    backing.begin(world(came[-1], 0.0), 0.8)
    for number, pose in enumerate(came[:-17:-1]):
        assert backing.step(world(pose, 0.2 * number)) is not None
    backing.end()
    backing.note(came[-17])
    output = way.back(came[-17], 0.3)
    assert output is not None and len(output.trajectory) == 9


def test_a_way_that_was_not_driven_is_no_way_back() -> None:
    way = WayCome(3.0)
    for pose in bend():
        way.note(pose)
    way.note(Pose2(8.0, 8.0))
    assert way.back(Pose2(8.0, 8.0), 0.3) is None


def test_it_ends_when_the_gate_lets_it_go_no_farther() -> None:
    backing, came = Backing(footprint_of(rover().body), WayCome(3.0), blind=True), bend()
    for pose in came:
        backing.note(pose)
    backing.begin(world(came[-1], 0.0), 1.0)
    assert backing.step(world(came[-1], 0.3, HELD)) is not None
    assert backing.step(world(came[-1], 0.8, HELD)) is None
    assert backing.step(world(came[-1], 0.9)) is None and not backing.active


def test_plans_keep_out_of_where_it_got_stuck_for_a_while() -> None:
    ends, way = DeadEnds(), np.array([[x, 0.0, 0.0] for x in np.arange(0.0, 2.0, 0.1)])
    assert ends.discs(0.0).shape == (0, 3)
    ends.note(Pose2(0.0, 0.0), way, 10.0)
    (disc,) = ends.discs(20.0)
    assert disc[:2] == pytest.approx((0.4, 0.0), abs=0.06)
    assert not len(ends.discs(10.0 + KEEP_S))
    ends.note(Pose2(0.0, 0.0), way[:2], 50.0)
    assert ends.discs(51.0)[0, 0] == pytest.approx(0.1)
    ends.forget()
    assert not len(ends.discs(51.0))


def test_held_by_the_gate_means_that_nothing_passes() -> None:
    assert world(Pose2(0.0, 0.0), 0.0, HELD).held
    assert not world(Pose2(0.0, 0.0), 0.0, replace(HELD, state=GateState.LIMITED)).held
