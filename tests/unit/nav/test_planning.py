"""A* against an independent search, and what a plan promises."""

from __future__ import annotations

import heapq
import math

import numpy as np
import numpy.typing as npt
import pytest
from tests.nav_world import draw_box, empty_cells, rover

from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.types.maps import OccupancyGrid
from patrol_nav.costmap.costmap import Costmap
from patrol_nav.costmap.footprint import footprint_of
from patrol_nav.params import CostmapParams, PlannerParams
from patrol_nav.planning.kernels import astar, cost_table, walk_back
from patrol_nav.planning.line_kernels import line_cost
from patrol_nav.planning.path import arc_lengths_m
from patrol_nav.planning.planner import Corridor, GridPlanner, PlanningError

FOOTPRINT = footprint_of(rover().body)
LETHAL_M, WEIGHT, DECAY_M = 0.3, 3.0, 0.25


def dijkstra(distances: npt.NDArray[np.float32], start: int, goal: int) -> float:
    """Cheapest cost in plain Python, without heuristic."""
    rows, columns = distances.shape
    cost = 1.0 + WEIGHT * np.exp(-(distances.astype(float) - LETHAL_M) / DECAY_M)
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        so_far, cell = heapq.heappop(queue)
        if cell == goal:
            return so_far
        if so_far > best[cell]:
            continue
        r, c = divmod(cell, columns)
        for i, j in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
            nr, nc = r + i, c + j
            if not (0 <= nr < rows and 0 <= nc < columns) or distances[nr, nc] < LETHAL_M:
                continue
            step = math.hypot(i, j) * 0.1 * 0.5 * (cost[r, c] + cost[nr, nc])
            if so_far + step < best.get(nr * columns + nc, math.inf):
                best[nr * columns + nc] = so_far + step
                heapq.heappush(queue, (so_far + step, nr * columns + nc))
    return math.inf


def search(distances: npt.NDArray[np.float32], start: int, goal: int) -> tuple[int, float]:
    size = distances.size
    cost_to = np.empty(size, dtype=np.float32)
    parent = np.empty(size, dtype=np.int32)
    bounds = np.array([0, distances.shape[0], 0, distances.shape[1]], dtype=np.int64)
    visited = np.zeros(size, dtype=np.int32)
    expanded = astar(
        distances, np.zeros(distances.shape, np.uint8), LETHAL_M,
        cost_table(LETHAL_M, WEIGHT, DECAY_M, 2.0), start, goal, bounds,
        cost_to, parent, visited, 1,
    )  # fmt: skip
    if expanded >= 0:
        cells = walk_back(parent, goal)
        assert cells[0] == start and cells[-1] == goal
    return expanded, 0.1 * float(cost_to[goal]) if expanded >= 0 else math.inf


@pytest.mark.parametrize("seed", range(6))
def test_astar_is_optimal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    distances = rng.uniform(0.2, 1.5, (25, 40)).astype(np.float32)
    distances[rng.random((25, 40)) < 0.25] = 0.0
    distances[0, 0] = distances[24, 39] = 1.5
    _, cost = search(distances, 0, 999)
    assert cost == pytest.approx(dijkstra(distances, 0, 999), rel=2e-3)


def test_cost_grows_with_the_path_not_with_the_site() -> None:
    distances = np.full((800, 800), 1.5, dtype=np.float32)
    expanded, _ = search(distances, 400 * 800 + 400, 400 * 800 + 440)
    assert 0 < expanded < 2000


def planner() -> GridPlanner:
    return GridPlanner(FOOTPRINT, PlannerParams())


def costmap_of(cells: npt.NDArray[np.int8]) -> Costmap:
    grid = OccupancyGrid(0.0, 0.05, 0.0, 0.0, cells)
    height, width = cells.shape[0] * 0.05, cells.shape[1] * 0.05
    outline = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    return Costmap(grid, outline, FOOTPRINT, CostmapParams())


def walled(gap_m: float = 1.5) -> npt.NDArray[np.int8]:
    """A room of 20 x 10 m with a wall across and a gap at its north end."""
    cells = empty_cells(20.0, 10.0)
    draw_box(cells, 9.8, 0.0, 10.2, 10.0 - gap_m)
    return cells


def test_a_plan_goes_from_start_to_goal_and_fits_everywhere() -> None:
    field = costmap_of(walled()).planning_field
    start, goal = Pose2(2.0, 2.0, 1.0), Pose2(18.0, 2.0, -1.0)
    poses = planner().plan(field, start, goal).poses
    assert poses[0, :2] == pytest.approx((2.0, 2.0))
    assert poses[-1] == pytest.approx((18.0, 2.0, -1.0))
    assert np.diff(arc_lengths_m(poses)).max() < 0.15
    assert field.clearances(FOOTPRINT, poses[1:-1]).min() > 0.0
    assert poses[:, 1].max() > 8.4
    assert arc_lengths_m(poses)[-1] < 24.0


def test_an_open_plan_is_a_straight_line() -> None:
    field = costmap_of(empty_cells(20.0, 10.0)).planning_field
    poses = planner().plan(field, Pose2(3.0, 3.0), Pose2(17.0, 7.0)).poses
    assert arc_lengths_m(poses)[-1] == pytest.approx(math.hypot(14.0, 4.0), rel=0.005)


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_a_plan_among_posts_costs_hardly_more_than_the_optimum_on_the_grid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = empty_cells(24.0, 16.0)
    for x, y in rng.uniform((2.0, 2.0), (22.0, 14.0), (14, 2)):
        draw_box(cells, x, y, x + rng.uniform(0.1, 2.0), y + rng.uniform(0.1, 2.0))
    field = costmap_of(cells).planning_field
    params = PlannerParams()
    lethal_m = FOOTPRINT.radius_m + params.margin_m
    table = cost_table(lethal_m, params.obstacle_weight, params.obstacle_decay_m, 2.0)
    poses = planner().plan(field, Pose2(1.0, 1.0), Pose2(23.0, 15.0)).poses
    points = poses[:, :2] / field.resolution_m
    cost = sum(
        line_cost(field.distances_m, field.ground, lethal_m, table, *points[i - 1], *points[i])
        for i in range(1, len(points))
    )
    rows, columns = field.distances_m.shape
    cost_to = np.empty(rows * columns, np.float32)
    astar(
        field.distances_m, field.ground, lethal_m, table, 10 * columns + 10, 150 * columns + 230,
        np.array([0, rows, 0, columns]), cost_to, np.empty(rows * columns, np.int32),
        np.zeros(rows * columns, np.int32), 1,
    )  # fmt: skip
    assert cost <= 1.05 * cost_to[150 * columns + 230]


LANE = Zone("lane", ZoneKind.PREFERRED, ((1.0, 7.0), (19.0, 7.0), (19.0, 9.0), (1.0, 9.0)))


@pytest.mark.parametrize(("beside", "takes_it"), [(1.0, False), (1.2, False), (3.0, True)])
def test_a_preferred_lane_is_taken_where_that_is_worth_the_way(
    beside: float, takes_it: bool
) -> None:
    """18 m straight on, or 4 m there, 18 m along the lane, and 4 m back."""
    costmap = costmap_of(empty_cells(20.0, 10.0))
    costmap.set_zones((LANE,))
    lanes = GridPlanner(FOOTPRINT, PlannerParams(beside_lanes=beside))
    poses = lanes.plan(costmap.planning_field, Pose2(1.5, 4.0), Pose2(18.5, 4.0)).poses
    assert bool(poses[:, 1].max() > 7.0) is takes_it
    costmap.set_zones(())
    poses = lanes.plan(costmap.planning_field, Pose2(1.5, 4.0), Pose2(18.5, 4.0)).poses
    assert poses[:, 1].max() < 4.2, "no lanes, no detour"


def test_headings_follow_the_path() -> None:
    field = costmap_of(walled()).planning_field
    poses = planner().plan(field, Pose2(2.0, 2.0), Pose2(18.0, 2.0)).poses
    steps = np.diff(poses[:, :2], axis=0)
    np.testing.assert_allclose(np.arctan2(steps[:, 1], steps[:, 0]), poses[:-1, 2], atol=1e-9)


@pytest.mark.parametrize(
    ("start", "goal", "code"),
    [
        (Pose2(2.0, 2.0), Pose2(18.0, 2.0), ErrorCode.NO_PATH),
        (Pose2(2.0, 2.0), Pose2(10.0, 3.0), ErrorCode.GOAL_OCCUPIED),
        (Pose2(2.0, 2.0), Pose2(-3.0, 2.0), ErrorCode.GOAL_OUTSIDE),
        (Pose2(-9.0, 2.0), Pose2(3.0, 2.0), ErrorCode.START_OCCUPIED),
    ],
)
def test_failures_say_why(start: Pose2, goal: Pose2, code: ErrorCode) -> None:
    field = costmap_of(walled(gap_m=0.0)).planning_field
    with pytest.raises(PlanningError) as caught:
        planner().plan(field, start, goal)
    assert caught.value.code is code
    assert len(str(caught.value)) > 15


def test_a_start_close_to_a_wall_is_left() -> None:
    field = costmap_of(empty_cells(10.0, 10.0)).planning_field
    poses = planner().plan(field, Pose2(0.32, 5.0, 1.57), Pose2(5.0, 5.0)).poses
    assert poses[0, :2] == pytest.approx((0.32, 5.0))


def test_a_corridor_bounds_the_search() -> None:
    field = costmap_of(walled()).planning_field
    start, goal = Pose2(8.0, 2.0), Pose2(12.0, 2.0)
    with pytest.raises(PlanningError) as caught:
        planner().plan(field, start, goal, Corridor(5.0, 0.0, 15.0, 5.0))
    assert caught.value.code is ErrorCode.NO_PATH
    assert len(planner().plan(field, start, goal, Corridor(5.0, 0.0, 15.0, 10.0)).poses) > 100


def test_a_planner_can_be_used_again_and_again() -> None:
    field = costmap_of(walled()).planning_field
    shared = planner()
    first = shared.plan(field, Pose2(2.0, 2.0), Pose2(18.0, 2.0)).poses
    shared.plan(field, Pose2(18.0, 8.0), Pose2(2.0, 8.0))
    again = shared.plan(field, Pose2(2.0, 2.0), Pose2(18.0, 2.0)).poses
    np.testing.assert_array_equal(first, again)
