"""Lines of sight, against walking from cell to cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from patrol_core.types.maps import FREE, OCCUPIED, UNKNOWN, OccupancyGrid
from patrol_mission.report.coverage import Reach, coarse, seen_by

SIZE, CELL_M = 16, 0.5


def grid_of(walls: set[tuple[int, int]]) -> OccupancyGrid:
    cells = np.full((SIZE, SIZE), FREE, dtype=np.int8)
    for row, column in walls:
        cells[row, column] = OCCUPIED
    return OccupancyGrid(0.0, CELL_M, -4.0, -4.0, cells)


cell = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))


@given(st.sets(cell, max_size=40), st.integers(-3, 3), st.integers(-3, 3))
@settings(max_examples=12, deadline=None)
def test_in_view_is_what_nothing_hides(walls: set[tuple[int, int]], x: int, y: int) -> None:
    grid = grid_of(walls)
    row, column = grid.cells_of([[x, y]])[0].tolist()
    grid.cells[row - 1 : row + 2, column - 1 : column + 2] = FREE
    (seen,) = seen_by(grid, [np.array([[x, y]], dtype=float)], Reach(5.0))
    free = grid.cells == FREE
    labels, _ = ndimage.label(free, structure=np.ones((3, 3)))
    assert not seen[labels != labels[row, column]].any(), "cut off, or a wall"
    wide = ndimage.binary_erosion(free, structure=np.ones((3, 3)), border_value=1)
    for r, c in np.argwhere(free):
        away = math.hypot(r - row, c - column) * CELL_M
        assert away <= 5.0 + CELL_M or not seen[r, c], "out of reach"
        steps = np.linspace(0.0, 1.0, 60)[:, None]
        line = np.round(np.array([row, column]) + steps * (np.array([r, c]) - [row, column]))
        rows, columns = line.astype(int).T
        if away <= 4.0 and wide[rows, columns].all():
            assert seen[r, c], "nothing is near the line"


def test_a_wall_hides_what_is_behind_it() -> None:
    grid = grid_of({(r, 8) for r in range(SIZE)})
    (seen,) = seen_by(grid, [np.array([[-2.0, 0.0]])], Reach(30.0))
    assert seen[:, :8].all() and not seen[:, 8:].any()


def test_a_camera_sees_ahead_of_each_pose_only() -> None:
    grid = grid_of(set())
    east, north = np.array([[0.0, 0.0, 0.0]]), np.array([[0.0, 0.0, math.pi / 2]])
    reach = Reach(3.0, math.radians(60.0))
    one, other, both = seen_by(grid, [east, north, np.vstack((east, north))], reach)
    rows, columns = np.nonzero(one)
    assert columns.min() >= 8 and rows.min() < 8 < rows.max()
    assert np.array_equal(one | other, both) and not (one & other)[11:, 11:].any()


def test_outside_the_map_nothing_is_seen() -> None:
    assert not seen_by(grid_of(set()), [np.array([[500.0, 0.0]])], Reach(5.0)).any()
    assert seen_by(grid_of(set()), [], Reach(5.0)).shape == (0, SIZE, SIZE)
    assert not seen_by(grid_of(set()), [np.empty((0, 2))], Reach(5.0)).any()


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_a_coarse_map_keeps_every_wall(step: int) -> None:
    rng = np.random.default_rng(step)
    cells = rng.choice([FREE, OCCUPIED, UNKNOWN], (17, 23), p=[0.7, 0.1, 0.2]).astype(np.int8)
    fine = OccupancyGrid(0.0, 0.1, -1.0, 2.0, cells)
    made = coarse(fine, 0.1 * step)
    assert made.resolution_m == pytest.approx(0.1 * step)
    for row, column in np.ndindex(made.cells.shape):
        block = cells[row * step : (row + 1) * step, column * step : (column + 1) * step]
        if (block == OCCUPIED).any():
            assert made.cells[row, column] == OCCUPIED
        else:
            assert made.cells[row, column] == (FREE if (block == FREE).any() else UNKNOWN)
