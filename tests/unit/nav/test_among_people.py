"""Among people: room and pace, patience, giving way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.nav_world import empty_costmap, rover

from patrol_core.geometry import Pose2
from patrol_core.types.sensors import LaserScan
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.navigator.backing import Backing
from patrol_nav.navigator.politeness import URGE_S, Politeness
from patrol_nav.navigator.way_come import WayCome
from patrol_nav.navigator.world import World
from patrol_nav.params import FollowerParams

GRID = empty_costmap()
FIELD = GRID.local_field(Pose2(3.0, 3.0))
ORIGIN = Pose2(0.0, 0.0)


def world_with(
    *people: tuple[float, float, float, float], now_s: float = 0.0, pose: Pose2 = ORIGIN
) -> World:
    """The robot at `pose`; people are x, y, vx, vy in `map`."""
    rows = np.array([(*person, 0.3) for person in people]).reshape(-1, 5)
    scan = LaserScan(0.0, "lidar_link", 0.0, 0.1, 0.0, 30.0, np.ones(1, dtype=np.float32))
    return World(now_s, 0.05, pose, 0.0, 0.0, GRID, FIELD, rows, None, None, scan, pose)


AHEAD = np.array([[x, 0.0, 0.0] for x in np.arange(0.0, 6.0, 0.5)])


def test_speed_near_who_stands_leaves_time_to_stop_and_to_have_stood() -> None:
    params = FollowerParams()
    speeds = Politeness(params).speeds(AHEAD, world_with((6.0, 1.0, 0.0, 0.0)))
    gaps = np.hypot(AHEAD[:, 0] - 6.0, 1.0) - 0.3 - 0.35
    reaches_s = gaps / params.walking_mps
    assert (np.diff(speeds) <= 0.0).all() and speeds[0] > 1.2 and speeds[-1] == 0.0
    moving = speeds > 0.25
    assert (speeds[moving] / 1.5 + params.people_reserve_s <= reaches_s[moving]).all()


def test_who_walks_may_stop_anywhere_on_the_way_straight_on() -> None:
    polite = Politeness(FollowerParams())
    across = polite.speeds(AHEAD, world_with((4.0, 3.0, 0.0, -1.0)))
    assert across[0] > 0.9 and across[8] == 0.0
    assert (polite.speeds(AHEAD, world_with((4.0, 3.0, 0.0, 1.0))) > 0.9).all()
    assert polite.speeds(AHEAD, world_with((1.5, 0.5, 0.0, 1.0)))[0] == 0.0
    assert polite.reason == "waiting for somebody who walks near the way"


def test_patience_with_who_stands_in_the_way_ends_bit_by_bit() -> None:
    polite, patience_s = Politeness(FollowerParams()), FollowerParams().people_patience_s
    standing, walking = (1.9, 0.5, 0.0, 0.0), (1.9, 0.5, 0.0, 0.9)
    allowed = [
        polite.speeds(AHEAD[:1], world_with(person, now_s=patience_s + over_s))[0]
        for over_s, person in ((-patience_s, standing), (0.0, standing), (0.5, walking),
                               (0.6, standing), (URGE_S / 2.0, standing), (30.0, standing))
    ]  # fmt: skip
    assert allowed[0] == allowed[1] == allowed[3] == 0.0
    assert 0.25 <= allowed[4] < allowed[5] < 1.0
    assert np.isinf(polite.speeds(AHEAD, world_with(now_s=34.0))).all()
    assert polite.speeds(AHEAD[:1], world_with(standing, now_s=35.0))[0] == 0.0


def test_to_who_paces_it_never_comes_as_close_as_to_who_stands() -> None:
    polite, near = Politeness(FollowerParams()), (1.3, 0.0)
    for second in range(40):
        speed = (-0.9, 0.0, 0.9, 0.0)[second % 4]
        world = world_with((*near, speed, 0.0), now_s=float(second))
        polite.discs(world)
        polite.paced(world)
        assert polite.speeds(AHEAD[:1], world)[0] == 0.0
    stays = [world_with((*near, 0.0, 0.0), now_s=now_s) for now_s in (43.0, 46.0)]
    assert [polite.speeds(AHEAD[:1], world)[0] for world in stays] == [0.0, 0.25]


def test_it_gives_way_where_both_have_waited_for_each_other() -> None:
    polite, ahead = Politeness(FollowerParams()), (1.0, 0.5, 0.0, 0.0)
    for now_s, person, gives_way in (
        (0.0, ahead, False), (12.0, ahead, False), (21.0, ahead, True),
        (22.0, (-1.0, 0.5, 0.0, 0.0), False), (23.0, (3.5, 0.0, 0.0, 0.0), False),
    ):  # fmt: skip
        world = world_with(person, now_s=now_s)
        polite.speeds(AHEAD[:1], world)
        assert polite.should_give_way(AHEAD, world, blocked=False) is gives_way


def test_to_go_away_from_somebody_it_need_not_wait() -> None:
    polite, world = Politeness(FollowerParams()), world_with((-1.8, 0.0, 0.0, 0.0))
    leaving = np.array([[x, 0.0, 0.0] for x in np.arange(0.0, 3.0, 0.1)])
    assert (polite.speeds(leaving, world) >= 0.5).all()
    assert polite.speeds(-leaving, world)[0] == 0.0


def test_from_somebody_close_by_who_cannot_get_away_it_goes_once_both_have_waited() -> None:
    polite, beside = Politeness(FollowerParams()), (-0.5, 0.6, 0.0, 0.0)
    leaving = np.array([[x, 0.0, 0.0] for x in np.arange(0.0, 3.0, 0.1)])
    assert (polite.speeds(leaving, world_with(beside))[:10] == 0.0).all()
    assert (polite.speeds(leaving, world_with(beside, now_s=2.0))[:5] == 0.0).all()
    assert (polite.speeds(leaving, world_with(beside, now_s=5.0)) >= 0.25).all()
    towards = leaving * (-1.0, 1.0, 1.0)
    assert polite.speeds(towards, world_with(beside, now_s=6.0))[0] == 0.0


def test_before_somebody_close_by_who_comes_nearer_it_stands_however_long_that_lasts() -> None:
    polite = Politeness(FollowerParams())
    leaving = np.array([[x, 0.0, 0.0] for x in np.arange(0.0, 3.0, 0.1)])
    for now_s, vy, allowed in ((0.0, -0.5, 0.0), (9.0, -0.5, 0.0), (9.5, 0.5, 0.25)):
        world = world_with((-0.5, 0.9, 0.0, vy), now_s=now_s)
        assert polite.speeds(leaving, world)[0] == allowed


def test_whoever_walks_behind_it_is_left_behind() -> None:
    leaving = np.array([[x, 0.0, 0.0] for x in np.arange(0.0, 3.0, 0.1)])
    for vx, vy in ((-0.9, 0.0), (0.0, 0.9), (-0.6, -0.6)):
        world = world_with((-1.8, 0.0, vx, vy))
        assert (Politeness(FollowerParams()).speeds(leaving, world) >= 0.5).all()
    after_it = world_with((-1.8, 0.0, 0.9, 0.0))
    assert Politeness(FollowerParams()).speeds(leaving, after_it)[0] == 0.0


def test_who_paces_across_the_way_is_gone_round_as_a_whole() -> None:
    polite = Politeness(FollowerParams())
    for tick in range(30):
        there = -2.0 + 0.4 * abs((tick + 10) % 20 - 10)
        world = world_with((3.0, there, 0.0, 0.8), now_s=0.5 * tick)
        polite.discs(world)
        paced = polite.paced(world)
        assert (len(paced) == 0) == (tick < 12)
    assert sorted(paced[:, 1]) == pytest.approx([-2.0, -1.2, -0.4, 0.4, 1.2, 2.0], abs=0.41)
    far = world_with((8.0, 0.0, 0.0, 0.8), now_s=16.0)
    polite.discs(far)
    assert not len(polite.paced(far))


def test_plans_keep_the_room_that_patience_allows() -> None:
    polite = Politeness(FollowerParams())
    near, far = (4.0, 0.0, 0.0, 0.0), (8.0, 0.0, 0.0, 0.0)
    rooms = [
        polite.discs(world_with(person, now_s=now_s))[0, 2]
        for now_s, person in ((0.0, near), (9.0, near), (40.0, near), (41.0, far))
    ]
    assert rooms[0] > 2.0 > rooms[1] > rooms[2] > 0.9
    assert rooms[3] == rooms[0]


def test_plans_do_not_lead_round_who_has_just_stopped_close_by() -> None:
    polite, close = Politeness(FollowerParams()), (3.0, 0.0, 0.0, 0.0)
    assert not len(polite.discs(world_with(close, now_s=0.0)))
    assert not len(polite.discs(world_with(close, now_s=2.0)))
    assert len(polite.discs(world_with(close, now_s=5.0)))


def backed_off(start: Pose2, *people: tuple[float, float, float, float]) -> tuple[float, float]:
    """How far straight back, and for how many seconds, when asked for 1 m."""
    backing, now_s, back_m = Backing(footprint_of(rover().body), WayCome(3.0)), 0.0, 0.0
    backing.begin(world_with(*people, pose=start), 1.0)
    while True:
        pose = start.compose(Pose2(-back_m, 0.0))
        output = backing.step(world_with(*people, now_s=now_s, pose=pose))
        if output is None:
            return back_m, now_s
        assert output.angular_radps == 0.0
        now_s, back_m = now_s + 0.1, back_m - 0.1 * output.linear_mps


def test_it_backs_off_as_far_as_asked_or_as_there_is_room_and_nobody_behind() -> None:
    assert backed_off(Pose2(4.0, 3.0))[0] == pytest.approx(1.0, abs=0.03)
    wall_behind = backed_off(Pose2(1.2, 3.0))[0]
    assert 0.1 < wall_behind < 0.9
    assert backed_off(Pose2(4.0, 3.0), (5.0, 3.0, 0.0, 0.0))[0] == pytest.approx(1.0, abs=0.03)
    assert backed_off(Pose2(4.0, 3.0), (2.5, 3.0, 0.0, 0.0))[0] == 0.0


def test_along_a_wall_that_is_too_near_it_backs_off_but_not_towards_it() -> None:
    assert FIELD.clearances(footprint_of(rover().body), np.array([[4.0, 0.38, 0.0]]))[0] < 0.1
    assert backed_off(Pose2(4.0, 0.38, 0.0))[0] == pytest.approx(1.0, abs=0.03)
    assert backed_off(Pose2(4.0, 0.5, 0.35))[0] < 0.2


def test_it_ends_to_back_off_when_it_gets_nowhere_and_then_rests() -> None:
    backing, here = Backing(footprint_of(rover().body), WayCome(3.0)), Pose2(4.0, 3.0)
    backing.begin(world_with(pose=here), 1.0)
    assert backing.step(world_with(pose=here, now_s=9.0)) is not None
    assert not backing.rested(9.0, 5.0)
    assert backing.step(world_with(pose=here, now_s=11.0)) is None
    assert backing.rested(11.0, 5.0) and not backing.rested(11.0, 12.0)


def test_plans_keep_out_of_discs_until_the_next_refresh() -> None:
    grid, robot = empty_costmap(), Pose2(8.0, 5.0)
    grid.keep_from(np.array([[10.0, 5.0, 1.5]]))
    assert grid.planning_field.at(11.4, 5.0) < 0.05
    assert grid.planning_field.at(12.0, 5.0) == pytest.approx(0.5, abs=0.1)
    grid.refresh_planning(robot)
    assert grid.planning_field.at(11.4, 5.0) > 1.0


def test_a_disc_to_keep_off_is_no_larger_than_who_stands_in_it_can_turn_beside() -> None:
    grid, footprint = empty_costmap(), footprint_of(rover().body)

    def room_m(seen_from: Pose2, *poses: tuple[float, float, float]) -> float:
        return float(grid.local_field(seen_from).clearances(footprint, np.array(poses)).min())

    inside, outside = Pose2(9.0, 5.0, math.pi / 2), Pose2(7.0, 5.0, 0.0)
    turned = [(9.0, 5.0, yaw) for yaw in np.linspace(0.0, math.tau, 24)]
    grid.keep_off((10.0, 5.0, 1.5))
    assert room_m(inside, *turned) > -0.01
    assert room_m(inside, (9.2, 5.0, 0.0)) < 0.0
    assert room_m(outside, (7.8, 5.0, 0.0)) > 0.0 > room_m(outside, (8.3, 5.0, 0.0))
    assert room_m(outside, *turned) < 0.0, "it has grown"
    grid.keep_off((10.0, 5.0, 1.5))
    assert room_m(outside, *turned) < 0.0, "the same disc again"
    grid.keep_off(None)
    assert room_m(outside, *turned) > 0.3
