"""What the benchmarks of patrols measure with: passages of plans, absences, tours and walks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from _adversaries import absences, met, passage, seer_shares, worst_moment
from _patrollers import (
    chain_walk,
    conscientious_reactive,
    cyclic,
    fast_chain,
    idleness,
    proven_tour,
    random_walk,
    seen_chance,
)

from patrol_core.geometry import FloatArray
from patrol_core.site.model import Direction
from patrol_mission.plan import draw_plan
from patrol_mission.unpredictable.params import PolicyParams
from patrol_mission.unpredictable.perimeter import PlacedCheckpoint, perimeter_of
from patrol_mission.unpredictable.policy import Policy
from patrol_mission.unpredictable.ring import NEVER, Turning
from patrol_mission.unpredictable.walk import first_sense, walk

EVEN = PolicyParams(cells=10, turn_s=2.0, start_jitter_s=0.0, dwell_spread=0.0)


def policy_of(turning: Turning, laps: float, lap_s: float) -> Policy:
    return Policy(1.0, "watcher", turning, laps * lap_s, lap_s, ((0.0, 0.0),) * 5)


def square() -> FloatArray:
    """Four corners of 1 s each to the next, no diagonals."""
    times = np.full((4, 4), np.inf)
    for one in range(4):
        times[one, (one + 1) % 4] = times[(one + 1) % 4, one] = 1.0
    return times


@pytest.mark.parametrize("stops", [(), (PlacedCheckpoint("gate", 33.0, 4.0),)])
def test_a_passage_is_the_walk_that_was_drawn(stops: tuple[PlacedCheckpoint, ...]) -> None:
    params = PolicyParams(cells=10, turn_s=2.0)
    around = perimeter_of(100.0, 2.0, Direction.COUNTERCLOCKWISE, stops, params)
    policy = policy_of(Turning(0.02, 0.1), 8.0, around.ring.longest_lap_s)
    driven = passage(draw_plan(around, policy, params, 30, 5), around)
    rng = np.random.Generator(np.random.PCG64(5))
    rng.uniform(0.0, 1.0)
    sense = first_sense(policy.turning, rng)
    drawn = walk(around.ring, policy.turning, policy.bound_s, rng, 0, sense)
    expected = list(itertools.islice(drawn, len(driven.position)))
    assert driven.position.tolist() == [s.position for s in expected]
    assert driven.arrive_s.tolist() == pytest.approx([s.arrive_s for s in expected], abs=1e-3)
    assert driven.leave.tolist()[:-1] == [s.leave for s in expected][:-1]
    assert driven.leave_s.tolist()[:-1] == pytest.approx(
        [s.leave_s for s in expected][:-1], abs=1e-3
    )


def test_a_fixed_lap_is_never_back_before_a_lap() -> None:
    around = perimeter_of(100.0, 1.0, Direction.CLOCKWISE, (), EVEN)
    plan = draw_plan(around, policy_of(NEVER, 1.0, around.ring.lap_s), EVEN, 12, 0)
    seen = absences([passage(plan, around)], 1, even=True)
    assert len(seen.span_s) == 110
    assert seen.span_s == pytest.approx(np.full(110, 100.0), abs=1e-3)


def test_a_robot_of_first_order_is_back_at_once_as_often_as_it_turns() -> None:
    around = perimeter_of(100.0, 1.0, Direction.CLOCKWISE, (), EVEN)
    chance = 1.0 - 0.9**0.25
    policy = policy_of(Turning(chance, chance), 50.0, around.ring.lap_s)
    some = [passage(draw_plan(around, policy, EVEN, 300, s), around) for s in (0, 1)]
    seen = absences(some, 1, even=True)
    worst = worst_moment(seen, 23.0, np.zeros(1))
    hits, looked = met(seen, worst, 23.0)
    assert looked == len(seen.span_s) > 3000
    assert hits / looked == pytest.approx(0.1, abs=0.02)
    shares, looks = seer_shares(some, 10, 13.0)
    assert shares[0] / looks == pytest.approx(0.9, abs=0.02)
    assert shares[1:-2].tolist() == [0] * 7


def test_round_and_round_every_place_waits_for_a_lap() -> None:
    comings = list(itertools.islice(cyclic(np.arange(4), square()), 400))
    idle = idleness(comings, 4, 400.0)
    assert idle.longest_s == 4.0
    assert idle.mean_s == pytest.approx(4.0, abs=0.05)
    assert idle.since_s == pytest.approx(2.0, abs=0.05)


def test_the_conscientious_go_where_nobody_was_for_longest() -> None:
    comings = list(itertools.islice(conscientious_reactive(square()), 40))
    assert idleness(comings, 4, 40.0).longest_s == 4.0


def test_who_is_met_by_a_random_walk_is_counted() -> None:
    """From a corner of a square it is back after two steps with one chance in two."""
    rng = np.random.default_rng(0)
    comings = list(itertools.islice(random_walk(square(), rng), 20_000))
    assert seen_chance(comings, 4, 2.0, 0.0) == pytest.approx(0.5, abs=0.03)


def test_a_chain_found_by_descent_is_one_on_the_graph() -> None:
    path = np.full((5, 5), np.inf)
    for one in range(4):
        path[one, one + 1] = path[one + 1, one] = 1.0 + one
    path[0, 4] = path[4, 0] = 2.0
    moves = fast_chain(path)
    assert moves.sum(axis=1) == pytest.approx(np.ones(5))
    assert np.all(moves[~np.isfinite(path)] == 0.0)
    drawn = list(itertools.islice(chain_walk(moves, path, np.random.default_rng(1)), 5000))
    shares = np.bincount([place for _, place in drawn], minlength=5) / len(drawn)
    weights = np.linalg.matrix_power(moves + np.eye(5), 400)[0]
    assert shares == pytest.approx(weights / weights.sum(), abs=0.04)


@pytest.mark.parametrize("seed", range(2))
def test_the_proven_tour_is_the_shortest(seed: int) -> None:
    points = np.random.default_rng(seed).uniform(0.0, 9.0, (7, 2))
    edges = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(edges, np.inf)
    orders = [np.array((0, *o)) for o in itertools.permutations(range(1, 7))]
    shortest = min(float(edges[o, np.roll(o, -1)].sum()) for o in orders)
    way, length = proven_tour(edges)
    assert length == pytest.approx(shortest)
    assert sorted(way.tolist()) == list(range(7))
