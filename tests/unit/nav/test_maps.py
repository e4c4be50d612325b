from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from patrol_core import topics
from patrol_core.component import Inputs
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid
from patrol_nav.maps.blank_map import blank_map
from patrol_nav.maps.distance_field import distance_to_surface_m, surface_cells
from patrol_nav.maps.map_server import MapServer


def grid_of(cells: npt.NDArray[np.int8]) -> OccupancyGrid:
    return OccupancyGrid(0.0, 0.05, -1.0, 2.0, cells)


@pytest.mark.parametrize("seed", range(5))
def test_distances_agree_with_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = np.where(rng.random((30, 40)) < 0.03, OCCUPIED, FREE).astype(np.int8)
    grid = grid_of(cells)
    surface = np.argwhere(surface_cells(grid))
    everywhere = np.argwhere(np.ones_like(cells, dtype=bool))
    offsets = everywhere[:, None, :] - surface[None, :, :]
    expected = np.minimum(0.05 * np.linalg.norm(offsets, axis=2).min(axis=1), 0.4)
    got = distance_to_surface_m(grid, 0.4)
    np.testing.assert_allclose(got.ravel(), expected, atol=1e-6)


def test_the_inside_of_a_solid_is_not_a_surface() -> None:
    cells = np.full((20, 20), FREE, dtype=np.int8)
    cells[5:15, 5:15] = OCCUPIED
    surface = surface_cells(grid_of(cells))
    assert surface.sum() == 4 * 9
    assert not surface[6:14, 6:14].any()
    assert distance_to_surface_m(grid_of(cells), 2.0)[10, 10] == pytest.approx(0.2)


def test_an_empty_map_is_far_from_everything() -> None:
    distances = distance_to_surface_m(grid_of(np.zeros((4, 6), dtype=np.int8)), 1.5)
    assert distances.shape == (4, 6)
    assert (distances == 1.5).all()


def test_the_map_is_published_once() -> None:
    server = MapServer(grid_of(np.zeros((4, 6), dtype=np.int8)))
    first = server.step(Inputs({}, {}), 12.5).of(topics.MAP)
    assert [grid.stamp_s for grid in first] == [12.5]
    assert first[0].cells.shape == (4, 6)
    assert server.step(Inputs({}, {}), 12.55).of(topics.MAP) == []


def test_a_blank_map_is_free_ground_over_the_box_round_the_outline() -> None:
    grid = blank_map(((-2.0, 1.0), (3.0, -1.0), (2.0, 2.0)), 0.05)
    assert grid.cells.shape == (60, 100)
    assert (grid.origin_x_m, grid.origin_y_m, grid.resolution_m) == (-2.0, -1.0, 0.05)
    assert (grid.cells == FREE).all()
