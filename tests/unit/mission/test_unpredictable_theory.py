"""Chances of meeting an intruder: closed forms, brute force, and what no robot can exceed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from patrol_core.errors import RondaError
from patrol_mission.unpredictable.chain import arrivals, away_curves, ring_chain
from patrol_mission.unpredictable.intruder import agmon_chances, seer, watcher
from patrol_mission.unpredictable.params import PolicyParams
from patrol_mission.unpredictable.policy import (
    STAYS,
    Score,
    best_of_first_order,
    best_of_two,
    chances_of,
    solve_policy,
)
from patrol_mission.unpredictable.ring import NEVER, Ring, Turning, even_ring
from patrol_mission.unpredictable.walk import walk


def uneven_ring(seed: int, count: int = 12) -> Ring:
    """Gaps of 6 to 10 s, stops at every third position, some of them where it may not turn."""
    rng = np.random.default_rng(seed)
    dwell = np.where(np.arange(count) % 3 == 0, 3.0, 0.0)
    may_turn = np.arange(count) % 5 != 4
    gaps = rng.integers(6, 11, count).astype(np.float64)
    return Ring(np.arange(count), gaps, dwell, dwell, may_turn, 2.0)


def by_all_histories(segments: int, chance: float, stay: int) -> list[float]:
    """The model of the paper, turning in one step, by going through everything that may happen."""
    met = np.zeros(segments)
    for history in itertools.product((False, True), repeat=stay):
        at, step, seen = 0, 1, set()
        for turns in history:
            step = -step if turns else step
            at = at if turns else (at + step) % segments
            seen |= set() if turns else {at}
        turned = sum(history)
        met[list(seen)] += chance**turned * (1.0 - chance) ** (stay - turned)
    return met.tolist()


@pytest.mark.parametrize("chance", [0.0, 0.2, 0.7])
def test_the_model_of_the_paper_agrees_with_all_histories(chance: float) -> None:
    expected = by_all_histories(7, chance, 6)
    assert agmon_chances(7, chance, 1, 6) == pytest.approx(expected)


@pytest.mark.parametrize("segments", [8, 16, 40])
def test_the_best_chance_for_half_a_lap_has_a_closed_form(segments: int) -> None:
    """The worst segment is met only by turning at once: q (1 - q)^(N/2 - 1), best at q = 2/N."""
    half = segments // 2
    best = 2.0 / segments
    less, most, more = (agmon_chances(segments, f * best, 1, half).min() for f in (0.9, 1.0, 1.1))
    assert most == pytest.approx(best * (1.0 - best) ** (half - 1))
    assert less < most > more
    assert agmon_chances(segments, best, 1, half - 1).min() == 0.0


def test_a_seer_is_met_at_least_as_often_as_in_the_model_of_the_paper() -> None:
    """There the robot may turn twice on the spot; here it goes on after a turn."""
    ring = even_ring(16)
    for stay in (8, 9, 12, 15):
        known = max(agmon_chances(16, q, 1, stay).min() for q in np.linspace(0.05, 0.25, 41))
        score = Score(ring, steps=16, places=1)
        _, ours = best_of_first_order(ring, partial(score.seer, stay_fraction=stay / 16))
        assert known * 0.999 <= ours <= known * 1.2


def test_a_seer_is_never_met_in_less_than_half_a_lap() -> None:
    chain = ring_chain(even_ring(16), Turning(0.1, 0.3), 16)
    assert seer(chain, range(16), (2, 6, 7)) == (0.0, 0.0, 0.0)


def test_fixed_laps_meet_nobody_who_needs_less_than_a_lap() -> None:
    assert chances_of(uneven_ring(1), NEVER) == tuple((0.0, 0.0) for _ in STAYS)


def test_chances_on_an_uneven_ring_agree_with_walks() -> None:
    """First returns to a place of a long walk, against the curves of the chain, step by step."""
    ring, turning, place = uneven_ring(2), Turning(0.05, 0.2), 3
    per_lap = round(ring.lap_s)
    chain = ring_chain(ring, turning, per_lap)
    rng = np.random.default_rng(1000)
    stops = list(itertools.islice(walk(ring, turning, 1e6, rng, 0, 0), 30_000))
    ages, age = [], 4
    for stop in stops:
        age = 0 if stop.leave != stop.sense else min(age + 1, 4)
        ages.append(age)
    here = [k for k, stop in enumerate(stops) if stop.position == place]
    just_turned = [
        stops[b].arrive_s - stops[a].leave_s
        for a, b in itertools.pairwise(here)
        if ages[a] == 0 and stops[a].leave == 0
    ]
    away = away_curves(chain, arrivals(chain, [place], 2 * per_lap), 0, place)
    seen = np.array([np.mean(np.array(just_turned) > t + 0.5) for t in range(2 * per_lap + 1)])
    assert len(just_turned) > 100
    assert np.abs(away[:, 0] - seen).max() < 2.0 / np.sqrt(len(just_turned))


@pytest.mark.parametrize("turning", [Turning(0.1, 0.1), Turning(0.066, 0.133), Turning(0.5, 0.02)])
def test_nobody_exceeds_the_share_of_a_lap(turning: Turning) -> None:
    ring = even_ring(20)
    for (watching, _), stay in zip(chances_of(ring, turning), STAYS, strict=True):
        assert 0.0 <= watching <= stay


def test_a_robot_that_remembers_its_last_turn_meets_more_than_one_of_first_order() -> None:
    ring = even_ring(20, turn_s=0.5)
    score = Score(ring, steps=20, places=1)
    two, best = best_of_two(score.watcher)
    _, first = best_of_first_order(ring, score.watcher)
    assert best > 1.05 * first and two.early < two.late


def test_a_level_is_the_share_of_the_best_chance() -> None:
    ring = even_ring(10, gap_s=5.0, turn_s=2.0)
    whole, half = (solve_policy(ring, PolicyParams(level=level)) for level in (1.0, 0.5))
    score = Score(ring)
    assert score.watcher(half.turning) == pytest.approx(
        0.5 * score.watcher(whole.turning), rel=0.02
    )
    assert half.turning.early < whole.turning.early
    fixed = solve_policy(ring, PolicyParams(level=0.0))
    assert fixed.turning.never and fixed.bound_s == ring.lap_s


def test_the_worst_moment_is_where_the_watcher_would_begin() -> None:
    """Of who seldom turns: at once. It comes back in time only if it turns at the next position,
    and a position of this ring is as long as two units of driving."""
    chain = ring_chain(even_ring(20), Turning(0.02, 0.02), 20)
    (moment,) = watcher(chain, [0], [4], 40)
    assert moment.wait_steps == 0
    assert moment.chance == pytest.approx(1.0 - 0.98**2)


def test_what_cannot_be_met_is_refused_in_words() -> None:
    with pytest.raises(RondaError, match="no policy meets a watcher"):
        solve_policy(even_ring(8, gap_s=1.0, turn_s=20.0), PolicyParams())
    slow = replace(even_ring(8), dwell_max_s=np.full(8, 5.0))
    with pytest.raises(RondaError, match="idleness_laps"):
        solve_policy(slow, PolicyParams(idleness_laps=2.0))
    with pytest.raises(RondaError, match="no ring"):
        Ring(np.array([0, 2]), np.ones(2), np.zeros(2), np.zeros(2), np.ones(2, bool), 1.0)
