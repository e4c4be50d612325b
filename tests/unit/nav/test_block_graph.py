"""The graph of blocks against plain searches over cells."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.kernels import BLOCK_CELLS
from patrol_nav.planning.block_graph import BlockGraph
from patrol_nav.planning.kernels import astar, cost_table
from patrol_nav.planning.line_kernels import line_cost

LETHAL_M, CELL_M = 0.3, 0.1
TABLE = cost_table(LETHAL_M, 3.0, 0.25, 2.0)


def field_of(rng: np.random.Generator, rows: int = 90, columns: int = 130) -> DistanceField:
    """Walls and posts at random."""
    image = np.full((rows, columns), 255, np.uint8)
    for _ in range(14):
        row, column = rng.integers(0, (rows, columns))
        height, width = (
            rng.integers(1, (40, 4)) if rng.random() < 0.5 else rng.integers(1, (4, 50))
        )
        image[row : row + height, column : column + width] = 0
    return DistanceField(CELL_M, 0.0, 0.0, distances_of(image), 1.2)


def distances_of(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    cells = cv2.distanceTransform(image, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.minimum(cells * CELL_M, 1.2), np.float32)


def free_cells(field: DistanceField, rng: np.random.Generator, count: int) -> list[int]:
    cells = np.flatnonzero(field.distances_m.ravel() >= LETHAL_M)
    return [int(cell) for cell in rng.choice(cells, count)]


def optimum(field: DistanceField, start: int, goal: int) -> float:
    """Least cost on the 8-connected grid in cells, infinite where there is no way."""
    rows, columns = field.distances_m.shape
    size = rows * columns
    cost_to = np.empty(size, np.float32)
    expanded = astar(
        field.distances_m, field.ground, LETHAL_M, TABLE, start, goal,
        np.array([0, rows, 0, columns]), cost_to,
        np.empty(size, np.int32), np.zeros(size, np.int32), 1,
    )  # fmt: skip
    return float(cost_to[goal]) if expanded >= 0 else np.inf


def cost_of(field: DistanceField, points: npt.NDArray[np.float64]) -> float:
    return sum(
        line_cost(field.distances_m, field.ground, LETHAL_M, TABLE, *points[i - 1], *points[i])
        for i in range(1, len(points))
    )


@pytest.mark.parametrize("seed", range(1000, 1012))
def test_there_is_a_way_over_blocks_where_there_is_one_over_cells(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    field = field_of(rng)
    graph = BlockGraph(LETHAL_M, TABLE)
    graph.update(field)
    columns = field.distances_m.shape[1]
    cells = free_cells(field, rng, 12)
    for start, goal in zip(cells[::2], cells[1::2], strict=True):
        best = optimum(field, start, goal)
        path, _ = graph.search(start, goal)
        assert (len(path) > 0) == (best < np.inf)
        if not len(path):
            continue
        assert (path[0], path[-1]) == (start, goal)
        points = np.empty((len(path), 2))
        points[:, 0], points[:, 1] = path % columns + 0.5, path // columns + 0.5
        assert cost_of(field, points) < np.inf


def test_a_changed_field_is_seen_again_where_it_was_said_to_have_changed() -> None:
    rng = np.random.default_rng(1000)
    before, after = field_of(rng), field_of(rng)
    graph, fresh = BlockGraph(LETHAL_M, TABLE), BlockGraph(LETHAL_M, TABLE)
    assert graph.update(before) == before.revisions.size
    assert graph.update(before) == 0
    window = np.s_[20:70, 33:101]
    before.distances_m[window] = after.distances_m[window]
    before.changed(20, 70, 33, 101)
    assert 0 < graph.update(before) <= (50 // BLOCK_CELLS + 2) * (68 // BLOCK_CELLS + 2)
    copy = DistanceField(CELL_M, 0.0, 0.0, before.distances_m.copy(), 1.2)
    fresh.update(copy)
    cells = free_cells(before, rng, 20)
    for start, goal in zip(cells[::2], cells[1::2], strict=True):
        np.testing.assert_array_equal(graph.search(start, goal)[0], fresh.search(start, goal)[0])


def test_pieces_of_a_block_that_do_not_touch_are_kept_apart() -> None:
    image = np.full((48, 48), 255, np.uint8)
    image[:, 22:24] = 0
    field = DistanceField(CELL_M, 0.0, 0.0, distances_of(image), 1.2)
    graph = BlockGraph(LETHAL_M, TABLE)
    graph.update(field)
    left, right = 24 * 48 + 17, 24 * 48 + 29
    assert graph.node_of(left) != graph.node_of(right)
    assert len(graph.search(left, right)[0]) == 0


def test_a_line_costs_as_much_as_its_parts() -> None:
    field = field_of(np.random.default_rng(1001))
    rng = np.random.default_rng(0)
    for _ in range(200):
        x0, y0, x1, y1 = rng.uniform(0.0, 1.0, 4) * (129.0, 89.0, 129.0, 89.0)
        share = rng.uniform(0.1, 0.9)
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        whole = line_cost(field.distances_m, field.ground, LETHAL_M, TABLE, x0, y0, x1, y1)
        parts = line_cost(
            field.distances_m, field.ground, LETHAL_M, TABLE, x0, y0, x, y
        ) + line_cost(field.distances_m, field.ground, LETHAL_M, TABLE, x, y, x1, y1)
        assert parts == pytest.approx(whole, rel=1e-6)
