"""Distances, clearing by rays, zones and the planner's field."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage
from tests.nav_world import empty_cells, rover

from patrol_core.geometry import Pose2
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.sensors import LaserScan
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.costmap.kernels import distance_transform
from patrol_nav.params import CostmapParams, FootprintParams

NOBODY = np.empty((0, 3))


def costmap_of(zones: tuple[Zone, ...] = ()) -> Costmap:
    grid = OccupancyGrid(0.0, 0.05, 0.0, 0.0, empty_cells(12.0, 8.0))
    outline = ((0.0, 0.0), (12.0, 0.0), (12.0, 8.0), (0.0, 8.0))
    costmap = Costmap(grid, outline, footprint_of(rover().body), CostmapParams())
    costmap.set_zones(zones)
    return costmap


def scan_of(distance_m: float, towards_rad: float = 0.0, others_m: float = math.inf) -> LaserScan:
    """360 beams; 11 of them about `towards_rad` meet something, the others see `others_m`."""
    ranges = np.full(360, others_m, dtype=np.float32)
    first = round(math.degrees(towards_rad))
    ranges[np.arange(first - 5, first + 6) % 360] = distance_m
    return LaserScan(0.0, "lidar_link", 0.0, math.tau / 360, 0.05, 30.0, ranges)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_distance_transform_agrees_with_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    occupied = (rng.random((60, 90)) < 0.01).astype(np.uint8)
    out = np.empty(occupied.shape, dtype=np.float32)
    distance_transform(occupied, 0.1, 1.5, out)
    exact = ndimage.distance_transform_edt(occupied == 0) * 0.1
    expected = np.clip(exact - 0.05, 0.0, 1.5)
    expected[exact >= 1.55] = 1.5
    np.testing.assert_allclose(out, expected, atol=1e-5)


def test_distance_transform_of_nothing_is_far_everywhere() -> None:
    out = np.empty((20, 30), dtype=np.float32)
    distance_transform(np.zeros((20, 30), dtype=np.uint8), 0.1, 1.5, out)
    assert (out == np.float32(1.5)).all()


@pytest.mark.parametrize("params", [FootprintParams(), FootprintParams(4, 3)])
def test_footprint_covers_the_body(params: FootprintParams) -> None:
    body = rover().body
    footprint = footprint_of(body, params)
    x = body.center_x_m + body.length_m * np.linspace(-0.5, 0.5, 29)
    y = body.width_m * np.linspace(-0.5, 0.5, 21)
    inside = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 1, 2)
    gaps = np.linalg.norm(inside - footprint.offsets_m, axis=2).min(axis=1)
    assert gaps.max() <= footprint.radius_m + 1e-9


def test_more_discs_reach_less_far_beyond_the_body() -> None:
    rough, fine = footprint_of(rover().body), footprint_of(rover().body, FootprintParams(6, 3))
    ahead = [f.offsets_m[:, 0].max() + f.radius_m for f in (rough, fine)]
    assert ahead[0] > 0.5 and 0.45 < ahead[1] < 0.5
    assert fine.passing_m == pytest.approx(0.25)
    assert rough.passing_m > 0.25


def test_one_row_of_discs_is_little_wider_than_the_body() -> None:
    body = rover().body
    footprint = footprint_of(body)
    assert footprint.radius_m < body.width_m / 2.0 + 0.03
    assert footprint.inscribed_m == pytest.approx(0.25)
    assert footprint.circumscribed_m == pytest.approx(math.hypot(0.45, 0.25))


def test_a_thing_in_the_scan_is_an_obstacle_at_once() -> None:
    costmap, robot = costmap_of(), Pose2(4.0, 4.0)
    costmap.observe(scan_of(2.0), robot, robot, NOBODY)
    field = costmap.local_field(robot)
    assert field.at(6.01, 4.0) == 0.0
    assert field.at(5.0, 4.0) == pytest.approx(1.0, abs=0.1)


def test_somebody_who_walks_away_leaves_no_ghost() -> None:
    costmap, robot = costmap_of(), Pose2(4.0, 4.0)
    for step in range(30):
        costmap.observe(scan_of(2.0, step * 0.05), robot, robot, NOBODY)
    for _ in range(8):
        costmap.observe(scan_of(math.inf), robot, robot, NOBODY)
    field = costmap.local_field(robot)
    for angle in np.arange(0.0, 1.5, 0.05):
        x, y = 4.0 + 2.01 * math.cos(angle), 4.0 + 2.01 * math.sin(angle)
        assert field.at(x, y) > 0.3


def test_a_door_that_was_shut_for_long_is_a_way_soon_after_it_opens() -> None:
    costmap, robot = costmap_of(), Pose2(4.0, 4.0)
    for _ in range(200):
        costmap.observe(scan_of(2.0, others_m=2.0), robot, robot, NOBODY)
    costmap.refresh_planning(robot)
    assert costmap.planning_field.at(6.01, 4.0) == 0.0
    for _ in range(15):
        costmap.observe(scan_of(5.0, others_m=2.0), robot, robot, NOBODY)
    costmap.refresh_planning(robot)
    assert costmap.planning_field.at(6.01, 4.0) > 0.1
    assert costmap.planning_field.at(5.4, 5.4) == 0.0, "the wall beside it is still there"


def test_a_robot_that_turns_on_the_spot_keeps_the_world_sharp() -> None:
    costmap = costmap_of()
    for step in range(60):
        yaw = step * 0.1
        robot = Pose2(4.0, 4.0, yaw)
        costmap.observe(scan_of(2.0, -yaw), robot, robot, NOBODY)
    field = costmap.local_field(Pose2(4.0, 4.0))
    occupied = np.argwhere(field.distances_m == 0.0)
    x = field.origin_x_m + (occupied[:, 1] + 0.5) * 0.05
    y = field.origin_y_m + (occupied[:, 0] + 0.5) * 0.05
    inside = (x > 0.5) & (x < 11.5) & (y > 0.5) & (y < 7.5)
    assert inside.any()
    assert np.abs(np.hypot(x[inside] - 4.0, y[inside] - 4.0) - 2.0).max() < 0.12
    assert np.abs(y[inside] - 4.0).max() < 0.35


def test_what_moves_leaves_no_evidence() -> None:
    costmap, robot = costmap_of(), Pose2(4.0, 4.0)
    costmap.observe(scan_of(2.0), robot, robot, np.array([[6.0, 4.0, 0.5]]))
    assert costmap.local_field(robot).at(6.01, 4.0) > 0.3


def test_plans_heed_a_thing_only_once_it_stands() -> None:
    costmap, robot = costmap_of(), Pose2(4.0, 4.0)
    for scans, free in ((1, True), (5, False)):
        for _ in range(scans):
            costmap.observe(scan_of(2.0), robot, robot, NOBODY)
        costmap.refresh_planning(robot)
        assert (costmap.planning_field.at(6.01, 4.0) > 0.3) is free


def test_a_thing_out_of_sight_is_remembered_until_it_is_forgotten() -> None:
    costmap, robot = costmap_of(), Pose2(4.0, 4.0)
    for _ in range(5):
        costmap.observe(scan_of(2.0), robot, robot, NOBODY)
    for _ in range(20):
        costmap.observe(scan_of(1.0), robot, robot, NOBODY)
    costmap.refresh_planning(robot)
    assert costmap.planning_field.at(6.01, 4.0) == 0.0
    costmap.forget()
    assert costmap.planning_field.at(6.01, 4.0) > 0.3


def test_the_window_ends_at_the_map() -> None:
    field = costmap_of().local_field(Pose2(0.5, 0.5))
    assert field.at(-1.0, 0.5) == 0.0
    assert field.at(2.0, 2.0) > 1.0


def test_keep_out_is_an_obstacle_and_speed_zones_reach_as_far_as_the_footprint() -> None:
    square = ((4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0))
    costmap = costmap_of(
        (
            Zone("pond", ZoneKind.KEEP_OUT, square),
            Zone("gate", ZoneKind.SPEED, tuple((x + 4.0, y) for x, y in square), 0.4),
        )
    )
    assert costmap.planning_field.at(5.0, 5.0) == 0.0
    room_m = 1.0 - CostmapParams().zone_margin_m
    assert costmap.local_field(Pose2(5.0, 3.0)).at(5.0, 3.0) == pytest.approx(room_m, abs=0.1)
    points = np.array([[9.0, 5.0], [7.6, 5.0], [7.3, 5.0], [99.0, 5.0]])
    limits = costmap.speed_limit_mps(points)
    assert limits[:2] == pytest.approx(0.4) and np.isinf(limits[2:]).all()
    costmap.set_zones(())
    assert costmap.planning_field.at(5.0, 5.0) > 0.5
    assert np.isinf(costmap.speed_limit_mps(points)).all()


def test_what_the_lidar_passes_below_stays_until_it_is_said_to_be_gone() -> None:
    costmap, here = costmap_of(), Pose2(4.0, 4.0)
    seat_m = np.column_stack((np.full(41, 6.0), np.linspace(3.0, 5.0, 41)))
    costmap.observe_beside(seat_m, here)
    for _ in range(20):
        costmap.observe(scan_of(math.inf), here, here, NOBODY)
    costmap.refresh_planning(here)
    assert costmap.local_field(here).at(6.02, 4.02) < 0.05
    assert costmap.planning_field.at(6.02, 4.02) < 0.15
    costmap.observe_beside(np.zeros((0, 2)), Pose2(1.0, 4.0))
    assert costmap.local_field(here).at(6.02, 4.02) < 0.05, "out of perception's reach"
    costmap.observe_beside(np.zeros((0, 2)), here)
    costmap.refresh_planning(here)
    assert costmap.local_field(here).at(6.02, 4.02) > 1.0
    assert costmap.planning_field.at(6.02, 4.02) > 1.0
