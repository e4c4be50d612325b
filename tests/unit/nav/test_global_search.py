"""The search for a pose on the whole map, held against trying everything."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_nav.localization.global_search import Candidate, GlobalSearch, SearchTables
from patrol_nav.localization.likelihood_field import LikelihoodField
from patrol_nav.localization.params import BeamParams, SearchParams
from patrol_nav.maps.distance_field import distance_to_surface_m

CELL_M = 0.2
HEADINGS = 36
PARAMS = SearchParams(
    resolution_m=CELL_M, headings=HEADINGS, max_range_m=4.0, thin_m=0.01, least_score=0.1
)


def clutter(seed: int) -> OccupancyGrid:
    """A walled yard of 9 x 7 m with boxes at random."""
    cells = np.full((35, 45), FREE, np.int8)
    cells[[0, -1], :] = cells[:, [0, -1]] = OCCUPIED
    rng = np.random.default_rng(seed)
    for row, column in rng.integers((2, 2), (32, 42), (8, 2)).tolist():
        cells[row : row + 2, column : column + 3] = OCCUPIED
    return OccupancyGrid(0.0, CELL_M, -3.0, 1.0, cells)


def returns(grid: OccupancyGrid, pose: Pose2, seed: int) -> FloatArray:
    """Some occupied cells within reach, as seen from `pose`, not quite where they are."""
    centers = grid.centers_of(np.argwhere(grid.cells == OCCUPIED))
    near = centers[np.hypot(centers[:, 0] - pose.x_m, centers[:, 1] - pose.y_m) < 3.5]
    rng = np.random.default_rng(seed)
    seen = pose.inverse().transform_points(near[rng.permutation(len(near))[:40]])
    return np.ascontiguousarray(seen + rng.normal(0.0, 0.02, seen.shape))


def search(tables: SearchTables, points: FloatArray, budget: int) -> tuple[Candidate, ...]:
    begun = GlobalSearch(tables, points)
    while (found := begun.advance(budget)) is None:
        pass
    return found


def best_of_all(grid: OccupancyGrid, points: FloatArray) -> float:
    """The highest score of any free cell and heading."""
    distance = distance_to_surface_m(grid, 2.0)
    scores = np.round(255 * np.exp(-0.5 * np.square(distance / PARAMS.sigma_m)))
    padded = np.pad(scores, 30)
    free = np.argwhere(grid.cells == FREE) + 30
    best = 0.0
    for heading in range(HEADINGS):
        turned = Pose2(0.0, 0.0, heading * math.tau / HEADINGS).transform_points(points)
        shifts = np.round(turned / CELL_M).astype(int)
        rows = free[:, 0, None] + shifts[:, 1]
        columns = free[:, 1, None] + shifts[:, 0]
        best = max(best, float(padded[rows, columns].sum(axis=1).max()))
    return best / (255 * len(points))


@pytest.mark.parametrize("seed", range(4))
def test_the_first_candidate_is_the_best_of_all_poses(seed: int) -> None:
    grid = clutter(seed)
    tables = SearchTables(grid, distance_to_surface_m(grid, 2.0), PARAMS)
    points = returns(grid, Pose2(1.1, 3.9, 0.7), seed)
    found = search(tables, points, 100_000)
    assert found[0].score == pytest.approx(best_of_all(grid, points), abs=1e-9)
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


def test_the_place_is_found_and_a_small_budget_changes_nothing() -> None:
    grid, true = clutter(7), Pose2(2.3, 4.1, math.radians(50.0))
    tables = SearchTables(grid, distance_to_surface_m(grid, 2.0), PARAMS)
    points = returns(grid, true, 1)
    found = search(tables, points, 500)
    assert found[0].pose.distance_to(true) < 1.5 * CELL_M
    assert found[0].pose.yaw_rad == pytest.approx(true.yaw_rad, abs=math.tau / HEADINGS)
    assert found == search(tables, points, 10_000_000)


def test_a_scan_without_returns_fits_nowhere() -> None:
    grid = clutter(0)
    tables = SearchTables(grid, distance_to_surface_m(grid, 2.0), PARAMS)
    assert search(tables, np.empty((0, 2)), 100_000) == ()


def test_returns_behind_a_wall_came_through_it() -> None:
    cells = np.full((40, 100), FREE, np.int8)
    cells[:, 50:52] = OCCUPIED
    field = LikelihoodField(OccupancyGrid(0.0, 0.1, 0.0, 0.0, cells), BeamParams())
    here, lidar = Pose2(1.0, 2.0), Pose2(0.2, 0.0)
    ends = np.array([[2.0, 0.5], [4.05, 0.3], [4.3, 0.0], [7.0, -0.5], [8.0, 0.5], [-0.5, 0.0]])
    assert field.seen_through(here, lidar, ends, 0.2) == pytest.approx(2 / 6)
    assert field.explained(here, ends, 0.2) == pytest.approx(2 / 6)
