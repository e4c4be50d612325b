"""The shortest closed way past all vertices of a graph: what a predictable patrol of it drives.

For one robot no patrol has a lower longest idleness than the shortest closed way that comes to
every vertex (Chevaleyre, "Theoretical analysis of the multi-agent patrolling problem", 2004). An
unpredictable one takes that way as a ring, on which it turns round by chance.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import shortest_path

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray
from patrol_mission.unpredictable.ring import IntArray, Ring

LONGEST_MOVED = 3
GAIN_M = 1e-9


def best_tour(edges_m: FloatArray, rng: np.random.Generator, kicks: int = 60) -> IntArray:
    """(L,) vertices of a short closed way along edges, back to its first one.

    edges_m: (V, V) symmetric, infinite where there is none. From the nearest neighbour's tour on
    by two-opt and or-opt until nothing helps, then again after each of so many random double
    bridges (Martin, Otto and Felten 1991). Raises RondaError where the graph falls apart.
    """
    direct = np.where(np.isfinite(edges_m), edges_m, 0.0)
    between, before = shortest_path(direct, directed=False, return_predecessors=True)
    if not np.isfinite(between).all():
        raise RondaError("no tour: the graph falls apart", expected="ways between all vertices")
    best = improved(nearest_neighbour(between), between)
    for _ in range(kicks if len(best) >= 8 else 0):
        one, two, three = np.sort(rng.choice(np.arange(1, len(best)), 3, replace=False))
        kicked = np.concatenate((best[:one], best[two:three], best[one:two], best[three:]))
        tried = improved(kicked, between)
        if length_m(tried, between) < length_m(best, between) - GAIN_M:
            best = tried
    return along_edges(best, before)


def nearest_neighbour(between_m: FloatArray) -> IntArray:
    """(V,) an order of all vertices: always on to the nearest one left."""
    left, order = set(range(1, len(between_m))), [0]
    while left:
        order.append(min(left, key=lambda vertex: (between_m[order[-1], vertex], vertex)))
        left.remove(order[-1])
    return np.array(order)


def length_m(order: IntArray, between_m: FloatArray) -> float:
    """Of the closed way in that order."""
    return float(between_m[order, np.roll(order, -1)].sum())


def improved(order: IntArray, between_m: FloatArray) -> IntArray:
    """The order when neither reversing a part (two-opt) nor moving up to three vertices (or-opt)
    makes it shorter."""
    while True:
        better = two_opt(order, between_m)
        if better is None:
            better = _moved(order, between_m)
        if better is None:
            return order
        order = better


def two_opt(order: IntArray, between_m: FloatArray) -> IntArray | None:
    """With the part reversed that helps most, or None."""
    after = np.roll(order, -1)
    now = between_m[order, after]
    gain = now[:, None] + now - between_m[np.ix_(order, order)] - between_m[np.ix_(after, after)]
    gain[np.tril_indices(len(order))] = 0.0
    one, other = np.unravel_index(int(np.argmax(gain)), gain.shape)
    if gain[one, other] <= GAIN_M:
        return None
    part = order[one + 1 : other + 1]
    return np.concatenate((order[: one + 1], part[::-1], order[other + 1 :]))


def _moved(order: IntArray, between_m: FloatArray) -> IntArray | None:
    """With a few vertices moved elsewhere, forwards or backwards, if that helps, or None."""
    for count in range(1, min(LONGEST_MOVED, len(order) - 2) + 1):
        for start in range(len(order)):
            turned = np.roll(order, -start)
            part, rest = turned[:count], turned[count:]
            after = np.roll(rest, -1)
            gap = between_m[rest, after]
            saved = between_m[rest[-1], part[0]] + between_m[part[-1], rest[0]] - gap[-1]
            for moved in (part, part[::-1]):
                added = between_m[rest, moved[0]] + between_m[moved[-1], after] - gap
                at = int(np.argmin(added))
                if added[at] < saved - GAIN_M:
                    return np.concatenate((rest[: at + 1], moved, rest[at + 1 :]))
    return None


def along_edges(order: IntArray, before: IntArray) -> IntArray:
    """(L,) the closed way vertex by vertex; `before`: predecessors, as `shortest_path` gives."""
    way: list[int] = []
    for begin, end in zip(order.tolist(), np.roll(order, -1).tolist(), strict=True):
        piece, at = [], end
        while at != begin:
            at = int(before[begin, at])
            piece.append(at)
        way += piece[::-1]
    return np.array(way)


def tour_ring(way: IntArray, edges_m: FloatArray, speed_mps: float) -> Ring:
    """A closed way along edges as a ring, without stops; turning round takes no time."""
    none = np.zeros(len(way))
    gaps_s = edges_m[way, np.roll(way, -1)] / speed_mps
    return Ring(way, gaps_s, none, none, np.ones(len(way), bool), 0.0)
