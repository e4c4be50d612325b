"""When a new plan to the goal takes the place of the old one."""

from __future__ import annotations

import numpy as np
import pytest
from tests.nav_world import empty_costmap, rover

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import LaserScan
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.navigator.fresh_plan import fresh_plan
from patrol_nav.navigator.reference import Reference
from patrol_nav.navigator.world import World
from patrol_nav.params import FollowerParams, PlannerParams
from patrol_nav.planning.path import with_headings
from patrol_nav.planning.planner import GridPlanner

HERE, END = Pose2(3.0, 5.0), (15.0, 5.0)
PARAMS = FollowerParams(better_by=0.1)


def planner() -> GridPlanner:
    return GridPlanner(footprint_of(rover().body), PlannerParams())


def world(pose: Pose2 = HERE) -> World:
    costmap = empty_costmap()
    scan = LaserScan(0.0, "lidar_link", 0.0, 0.1, 0.05, 30.0, np.zeros(0, np.float32))
    nobody, field = np.empty((0, 5)), costmap.local_field(pose)
    return World(0.0, 0.05, pose, 0.0, 0.0, costmap, field, nobody, None, None, scan, pose)


def bowed(aside_m: float) -> Reference:
    """A path from `HERE` to `END` that leaves the straight line by so much."""
    x = np.linspace(HERE.x_m, END[0], 121)
    y = HERE.y_m + aside_m * np.sin(np.linspace(0.0, np.pi, 121))
    return Reference(with_headings(np.column_stack((x, y)), 0.0))


def offered(
    reference: Reference, *, needed: bool = False, pose: Pose2 = HERE
) -> FloatArray | None:
    return fresh_plan(world(pose), reference, planner(), PARAMS, needed=needed)


def test_a_much_shorter_way_is_taken() -> None:
    poses = offered(bowed(3.5))
    assert poses is not None
    assert poses[0, :2] == pytest.approx((3.0, 5.0)) and poses[-1, :2] == pytest.approx(END)
    assert np.abs(poses[:, 1] - 5.0).max() < 0.2


@pytest.mark.parametrize("aside_m", [0.0, 0.8])
def test_one_that_is_hardly_shorter_is_not(aside_m: float) -> None:
    assert offered(bowed(aside_m)) is None


def test_any_is_taken_where_the_old_one_leads_nowhere() -> None:
    assert offered(bowed(0.0), needed=True) is not None


def test_to_turn_round_for_it_must_be_worth_it() -> None:
    backwards = Pose2(HERE.x_m, HERE.y_m, np.pi)
    round_about = bowed(3.0)
    assert offered(round_about) is not None
    leaving = Reference(np.vstack(([3.0, 5.0, np.pi], round_about.poses)))
    leaving.index = 0
    assert fresh_plan(world(backwards), leaving, planner(), PARAMS, needed=False) is None


def test_no_way_at_all_changes_nothing() -> None:
    beyond = Reference(np.array([[3.0, 5.0, 0.0], [30.0, 5.0, 0.0]]))
    assert offered(beyond, needed=True) is None


def test_metres_near_a_wall_count_more() -> None:
    field = empty_costmap().planning_field
    x = np.linspace(3.0, 8.0, 51)
    middle, beside, along_wall = (
        np.column_stack((x, np.full(51, y), np.zeros(51))) for y in (5.0, 0.6, 0.2)
    )
    efforts = [planner().effort_m(field, way) for way in (middle, beside, along_wall)]
    assert efforts[0] == pytest.approx(5.0, rel=0.15)
    assert efforts[0] < efforts[1] < efforts[2]
