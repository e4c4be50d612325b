"""The hot loop of route search."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from patrol_nav.heap_kernels import doubled, empty_heap, push, sift

_Float = npt.NDArray[np.float64]
_Field = npt.NDArray[np.float32]
_Ints = npt.NDArray[np.int32]
_Longs = npt.NDArray[np.int64]


@njit(
    "int64(float32[:, ::1], int32[::1], int32[::1], float32[::1], float64, int64, int64, "
    "float32[::1], int32[::1], int32[::1], int32)",
    cache=True,
)
def search_route(
    places: _Field, first_edge: _Ints, ends: _Ints, costs: _Field, least: float, start: int,
    goal: int, cost_to: _Field, by_edge: _Ints, visited: _Ints, generation: int,
) -> int:  # fmt: skip
    """A* from node `start` to `goal`: nodes expanded, or -1 where no route is.

    Edges `first_edge[n]` up to `first_edge[n + 1]` leave node n for `ends` at `costs`; one that
    costs infinity is closed. `least`: cost of a metre on the cheapest edge, so that the straight
    line never promises too much. `by_edge`: the edge that each node was reached by; scratch as for
    the planner's `astar`.
    """
    goal_x, goal_y = places[goal, 0], places[goal, 1]
    keys, nodes = empty_heap()
    keys[0], nodes[0], size = 0.0, start, 1
    visited[start] = generation
    cost_to[start] = 0.0
    by_edge[start] = -1
    expanded = 0
    while size > 0:
        key, node = keys[0], nodes[0]
        size -= 1
        if size > 0:
            sift(keys, nodes, size, keys[size], nodes[size])
        if node == goal:
            return expanded
        base = float(cost_to[node])
        ahead = least * math.hypot(places[node, 0] - goal_x, places[node, 1] - goal_y)
        if key > base + ahead + 1e-5 * (1.0 + base):
            continue
        expanded += 1
        for edge in range(first_edge[node], first_edge[node + 1]):
            other = ends[edge]
            cost = np.float32(base + costs[edge])
            if cost == np.inf or (visited[other] == generation and cost >= cost_to[other]):
                continue
            visited[other] = generation
            cost_to[other] = cost
            by_edge[other] = edge
            if size == keys.shape[0]:
                keys, nodes = doubled(keys, nodes)
            ahead = least * math.hypot(places[other, 0] - goal_x, places[other, 1] - goal_y)
            push(keys, nodes, size, float(cost) + ahead, other)
            size += 1
    return -1
