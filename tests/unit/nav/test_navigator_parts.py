"""The navigator's helpers: pose between samples, people, speeds along a path, the dock's place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.nav_world import empty_cells, rover

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import Dock
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_core.types.sensors import LaserScan
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.navigator.backing import Backing
from patrol_nav.navigator.outline_match import dock_shift_m
from patrol_nav.navigator.people import moving_masks, people_near
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.pose_tracker import PoseTracker
from patrol_nav.navigator.reference import Reference
from patrol_nav.navigator.world import World
from patrol_nav.params import CostmapParams, FollowerParams, MotionParams
from patrol_nav.planning.path import with_headings

DOCK = Dock(
    "bay", Pose2(2.0, 3.0, math.pi / 2), ((1.65, 3.5), (2.35, 3.5), (2.35, 3.8), (1.65, 3.8)), 1.0
)


def track(kind: TrackKind, x: float, vx: float, last_seen_s: float = 10.0) -> Track:
    return Track("t", kind, x, 0.0, vx, 0.0, 0.5, 0.4, 1.0, 0.0, last_seen_s)


def test_the_pose_is_carried_on_from_the_estimates_own_stamp() -> None:
    tracker, estimate = PoseTracker(), PoseEstimate(0.1, Pose2(5.0, 5.0, math.pi / 2))
    for tick in range(10):
        now = tick * 0.05
        tracker.update(Odometry(now, Pose2(now, 0.0), 1.0, 0.0), estimate)
    pose = tracker.pose_at(0.4)
    assert pose is not None
    assert (pose.x_m, pose.y_m) == pytest.approx((5.0, 5.3))
    ahead = tracker.pose_at(0.5)
    assert ahead is not None and ahead.y_m == pytest.approx(5.4)
    assert tracker.pose_at(5.0) is None


def test_no_pose_before_an_estimate_meets_odometry() -> None:
    tracker = PoseTracker()
    tracker.update(Odometry(10.0, Pose2(0.0, 0.0), 0.0, 0.0), PoseEstimate(2.0, Pose2(1.0, 1.0)))
    assert tracker.pose_at(10.0) is None


def test_people_are_those_who_walk_or_could() -> None:
    tracks = Tracks(
        10.0,
        (
            track(TrackKind.PERSON, 3.0, -1.0, 9.5),
            track(TrackKind.STANDING, 2.0, 0.0),
            track(TrackKind.UNKNOWN, 2.5, 0.1),
            track(TrackKind.UNKNOWN, 4.0, 0.5),
            track(TrackKind.PERSON, 30.0, 0.0),
            track(TrackKind.PERSON, 1.0, 0.0, 2.0),
        ),
    )
    people = people_near(tracks, Pose2(0.0, 0.0), 10.0)
    assert people[:, 0] == pytest.approx([2.5, 4.0])
    assert people[0, 2] == pytest.approx(-1.0)
    assert len(moving_masks(people)) == 2
    assert people_near(None, Pose2(0.0, 0.0), 10.0).shape == (0, 5)


def costmap() -> Costmap:
    grid = OccupancyGrid(0.0, 0.05, 0.0, 0.0, empty_cells(20.0, 10.0))
    outline = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0))
    return Costmap(grid, outline, footprint_of(rover().body), CostmapParams())


GRID = costmap()
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
    polite = Politeness(FollowerParams())
    standing, walking = (2.2, 0.5, 0.0, 0.0), (2.2, 0.5, 0.0, 0.9)
    allowed = {
        now_s: polite.speeds(AHEAD[:1], world_with(person, now_s=now_s))[0]
        for now_s, person in ((0.0, standing), (4.0, standing), (6.0, walking), (8.0, standing),
                              (13.0, standing), (30.0, standing))
    }  # fmt: skip
    assert allowed[0.0] == allowed[4.0] == allowed[8.0] == 0.0
    assert 0.25 <= allowed[13.0] < allowed[30.0] < 1.0
    assert np.isinf(polite.speeds(AHEAD, world_with(now_s=31.0))).all()
    assert polite.speeds(AHEAD[:1], world_with(standing, now_s=32.0))[0] == 0.0


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


def test_who_paces_across_the_way_is_gone_round_as_a_whole() -> None:
    polite = Politeness(FollowerParams())
    for tick in range(30):
        there = -2.0 + 0.4 * abs((tick + 10) % 20 - 10)
        world = world_with((3.0, there, 0.0, 0.8), now_s=0.5 * tick)
        polite.discs(world)
        paced = polite.paced(world)
        assert (len(paced) == 0) == (tick < 24)
    assert sorted(paced[:, 1]) == pytest.approx([-2.0, -1.2, -0.4, 0.4, 1.2, 2.0], abs=0.41)
    far = world_with((8.0, 0.0, 0.0, 0.8), now_s=16.0)
    polite.discs(far)
    assert not len(polite.paced(far))


def test_plans_keep_the_room_that_patience_allows() -> None:
    polite = Politeness(FollowerParams())
    near, far = (4.0, 0.0, 0.0, 0.0), (8.0, 0.0, 0.0, 0.0)
    rooms = [
        polite.discs(world_with(person, now_s=now_s))[0, 2]
        for now_s, person in ((0.0, near), (15.0, near), (40.0, near), (41.0, far))
    ]
    assert rooms[0] > 2.0 > rooms[1] > rooms[2] > 0.9
    assert rooms[3] == rooms[0]


def test_plans_do_not_lead_round_who_has_just_stopped_close_by() -> None:
    polite, close = Politeness(FollowerParams()), (3.0, 0.0, 0.0, 0.0)
    assert not len(polite.discs(world_with(close, now_s=0.0)))
    assert not len(polite.discs(world_with(close, now_s=3.0)))
    assert len(polite.discs(world_with(close, now_s=5.0)))


def backed_off(start: Pose2, *people: tuple[float, float, float, float]) -> tuple[float, float]:
    """How far straight back, and for how many seconds, when asked for 1 m."""
    backing, now_s, back_m = Backing(footprint_of(rover().body)), 0.0, 0.0
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


def test_it_ends_to_back_off_when_it_gets_nowhere_and_then_rests() -> None:
    backing, here = Backing(footprint_of(rover().body)), Pose2(4.0, 3.0)
    backing.begin(world_with(pose=here), 1.0)
    assert backing.step(world_with(pose=here, now_s=9.0)) is not None
    assert not backing.rested(9.0, 5.0)
    assert backing.step(world_with(pose=here, now_s=11.0)) is None
    assert backing.rested(11.0, 5.0) and not backing.rested(11.0, 12.0)


def test_plans_keep_out_of_discs_until_the_next_refresh() -> None:
    grid, robot = costmap(), Pose2(8.0, 5.0)
    grid.keep_from(np.array([[10.0, 5.0, 1.5]]))
    assert grid.planning_field.at(11.4, 5.0) < 0.05
    assert grid.planning_field.at(12.0, 5.0) == pytest.approx(0.5, abs=0.1)
    grid.refresh_planning(robot)
    assert grid.planning_field.at(11.4, 5.0) > 1.0


def corner() -> FloatArray:
    east = np.column_stack((np.arange(2.0, 8.0, 0.1), np.full(60, 3.0)))
    north = np.column_stack((np.full(50, 8.0), np.arange(3.0, 8.0, 0.1)))
    return with_headings(np.vstack((east, north)), math.pi / 2)


def test_speed_falls_before_a_corner_and_to_a_creep_at_the_goal() -> None:
    reference, motion = Reference(corner()), MotionParams()
    reference.update(Pose2(4.0, 3.1))
    window = reference.window(1.2, math.inf, costmap(), motion)
    assert window[0, :2] == pytest.approx((4.0, 3.0)) and window[0, 3] == 0.0
    assert window[0, 4] == pytest.approx(1.2)
    assert window[:, 4].min() < 0.5
    drop = np.diff(window[:, 4] ** 2) / np.maximum(2.0 * np.diff(window[:, 3]), 1e-9)
    assert drop.min() > -motion.deceleration_mps2
    for _ in range(20):
        reference.update(Pose2(8.0, min(7.9, reference.poses[reference.index, 1] + 1.0)))
    assert 0.05 < reference.window(1.2, math.inf, costmap(), motion)[-1, 4] < 0.2


def test_speed_falls_to_nothing_before_a_stop() -> None:
    reference = Reference(corner())
    reference.update(Pose2(2.0, 3.0))
    window = reference.window(1.2, 3.0, costmap(), MotionParams())
    assert (window[window[:, 3] >= 3.0, 4] == 0.0).all()
    assert window[0, 4] == pytest.approx(1.2)


@pytest.mark.parametrize(("dx", "dy"), [(0.0, 0.0), (0.03, -0.06), (0.0, 0.08)])
def test_the_dock_is_found_where_the_scan_shows_it(dx: float, dy: float) -> None:
    """Front and one side are seen, with 5 mm of noise and a wall beside."""
    rng = np.random.default_rng(0)
    front = np.column_stack((np.linspace(1.66, 2.34, 60), np.full(60, 3.5)))
    side = np.column_stack((np.full(20, 1.65), np.linspace(3.52, 3.75, 20)))
    wall = np.column_stack((np.linspace(0.0, 1.6, 50), np.full(50, 3.8)))
    seen = np.vstack((front, side, wall)) + np.array([dx, dy]) + rng.normal(0.0, 0.005, (130, 2))
    sensor = Pose2(2.0, 2.4, math.pi / 2)
    shift = dock_shift_m(sensor.inverse().transform_points(seen), sensor, DOCK)
    assert shift is not None
    assert shift == pytest.approx((dx, dy), abs=0.025)


def test_a_dock_out_of_sight_is_not_guessed() -> None:
    sensor = Pose2(2.0, 2.4, math.pi / 2)
    assert dock_shift_m(np.array([[5.0, 0.0]] * 50), sensor, DOCK) is None
