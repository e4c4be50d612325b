"""Hot loops of the block graph. Cells and blocks are numbered row * columns + column.

A node is one connected piece of free ground within a block: block * PIECES + piece. `links` holds,
for each of the 8 neighbouring blocks, one bit for each piece there that touches the node.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_nav.costmap.kernels import BLOCK_CELLS
from patrol_nav.heap_kernels import doubled, empty_heap, push, sift
from patrol_nav.planning.kernels import TABLE_PER_M
from patrol_nav.planning.line_kernels import line_cost

PIECES = 8
"""Most pieces of a block; what is cut off more often is left out."""

_CENTRE_WEIGHT = 0.1
_COST_WEIGHT = 20.0

_Float = npt.NDArray[np.float64]
_Field = npt.NDArray[np.float32]
_Ints = npt.NDArray[np.int32]
_Longs = npt.NDArray[np.int64]
_Labels = npt.NDArray[np.int8]
_Bits = npt.NDArray[np.uint8]


@njit("UniTuple(int64, 4)(int64, int64, int64)", cache=True)
def _cells_of_block(block: int, rows: int, columns: int) -> tuple[int, int, int, int]:
    """First row, row behind the last, first column, column behind the last."""
    block_columns = (columns + BLOCK_CELLS - 1) // BLOCK_CELLS
    r0 = block // block_columns * BLOCK_CELLS
    c0 = block % block_columns * BLOCK_CELLS
    return r0, min(r0 + BLOCK_CELLS, rows), c0, min(c0 + BLOCK_CELLS, columns)


@njit(
    "void(float32[:, ::1], uint8[:, ::1], float64, float64[:, ::1], int64[::1], int8[:, ::1], "
    "int32[::1], float32[::1])",
    cache=True,
)
def label_blocks(
    distances: _Field, ground: _Bits, lethal_m: float, table: _Float, blocks: _Longs,
    labels: _Labels, centres: _Ints, costs: _Field,
) -> None:  # fmt: skip
    """Find the pieces of free ground of `blocks`.

    `labels`: 1 and up for the cells of a piece, 0 for what is not free. `centres`: a cell of each
    node near its middle, in the open; -1 where a block has no such piece. `costs`: mean cost of a
    metre in it.
    """
    rows, columns = distances.shape
    top = table.shape[1] - 1
    queue = np.empty(BLOCK_CELLS * BLOCK_CELLS, np.int64)
    for block in blocks:
        r0, r1, c0, c1 = _cells_of_block(block, rows, columns)
        labels[r0:r1, c0:c1] = 0
        centres[block * PIECES : (block + 1) * PIECES] = -1
        piece = 0
        for r in range(r0, r1):
            for c in range(c0, c1):
                if labels[r, c] != 0 or distances[r, c] < lethal_m or piece == PIECES:
                    continue
                piece += 1
                queue[0], size, head = r * columns + c, 1, 0
                labels[r, c] = piece
                sum_r, sum_c, cost = 0.0, 0.0, 0.0
                while head < size:
                    a, b = queue[head] // columns, queue[head] % columns
                    head += 1
                    sum_r += a
                    sum_c += b
                    cost += table[ground[a, b], min(int(distances[a, b] * TABLE_PER_M), top)]
                    for nr in range(max(a - 1, r0), min(a + 2, r1)):
                        for nc in range(max(b - 1, c0), min(b + 2, c1)):
                            if labels[nr, nc] == 0 and distances[nr, nc] >= lethal_m:
                                labels[nr, nc] = piece
                                queue[size] = nr * columns + nc
                                size += 1
                best, centre = np.inf, 0
                for i in range(size):
                    a, b = queue[i] // columns, queue[i] % columns
                    off = (a - sum_r / size) ** 2 + (b - sum_c / size) ** 2
                    here = table[ground[a, b], min(int(distances[a, b] * TABLE_PER_M), top)]
                    score = _CENTRE_WEIGHT * off + _COST_WEIGHT * here
                    if score < best:
                        best, centre = score, queue[i]
                node = block * PIECES + piece - 1
                centres[node] = centre
                costs[node] = cost / size


@njit("void(int8[:, ::1], int64[::1], uint8[:, ::1])", cache=True)
def link_blocks(labels: _Labels, blocks: _Longs, links: _Bits) -> None:
    """Find what the pieces of `blocks` touch in the blocks around."""
    rows, columns = labels.shape
    for block in blocks:
        links[block * PIECES : (block + 1) * PIECES] = 0
        r0, r1, c0, c1 = _cells_of_block(block, rows, columns)
        for r in range(r0, r1):
            inner_row = r0 < r < r1 - 1
            for c in range(c0, c1, max(c1 - c0 - 1, 1) if inner_row else 1):
                if labels[r, c] == 0:
                    continue
                node = block * PIECES + labels[r, c] - 1
                for nr in range(max(r - 1, 0), min(r + 2, rows)):
                    for nc in range(max(c - 1, 0), min(c + 2, columns)):
                        down = -1 if nr < r0 else (1 if nr >= r1 else 0)
                        across = -1 if nc < c0 else (1 if nc >= c1 else 0)
                        other = labels[nr, nc]
                        if other > 0 and (down != 0 or across != 0):
                            side = (down + 1) * 3 + across + 1
                            links[node, side] |= np.uint8(1 << (other - 1))


@njit(
    "int64(int32[::1], float32[::1], uint8[:, ::1], int64, int64, float64, int64, int64, "
    "float32[::1], int32[::1], int32[::1], int32)",
    cache=True,
)
def search_nodes(
    centres: _Ints, costs: _Field, links: _Bits, columns: int, block_columns: int,
    ahead_cost: float, start: int, goal: int, cost_to: _Field, parent: _Ints, visited: _Ints,
    generation: int,
) -> int:  # fmt: skip
    """A* over nodes: nodes expanded, or -1 where no way is. Scratch as for `astar`.

    What is still ahead counts by its length times `ahead_cost`: above the least cost, 1, it makes
    the search direct, and the path up to so many times dearer than the best one over nodes.
    """
    goal_r, goal_c = centres[goal] // columns, centres[goal] % columns
    keys, nodes = empty_heap()
    keys[0], nodes[0], size = 0.0, start, 1
    visited[start] = generation
    cost_to[start] = 0.0
    parent[start] = -1
    expanded = 0
    while size > 0:
        key, node = keys[0], nodes[0]
        size -= 1
        if size > 0:
            sift(keys, nodes, size, keys[size], nodes[size])
        if node == goal:
            return expanded
        r, c = centres[node] // columns, centres[node] % columns
        base = float(cost_to[node])
        if key > base + ahead_cost * math.hypot(r - goal_r, c - goal_c) + 1e-4 * (1.0 + base):
            continue
        expanded += 1
        block = node // PIECES
        for side in range(9):
            bits = links[node, side]
            if bits == 0:
                continue
            first = (block + (side // 3 - 1) * block_columns + side % 3 - 1) * PIECES
            for piece in range(PIECES):
                if not bits & (1 << piece):
                    continue
                other = first + piece
                nr, nc = centres[other] // columns, centres[other] % columns
                mean = 0.5 * (costs[node] + costs[other])
                cost = np.float32(base + math.hypot(nr - r, nc - c) * mean)
                if visited[other] == generation and cost >= cost_to[other]:
                    continue
                visited[other] = generation
                cost_to[other] = cost
                parent[other] = node
                if size == keys.shape[0]:
                    keys, nodes = doubled(keys, nodes)
                ahead = ahead_cost * math.hypot(nr - goal_r, nc - goal_c)
                push(keys, nodes, size, float(cost) + ahead, other)
                size += 1
    return -1


@njit(
    "int64(float32[:, ::1], uint8[:, ::1], float64[:, ::1], int8[:, ::1], int64, int64, int64, "
    "int64, int64[::1])",
    cache=True,
)
def join_cells(  # noqa: PLR0915 - one search, in one loop
    distances: _Field, ground: _Bits, table: _Float, labels: _Labels, node: int, other: int,
    start: int, goal: int, out: _Longs,
) -> int:  # fmt: skip
    """The cheapest cells from `start` to `goal` within two nodes that touch: how many, without
    `start`, written to `out`."""
    rows, columns = distances.shape
    block_columns = (columns + BLOCK_CELLS - 1) // BLOCK_CELLS
    block, next_block = node // PIECES, other // PIECES
    low_br = min(block // block_columns, next_block // block_columns)
    low_bc = min(block % block_columns, next_block % block_columns)
    high_br = max(block // block_columns, next_block // block_columns) + 1
    high_bc = max(block % block_columns, next_block % block_columns) + 1
    r0, c0 = low_br * BLOCK_CELLS, low_bc * BLOCK_CELLS
    height = min(high_br * BLOCK_CELLS, rows) - r0
    width = min(high_bc * BLOCK_CELLS, columns) - c0
    top = table.shape[1] - 1
    cost_to = np.full(height * width, np.inf)
    parent = np.full(height * width, -1, np.int64)
    keys = np.empty(8 * height * width, np.float64)
    cells = np.empty(8 * height * width, np.int64)
    first = (start // columns - r0) * width + start % columns - c0
    last = (goal // columns - r0) * width + goal % columns - c0
    keys[0], cells[0], size = 0.0, first, 1
    cost_to[first] = 0.0
    while size > 0:
        key, cell = keys[0], cells[0]
        size -= 1
        if size > 0:
            sift(keys, cells, size, keys[size], cells[size])
        if cell == last:
            break
        if key > cost_to[cell]:
            continue
        r, c = cell // width, cell % width
        here = table[
            ground[r + r0, c + c0], min(int(distances[r + r0, c + c0] * TABLE_PER_M), top)
        ]
        for nr in range(max(r - 1, 0), min(r + 2, height)):
            for nc in range(max(c - 1, 0), min(c + 2, width)):
                label = labels[nr + r0, nc + c0]
                if label == 0:
                    continue
                inside = (nr + r0) // BLOCK_CELLS * block_columns + (nc + c0) // BLOCK_CELLS
                piece = inside * PIECES + label - 1
                if piece not in (node, other):
                    continue
                there = table[
                    ground[nr + r0, nc + c0],
                    min(int(distances[nr + r0, nc + c0] * TABLE_PER_M), top),
                ]
                cost = cost_to[cell] + 0.5 * math.hypot(nr - r, nc - c) * (here + there)
                neighbour = nr * width + nc
                if cost < cost_to[neighbour]:
                    cost_to[neighbour] = cost
                    parent[neighbour] = cell
                    push(keys, cells, size, cost, neighbour)
                    size += 1
    count, cell = 0, last
    while cell != first and cell >= 0:
        count += 1
        cell = parent[cell]
    cell = last
    for i in range(count - 1, -1, -1):
        out[i] = (cell // width + r0) * columns + cell % width + c0
        cell = parent[cell]
    return count


@njit(
    "int64[::1](float32[:, ::1], uint8[:, ::1], float64, float64[:, ::1], int8[:, ::1], "
    "int64[::1], int32[::1], int64, int64)",
    cache=True,
)
def cells_of_nodes(
    distances: _Field, ground: _Bits, lethal_m: float, table: _Float, labels: _Labels,
    nodes: _Longs, centres: _Ints, start: int, goal: int,
) -> _Longs:  # fmt: skip
    """Cells from `start` to `goal` over the middles of `nodes`; lines where they are free."""
    columns = distances.shape[1]
    out = np.empty(len(nodes) * BLOCK_CELLS * BLOCK_CELLS + 2, np.int64)
    between = np.empty(4 * BLOCK_CELLS * BLOCK_CELLS, np.int64)
    out[0], size = start, 1
    for i in range(1, max(len(nodes), 2)):
        here = out[size - 1]
        other = nodes[min(i, len(nodes) - 1)]
        there = goal if i >= len(nodes) - 1 else int(centres[other])
        cost = line_cost(
            distances, ground, lethal_m, table, here % columns + 0.5, here // columns + 0.5,
            there % columns + 0.5, there // columns + 0.5,
        )  # fmt: skip
        if cost < np.inf:
            out[size] = there
            size += 1
            continue
        count = join_cells(
            distances,
            ground,
            table,
            labels,
            int(nodes[i - 1]),
            int(other),
            int(here),
            there,
            between,
        )
        out[size : size + count] = between[:count]
        size += count
    return out[:size].copy()
