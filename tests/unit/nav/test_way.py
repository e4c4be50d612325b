"""Ways round what stands in a path, and back to it."""

from __future__ import annotations

from typing import cast

import numpy as np
from tests.nav_world import draw_box, empty_cells, empty_costmap, rover

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.result import ErrorCode
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.sensors import LaserScan
from patrol_nav.control.controller import (
    Controller,
    ControlOutput,
    ControlRequest,
    body_of,
)
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.navigator.detour import length_m
from patrol_nav.navigator.follower import Follower
from patrol_nav.navigator.politeness import Politeness
from patrol_nav.navigator.tools import Tools
from patrol_nav.navigator.way import AFTER_STUCK_S, SHORTEN_PERIOD_S, Way
from patrol_nav.navigator.way_come import WayCome
from patrol_nav.navigator.world import World
from patrol_nav.params import CostmapParams, FollowerParams, MotionParams, PlannerParams
from patrol_nav.planning.planner import GridPlanner

PARAMS = FollowerParams()
ALONG: FloatArray = np.array([[x, 3.0, 0.0] for x in np.arange(2.0, 18.0, 0.1)])
OUTLINE = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0))


class Still:
    """A controller that does not drive."""

    def reset(self) -> None: ...

    def step(self, request: ControlRequest) -> ControlOutput:
        return ControlOutput(0.0, 0.0, np.empty((0, 3)))


def tools() -> Tools:
    body = body_of(rover(), MotionParams())
    planner = GridPlanner(body.footprint, PlannerParams())
    return Tools(body, PARAMS, planner, cast("Controller", Still()), WayCome(3.0))


def world_of(grid: Costmap, pose: Pose2, now_s: float, *people: tuple[float, float]) -> World:
    """People who stand."""
    rows = np.array([(x, y, 0.0, 0.0, 0.25) for x, y in people]).reshape(-1, 5)
    scan = LaserScan(0.0, "lidar_link", 0.0, 0.1, 0.0, 30.0, np.ones(1, dtype=np.float32))
    field = grid.local_field(pose)
    return World(now_s, 0.05, pose, 0.0, 0.0, grid, field, rows, None, None, scan, pose)


class Walk:
    """A way that is looked at from where the robot is, with people about."""

    def __init__(self, grid: Costmap) -> None:
        self.grid = grid
        self.way = Way(tools(), ALONG, Politeness(PARAMS), may_replace=False)

    def look(
        self,
        pose: Pose2,
        now_s: float,
        *people: tuple[float, float],
        waited_s: float = 0.0,
        stuck: bool = False,
    ) -> str:
        world, off_m = world_of(self.grid, pose, now_s, *people), self.way.reference.update(pose)
        return self.way.look(world, off_m, waited_s, approaching=False, stuck=stuck)


def test_it_leaves_the_path_round_who_stands_in_it_and_comes_back_once_they_have_gone() -> None:
    walk, start = Walk(empty_costmap()), Pose2(4.0, 3.0)
    walk.look(start, 0.0, (8.0, 3.0))
    assert walk.way.goes_round and walk.way.blocked is None
    assert length_m(walk.way.reference.poses) - 14.0 < 6.0
    beside = Pose2(7.0, 5.2)
    walk.look(beside, 10.0)
    assert walk.way.goes_round
    first_m = walk.way.reference.along_m
    back = walk.way.reference.poses[np.searchsorted(first_m, 3.5)]
    assert abs(back[1] - 3.0) < 0.3
    for step in range(8):
        walk.look(Pose2(7.0 + 0.5 * step, 3.3), 12.0 + step)
    assert not walk.way.goes_round


def test_where_it_got_stuck_it_does_not_go_back_for_a_while() -> None:
    start, beside = Pose2(4.0, 3.0), Pose2(7.0, 5.2)
    left_m = {}
    for stuck in (False, True):
        walk = Walk(empty_costmap())
        walk.look(start, 0.0, (8.0, 3.0))
        walk.look(start, 1.0, (8.0, 3.0), stuck=stuck)
        for now_s in (10.0, 1.0 + AFTER_STUCK_S + SHORTEN_PERIOD_S):
            walk.look(beside, now_s)
            left_m[stuck, now_s < AFTER_STUCK_S] = walk.way.reference.remaining_m
    assert left_m[True, True] > left_m[False, True] + 1.0
    assert left_m[True, False] < left_m[False, True] + 0.1


def wall() -> Costmap:
    """A wall along the path whose nearest end lies 5 m aside."""
    cells = empty_cells(20.0, 10.0)
    draw_box(cells, 8.0, 0.0, 8.3, 8.0)
    return Costmap(
        OccupancyGrid(0.0, 0.05, 0.0, 0.0, cells), OUTLINE, footprint_of(rover().body),
        CostmapParams(),
    )  # fmt: skip


def test_round_people_it_does_not_go_far_before_they_had_time_to_walk_on() -> None:
    start = Pose2(6.0, 3.0)
    told = Walk(wall()).look(start, 0.0, (4.0, 9.0))
    assert told == ""
    among = Walk(wall())
    told = among.look(Pose2(6.0, 3.0), 0.0, (3.0, 3.0))
    assert "the way round is" in told and not among.way.goes_round
    assert among.look(start, 11.0, (3.0, 3.0), waited_s=11.0) == "" and among.way.goes_round


def ends_s(pose: Pose2, until_s: float) -> float | None:
    """When a drive to (18, 3) that comes no farther than `pose`, among people who stand there and
    beside it, is given up because of those at its end."""
    grid, follower = empty_costmap(), Follower(tools(), ALONG, 1.0)
    beside = [(pose.x_m + 1.5, pose.y_m), (17.6, 3.0), (18.2, 3.6), (18.2, 2.4)]
    for now_s in np.arange(0.0, until_s, 0.5):
        # Half a metre to and fro is headway enough: it is not stuck.
        here = Pose2(pose.x_m - 0.6 * (now_s % 20.0 > 10.0), pose.y_m, pose.yaw_rad)
        result = follower.step(world_of(grid, here, float(now_s), *beside)).result
        if result is not None:
            assert (
                result.code is ErrorCode.GOAL_OCCUPIED and "people leave no room" in result.message
            )
            return float(now_s)
    return None


def test_who_stands_at_its_end_ends_a_drive_only_once_the_robot_is_near() -> None:
    assert ends_s(Pose2(11.5, 3.0), 90.0) is None
    near_s = ends_s(Pose2(14.5, 3.0), 90.0)
    assert near_s is not None and near_s >= PARAMS.crowded_goal_wait_s
