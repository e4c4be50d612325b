"""Patrols of a graph by other rules, the shortest tour with proof, and how long places wait."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse
from scipy.sparse.csgraph import connected_components, shortest_path

from patrol_core.errors import RondaError
from patrol_core.geometry import FloatArray
from patrol_mission.unpredictable.policy import Policy
from patrol_mission.unpredictable.ring import IntArray, Ring
from patrol_mission.unpredictable.tour import along_edges, length_m, nearest_neighbour, two_opt
from patrol_mission.unpredictable.walk import first_sense, walk

Coming = tuple[float, int]
"""When the robot comes to which vertex."""
WAITS, LEAST_SEEN = 31, 300


@dataclass(frozen=True, slots=True)
class Idleness:
    """Of a patrol [s]. mean, median: of the vertices' mean times between visits; sd: of those
    times about their vertex's mean; longest: of all; met: what an intruder at a random place and
    time finds on average, the place's mean time since the last visit."""

    mean_s: float
    median_s: float
    sd_s: float
    longest_s: float
    since_s: float


def idleness(comings: list[Coming], count: int, until_s: float) -> Idleness:
    """Every vertex counts as visited at 0 s; what is under way at the end counts for `longest`."""
    means, squares, longest, since = [], [], [], []
    times, places = (np.array(column) for column in zip(*comings, strict=True))
    for vertex in range(count):
        spans = np.diff(times[(places == vertex) & (times <= until_s)], prepend=0.0)
        last_s = until_s - spans.sum()
        means.append(float(spans.mean()) if len(spans) else until_s)
        squares.append(float(spans.var()) if len(spans) else 0.0)
        longest.append(max(spans.max(initial=0.0), last_s))
        since.append(0.5 * (np.square(spans).sum() + last_s**2) / until_s)
    return Idleness(
        float(np.mean(means)), float(np.median(means)), float(np.sqrt(np.mean(squares))),
        float(max(longest)), float(np.mean(since)),
    )  # fmt: skip


def seen_chance(comings: list[Coming], count: int, stay_s: float, horizon_s: float) -> float:
    """The lowest share of absences that end within a stay, over vertices and over how long the
    robot has been away (as far as enough absences are that long)."""
    lowest = 1.0
    times, places = (np.array(column) for column in zip(*comings, strict=True))
    for vertex in range(count):
        spans = np.sort(np.diff(times[places == vertex]))
        for wait_s in np.linspace(0.0, horizon_s, WAITS):
            longer = len(spans) - np.searchsorted(spans, wait_s, "right")
            stayed = len(spans) - np.searchsorted(spans, wait_s + stay_s, "right")
            if longer >= LEAST_SEEN:
                lowest = min(lowest, 1.0 - stayed / longer)
    return float(lowest)


def on_ring(ring: Ring, policy: Policy, rng: np.random.Generator) -> Iterator[Coming]:
    """Ours."""
    sense = first_sense(policy.turning, rng)
    for stop in walk(ring, policy.turning, policy.bound_s, rng, 0, sense):
        yield stop.arrive_s, int(ring.places[stop.position])


def cyclic_way(edges_m: FloatArray) -> IntArray:
    """A plain heuristic tour: nearest neighbour, then two-opt."""
    between, before = _between(edges_m)
    order = nearest_neighbour(between)
    while (better := two_opt(order, between)) is not None:
        order = better
    return along_edges(order, before)


def cyclic(way: IntArray, times_s: FloatArray) -> Iterator[Coming]:
    """Round and round along a closed way."""
    now_s = 0.0
    for one, other in itertools.cycle(zip(way.tolist(), np.roll(way, -1).tolist(), strict=True)):
        now_s += times_s[one, other]
        yield float(now_s), other


def by_rule(
    times_s: FloatArray, rule: Callable[[int, IntArray, FloatArray], int]
) -> Iterator[Coming]:
    """`rule(at, neighbours, last visits)` says where to go next."""
    neighbours = [np.flatnonzero(np.isfinite(row)) for row in times_s]
    last, at, now_s = np.zeros(len(times_s)), 0, 0.0
    while True:
        to = rule(at, neighbours[at], last)
        now_s += float(times_s[at, to])
        at, last[to] = to, now_s
        yield now_s, at


def random_walk(times_s: FloatArray, rng: np.random.Generator) -> Iterator[Coming]:
    """On to any neighbour, all equally likely."""
    return by_rule(times_s, lambda _at, near, _last: int(near[rng.integers(len(near))]))


def conscientious_reactive(times_s: FloatArray) -> Iterator[Coming]:
    """On to the neighbour that has waited longest (Machado et al., "Multi-agent patrolling: an
    empirical analysis of alternative architectures", 2002)."""
    return by_rule(times_s, lambda _at, near, last: int(near[np.argmin(last[near])]))


def fast_chain(times_s: FloatArray) -> FloatArray:
    """(V, V) the reversible chain with the lowest mean time from place to place, by descent over
    the weights of edges. As Patel, Agharkar and Bullo ("Robotic surveillance and Markov chains
    with minimal weighted Kemeny constant", 2015), but all places count the same."""
    one, other = np.nonzero(np.triu(np.isfinite(times_s)))
    steps_s = np.where(np.isfinite(times_s), times_s, 0.0)

    def chain(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        weights = np.zeros_like(steps_s)
        weights[one, other] = weights[other, one] = np.exp(np.clip(x, -12.0, 12.0))
        rows = weights.sum(axis=1)
        return weights / rows[:, None], rows / rows.sum()

    def mean_s(x: FloatArray) -> float:
        moves, share = chain(x)
        fundamental = np.linalg.inv(np.eye(len(moves)) - moves + share)
        hitting = (np.diag(fundamental) - fundamental) / share
        return float((share @ (moves * steps_s)).sum() * hitting.mean())

    found = optimize.minimize(mean_s, np.zeros(len(one)), method="L-BFGS-B")
    return chain(found.x)[0]


def chain_walk(
    moves: FloatArray, times_s: FloatArray, rng: np.random.Generator
) -> Iterator[Coming]:
    """Drawn from a chain on the graph."""
    sums = [np.cumsum(row[np.isfinite(times)]) for row, times in zip(moves, times_s, strict=True)]

    def rule(at: int, near: IntArray, _last: FloatArray) -> int:
        drawn = np.searchsorted(sums[at], rng.random() * sums[at][-1], "right")
        return int(near[min(drawn, len(near) - 1)])

    return by_rule(times_s, rule)


def proven_tour(edges_m: FloatArray) -> tuple[IntArray, float]:
    """The shortest closed way past all vertices and its length, proven: an integer programme in
    which each set of vertices that closes on itself is cut off until none is left."""
    between, before = _between(edges_m)
    count = len(between)
    one, other = np.triu_indices(count, 1)
    ends = sparse.csr_matrix(
        (np.ones(2 * len(one)), (np.concatenate((one, other)), np.tile(np.arange(len(one)), 2)))
    )
    cuts: list[FloatArray] = []
    while True:
        limits = [optimize.LinearConstraint(ends, 2.0, 2.0)]
        if cuts:
            limits.append(optimize.LinearConstraint(sparse.csr_matrix(np.array(cuts)), lb=2.0))
        found = optimize.milp(
            between[one, other], constraints=limits, integrality=np.ones(len(one)),
            bounds=optimize.Bounds(0.0, 1.0),
        )  # fmt: skip
        if found.x is None:
            raise RondaError(f"no shortest tour: {found.message}")
        taken = found.x > 0.5
        links = sparse.csr_matrix((taken[taken], (one[taken], other[taken])), (count, count))
        parts, part = connected_components(links, directed=False)
        if parts == 1:
            order = _in_order(one[taken], other[taken])
            return along_edges(order, before), length_m(order, between)
        cuts += [((part[one] == k) != (part[other] == k)).astype(float) for k in range(parts)]


def _in_order(one: IntArray, other: IntArray) -> IntArray:
    """Vertices along links that close to one ring."""
    near: dict[int, list[int]] = {}
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    order, came = [0], -1
    while len(order) < len(near):
        onwards = [v for v in near[order[-1]] if v != came]
        came = order[-1]
        order.append(onwards[0])
    return np.array(order)


def _between(edges_m: FloatArray) -> tuple[FloatArray, IntArray]:
    direct = np.where(np.isfinite(edges_m), edges_m, 0.0)
    between, before = shortest_path(direct, directed=False, return_predecessors=True)
    return between, before
