"""What the gate takes from scans: rain, things that move, blindness."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from tests.gate_world import ROBOT, Walker, World

from patrol_core.geometry import Pose2
from patrol_core.types.sensors import LaserScan
from patrol_gate.manoeuvre import Velocity
from patrol_gate.surroundings import Lookout, Surroundings

HERE = Pose2(0.0, 0.0)
AHEAD = 360


def scan_of(ranges: npt.NDArray[np.float64], stamp_s: float = 0.0) -> LaserScan:
    return LaserScan(
        stamp_s, "lidar_link", -math.pi, math.tau / 720, 0.05, 30.0, ranges.astype(np.float32)
    )


def clear() -> npt.NDArray[np.float64]:
    return np.full(720, np.inf)


def look(*scans: npt.NDArray[np.float64]) -> Surroundings:
    lookout = Lookout(ROBOT)
    for count, ranges in enumerate(scans):
        seen = lookout.look(scan_of(ranges, 0.1 * count), HERE)
    return seen


def drop_at(beam: int, range_m: float) -> npt.NDArray[np.float64]:
    ranges = clear()
    ranges[beam] = range_m
    return ranges


def test_a_point_stands_where_the_beam_ended() -> None:
    ranges = clear()
    ranges[AHEAD : AHEAD + 2] = 2.0
    seen = look(ranges)
    assert np.allclose(seen.points_m[0], (ROBOT.lidar.xyz_m[0] + 2.0, 0.0), atol=1e-6)


def test_a_single_return_is_rain() -> None:
    assert len(look(drop_at(AHEAD, 1.0)).points_m) == 0
    assert len(look(drop_at(AHEAD, 1.0), drop_at(200, 1.0), drop_at(90, 0.7)).points_m) == 0


def test_two_beams_or_two_scans_are_something() -> None:
    ranges = drop_at(AHEAD, 1.0)
    ranges[AHEAD + 2] = 1.05
    assert len(look(ranges).points_m) == 1
    assert len(look(drop_at(AHEAD, 1.0), drop_at(AHEAD, 1.02)).points_m) == 1
    assert len(look(drop_at(AHEAD, 1.0), clear(), drop_at(AHEAD + 3, 1.0)).points_m) == 1


def test_two_beams_at_different_depths_are_two_drops() -> None:
    ranges = drop_at(AHEAD, 1.0)
    ranges[AHEAD + 1] = 2.0
    assert len(look(ranges).points_m) == 0


def test_heavy_rain_leaves_next_to_nothing() -> None:
    rng = np.random.default_rng(1)
    lookout = Lookout(ROBOT)
    left = []
    for count in range(50):
        ranges = np.full(720, 6.0)
        drops = rng.random(720) < 0.01
        ranges[drops] = rng.uniform(0.6, 4.0, int(drops.sum()))
        seen = lookout.look(scan_of(ranges, 0.1 * count), HERE)
        left.append(int(np.sum(np.hypot(*seen.points_m.T) < 4.0)))
    assert np.mean(left) < 0.7


def test_the_robots_own_mast_is_no_obstacle_but_blinds() -> None:
    ranges = clear()
    ranges[AHEAD - 40 : AHEAD + 40] = 0.1
    seen = look(ranges)
    assert len(seen.points_m) == 0
    assert seen.unseen_ahead is not None
    assert seen.unseen_behind is None


def test_lost_beams_blind_where_they_are() -> None:
    ranges = clear()
    ranges[np.arange(720) % 50 == 0] = np.nan
    seen = look(ranges)
    assert seen.unseen_ahead is None
    assert seen.unseen_around is None
    ranges[:20] = ranges[-20:] = np.nan
    seen = look(ranges)
    assert seen.unseen_ahead is None
    assert seen.unseen_behind is not None
    seen = look(np.where(np.arange(720) % 3 > 0, np.nan, np.inf))
    assert seen.unseen_around is not None


def test_a_tight_turn_must_be_seen_all_round() -> None:
    """Blind on the right from 60 degrees to behind: that is where the rear swings to."""
    ranges = clear()
    ranges[:240] = np.nan
    seen = look(ranges)
    radius_m = 0.5
    assert seen.unseen(Velocity(0.51, 1.0), radius_m) is None
    assert seen.unseen(Velocity(0.49, 1.0), radius_m) is seen.unseen_around is not None
    assert seen.unseen(Velocity(0.0, -0.1), radius_m) is seen.unseen_around
    assert seen.unseen(Velocity(-0.3, 0.0), radius_m) is seen.unseen_behind is not None
    assert look(clear()).unseen(Velocity(0.0, 1.0), radius_m) is None


def test_a_lidar_of_270_degrees_does_not_see_behind() -> None:
    scan = replace(scan_of(np.full(541, np.inf)), angle_min_rad=-0.75 * math.pi)
    seen = Lookout(ROBOT).look(scan, HERE)
    assert seen.unseen_ahead is None
    assert seen.unseen_behind is not None


def test_thinning_keeps_the_nearest() -> None:
    ranges = clear()
    ranges[AHEAD - 40 : AHEAD + 40] = 0.55
    ranges[AHEAD + 5] = 0.5
    seen = look(ranges)
    assert len(seen.points_m) < 30
    assert np.isclose(np.min(np.hypot(seen.points_m[:, 0] - 0.1, seen.points_m[:, 1])), 0.5)


def watch(world: World, base_moves: bool) -> Surroundings:
    """What is seen after a second of watching; the base drives or stands."""
    lookout = Lookout(ROBOT)
    for _ in range(10):
        seen = lookout.look(world.scan(), world.pose)
        world.now_s += 0.1
        for walker in world.walkers:
            walker.x_m += walker.vx_mps * 0.1
            walker.y_m += walker.vy_mps * 0.1
        if base_moves:
            world.pose = world.pose.compose(Pose2(0.1, 0.0, 0.1))
    return seen


WALLS = [
    (-5.0, 2.0, 9.0, 2.0),
    (-5.0, -1.5, 2.0, -1.5),
    (2.0, -1.5, 2.0, -3.0),
    (6.0, -1.0, 6.5, 1.0),
]


def test_standing_things_do_not_move_even_if_the_robot_does() -> None:
    seen = watch(World(walls=WALLS, walkers=[Walker(1.5, 1.0, 0.0, 0.0)]), True)
    assert len(seen.movers.points_m) == 0
    assert len(seen.points_m) > 50


@pytest.mark.parametrize("base_moves", [False, True])
def test_walkers_who_come_or_cross_move_and_their_way_is_known(base_moves: bool) -> None:
    coming = watch(World(walls=WALLS, walkers=[Walker(4.5, 0.0, -1.2, 0.0)]), base_moves).movers
    assert len(coming.points_m) >= 3
    assert coming.known.all()
    assert np.allclose(coming.velocities_mps, (-1.2, 0.0), atol=0.2)
    crossing = watch(World(walls=WALLS, walkers=[Walker(3.0, 0.8, 0.0, -1.0)]), base_moves).movers
    assert crossing.known.all()
    assert np.allclose(crossing.velocities_mps, (0.0, -1.0), atol=0.25)


def test_who_walks_away_is_no_concern() -> None:
    assert len(watch(World(walkers=[Walker(2.0, 0.0, 1.2, 0.0)]), False).movers.points_m) == 0


def test_who_has_just_appeared_has_no_known_way() -> None:
    world = World()
    lookout = Lookout(ROBOT)
    for count in range(7):
        if count == 6:
            world.walkers.append(Walker(2.0, 0.0, -1.0, 0.0))
        seen = lookout.look(world.scan(), world.pose)
        world.now_s += 0.1
    assert len(seen.movers.points_m) >= 3
    assert not seen.movers.known.any()
