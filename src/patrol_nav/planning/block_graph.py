"""A costmap as a graph of blocks: how a plan costs what its path costs, not what the site does.

Free ground is cut into small square blocks, and each block into its connected pieces. These
are the nodes; they are linked where they touch, so that there is a way over nodes exactly where
there is one over cells. Only blocks whose distances have changed are looked at again. (After
Botea, Mueller and Schaeffer, "Near optimal hierarchical path-finding", 2004, with pieces in place
of entrances.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_nav.costmap.field import DistanceField
from patrol_nav.costmap.kernels import BLOCK_CELLS
from patrol_nav.planning.block_kernels import (
    PIECES,
    cells_of_nodes,
    label_blocks,
    link_blocks,
    search_nodes,
)
from patrol_nav.planning.kernels import walk_back

_SIDES = 9
_DIRECT = 1.15
"""What is ahead counts as ground of mean cost, and by this much more."""


class BlockGraph:
    """The graph of one field; `update` it before a search."""

    def __init__(self, lethal_m: float, table: FloatArray) -> None:
        """`lethal_m`: distance from obstacles below which nothing is free; `table`: see
        `cost_table`."""
        self._lethal_m = lethal_m
        self._table = table
        self._field: DistanceField | None = None
        self._ahead_cost = 0.0

    def update(self, field: DistanceField) -> int:
        """Look at what has changed since the last time; returns how many blocks that were."""
        if field is not self._field:
            self._begin(field)
        changed = np.flatnonzero(field.revisions.ravel() != self._seen)
        if not len(changed):
            return 0
        self._seen[changed] = field.revisions.ravel()[changed]
        label_blocks(
            field.distances_m, field.ground, self._lethal_m, self._table, changed,
            self._labels, self._centres, self._costs,
        )  # fmt: skip
        link_blocks(self._labels, self._with_neighbours(changed), self._links)
        if 2 * len(changed) > len(self._seen):
            self._ahead_cost = _DIRECT * self._mean_cost(field)
        return len(changed)

    def _mean_cost(self, field: DistanceField) -> float:
        """Of a metre, in preferred zones where there are any."""
        nodes = np.flatnonzero(self._centres >= 0)
        nodes = nodes[field.ground.ravel()[self._centres[nodes]] == 0]
        return float(self._costs[nodes].mean()) if len(nodes) else 1.0

    def _begin(self, field: DistanceField) -> None:
        self._field = field
        count = field.revisions.size
        self._seen = np.full(count, -1, np.int32)
        self._labels = np.zeros(field.distances_m.shape, np.int8)
        self._centres = np.full(count * PIECES, -1, np.int32)
        self._costs = np.zeros(count * PIECES, np.float32)
        self._links = np.zeros((count * PIECES, _SIDES), np.uint8)
        self._cost_to = np.zeros(count * PIECES, np.float32)
        self._parent = np.zeros(count * PIECES, np.int32)
        self._visited = np.zeros(count * PIECES, np.int32)
        self._generation = 0

    def _with_neighbours(self, blocks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        assert self._field is not None
        mask = np.zeros(self._field.revisions.shape, bool)
        rows, columns = np.divmod(blocks, mask.shape[1])
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                r = np.clip(rows + down, 0, mask.shape[0] - 1)
                mask[r, np.clip(columns + across, 0, mask.shape[1] - 1)] = True
        return np.flatnonzero(mask)

    def node_of(self, cell: int) -> int:
        """The node that a cell belongs to, -1 where it is not free."""
        assert self._field is not None
        row, column = divmod(cell, self._labels.shape[1])
        piece = int(self._labels[row, column])
        block = row // BLOCK_CELLS * self._field.revisions.shape[1] + column // BLOCK_CELLS
        return block * PIECES + piece - 1 if piece else -1

    def search(self, start: int, goal: int) -> tuple[npt.NDArray[np.int64], int]:
        """Cells of a good path from `start` to `goal` (cells), and how many nodes were expanded.

        Neighbours in the path are neighbours on the grid, or see each other. No cells: no way.
        """
        assert self._field is not None
        columns, block_columns = self._labels.shape[1], self._field.revisions.shape[1]
        first, last = self.node_of(start), self.node_of(goal)
        self._generation += 1
        expanded = search_nodes(
            self._centres, self._costs, self._links, columns, block_columns, self._ahead_cost,
            first, last,
            self._cost_to, self._parent, self._visited, self._generation,
        )  # fmt: skip
        if expanded < 0:
            return np.empty(0, np.int64), 0
        nodes = walk_back(self._parent, last)
        cells = cells_of_nodes(
            self._field.distances_m, self._field.ground, self._lethal_m, self._table,
            self._labels, nodes, self._centres, start, goal,
        )  # fmt: skip
        return cells, expanded
