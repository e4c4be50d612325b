"""Plans: bit for bit, within their bounds, drivable, and the same after a journey as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import RondaError
from patrol_core.site.loader import load_site
from patrol_core.site.model import Direction
from patrol_mission.plan import END, TURN, Plan, draw_plan
from patrol_mission.plan_json import PlanError, plan_from_json, plan_to_json
from patrol_mission.route import lap_poses
from patrol_mission.unpredictable.explaining import explain
from patrol_mission.unpredictable.params import PolicyParams
from patrol_mission.unpredictable.perimeter import (
    Perimeter,
    PlacedCheckpoint,
    perimeter_of,
    perimeter_of_route,
    stretch,
)
from patrol_mission.unpredictable.picture import draw_plan_picture
from patrol_mission.unpredictable.policy import Policy
from patrol_mission.unpredictable.ring import NEVER, Ring, Turning
from patrol_mission.unpredictable.timeline import longest_alone_s, stays_at, timeline
from patrol_mission.unpredictable.walk import walk
from ronda_cli.environment.paths import ROOT

CHANCES = tuple((0.0, 0.0) for _ in range(5))
CHECKPOINTS = (
    PlacedCheckpoint("gate", 10.0, 5.0),
    PlacedCheckpoint("shed", 60.0, 0.0),
    PlacedCheckpoint("corner", 61.0, 4.0),
)


def perimeter(params: PolicyParams) -> Perimeter:
    return perimeter_of(100.0, 1.0, Direction.CLOCKWISE, CHECKPOINTS, params)


def policy(around: Perimeter, turning: Turning, laps: float) -> Policy:
    bound_s = max(laps * around.ring.lap_s, around.ring.longest_lap_s)
    return Policy(1.0, "watcher", turning, bound_s, around.ring.lap_s, CHANCES)


def draw(seed: int, laps: int = 8, params: PolicyParams | None = None) -> Plan:
    params = params or PolicyParams(cells=20)
    around = perimeter(params)
    return draw_plan(around, policy(around, Turning(0.1, 0.3), 3.0), params, laps, seed)


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    """Three to nine positions with stops; some of them the same place, some without turns."""
    count = draw(st.integers(3, 9))
    times = st.lists(st.floats(0.0, 9.0), min_size=count, max_size=count)
    dwell, more = np.array(draw(times)), np.array(draw(times))
    gaps = np.array(draw(times)) + 0.5
    places = np.arange(count) % (count - draw(st.integers(0, 1)))
    may_turn = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    return Ring(places, gaps, dwell, dwell + more, may_turn, draw(st.floats(0.0, 5.0)))


@settings(max_examples=40, deadline=None)
@given(rings(), st.floats(1.0, 4.0), st.integers(0, 2**32), st.floats(0.05, 1.0))
def test_no_place_is_left_alone_for_longer_than_the_bound(
    ring: Ring, laps: float, seed: int, turn: float
) -> None:
    bound_s = laps * ring.longest_lap_s
    left = np.zeros(ring.place_count)
    rng = np.random.default_rng(seed)
    sense = 0
    for stop in islice(walk(ring, Turning(turn, turn), bound_s, rng, 0, 0), 300):
        place = int(ring.places[stop.position])
        assert stop.arrive_s - left[place] <= bound_s + 1e-6
        assert stop.sense == sense and (stop.leave == sense or ring.may_turn[stop.position])
        shortest = 2.0 * ring.dwell_s[stop.position] - ring.dwell_max_s[stop.position]
        assert shortest - 1e-9 <= stop.dwell_s <= ring.dwell_max_s[stop.position]
        left[place], sense = stop.leave_s, stop.leave


def test_a_bound_below_a_lap_is_refused() -> None:
    around = perimeter(PolicyParams())
    rng = np.random.default_rng(0)
    with pytest.raises(RondaError, match="no walk keeps a bound"):
        next(walk(around.ring, NEVER, 0.5 * around.ring.lap_s, rng, 0, 0))


def test_the_same_seed_gives_the_same_plan() -> None:
    assert draw(7) == draw(7)
    assert len({plan_to_json(draw(seed)) for seed in range(20)}) == 20


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**63), st.integers(1, 9))
def test_a_plan_can_be_driven_and_keeps_its_word(seed: int, laps: int) -> None:
    plan, params = draw(seed, laps), PolicyParams(cells=20)
    times = timeline(plan)
    assert 0.0 <= plan.start_delay_s <= params.start_jitter_s
    for visit, after in pairwise(plan.visits):
        assert (visit.direction is not after.direction) == (visit.reason == TURN)
    for visit in plan.visits:
        asked_s = {c.checkpoint_id: c.dwell_s for c in CHECKPOINTS}.get(visit.checkpoint_id, 0.0)
        assert asked_s <= visit.dwell_s <= (1.0 + params.dwell_spread) * asked_s
    for checkpoint in CHECKPOINTS:
        assert longest_alone_s(plan, times, checkpoint.along_m) <= plan.bound_s + 1e-6
        assert len(stays_at(plan, times, checkpoint.along_m)) > 0
    assert plan.visits[-1].reason == END


def test_a_timeline_stands_at_each_checkpoint_as_often_as_planned() -> None:
    plan = draw(11, laps=20)
    times = timeline(plan)
    for checkpoint in CHECKPOINTS:
        planned = [v.dwell_s for v in plan.visits if v.checkpoint_id == checkpoint.checkpoint_id]
        stays = stays_at(plan, times, checkpoint.along_m)
        assert len(stays) == len(planned)
        stood = stays[:, 1] - stays[:, 0]
        assert np.all(stood - np.array(planned) > -1e-6)
        assert np.all(stood - np.array(planned) < plan.turn_s + 1e-6)


def test_level_0_is_the_lap_as_the_site_says_it() -> None:
    params = PolicyParams(level=0.0, cells=20)
    around = perimeter(params)
    plan = draw_plan(around, policy(around, NEVER, 1.0), params, 2, 5)
    lap = ["gate", "shed", "corner"]
    assert [v.checkpoint_id for v in plan.visits] == [*lap, *lap, ""]
    assert [v.dwell_s for v in plan.visits] == [5.0, 0.0, 4.0] * 2 + [0.0]
    assert {v.direction for v in plan.visits} == {Direction.CLOCKWISE}
    assert plan.start_delay_s == 0.0 and plan.visits[-1].along_m == 0.0
    assert timeline(plan).duration_s == pytest.approx(2.0 * (100.0 + 9.0))


def test_fewer_laps_than_one_are_refused() -> None:
    with pytest.raises(RondaError, match="0 laps"):
        draw(1, laps=0)


def test_plans_travel_as_json() -> None:
    plan = draw(3)
    assert plan_from_json(plan_to_json(plan)) == plan


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", -1), ("laps", 0), ("lap_m", 0.0), ("turn_s", -1.0), ("speed_mps", "fast"),
     ("direction", "up"), ("visits", []), ("bound_s", None), ("policy", {}), ("more", 1)],
)  # fmt: skip
def test_what_is_no_plan_is_refused(key: str, value: object) -> None:
    document = json.loads(plan_to_json(draw(3))) | {key: value}
    with pytest.raises(PlanError):
        plan_from_json(json.dumps(document))


def test_a_visit_beside_the_lap_is_refused() -> None:
    plan = draw(3)
    beside = replace(plan.visits[0], along_m=plan.lap_m)
    with pytest.raises(PlanError, match="visits"):
        plan_from_json(plan_to_json(replace(plan, visits=(beside,))))


SHORT = plan_to_json(draw(3, laps=1))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**4), st.text(max_size=6))
def test_broken_json_is_refused_or_read_as_a_plan(at: int, scrap: str) -> None:
    place = at % len(SHORT)
    try:
        plan = plan_from_json(SHORT[:place] + scrap + SHORT[place + len(scrap) :])
    except PlanError:
        return
    assert timeline(plan).duration_s > 0.0


def test_it_is_explained_in_words() -> None:
    text = explain(draw(3))
    for words in ("seed 3", "turns", "left alone for longer than", "watcher", "50%", "gate"):
        assert words in text
    fixed = replace(draw(3), policy=replace(draw(3).policy, turning=NEVER))
    assert "fixed lap" in explain(fixed)


def test_its_picture_is_a_png(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("plan") / "plan.png"
    draw_plan_picture(draw(3), file)
    assert file.read_bytes()[:4] == b"\x89PNG"


def test_a_site_is_cut_at_its_checkpoints() -> None:
    site = load_site(ROOT / "sites" / "depot")
    around = perimeter_of_route(site, site.perimeter_route("perimeter"), PolicyParams())
    assert {*around.checkpoint_ids} - {""} == set(site.routes[0].checkpoint_ids)
    assert around.along_m[0] == 0.0 and np.all(np.diff(around.along_m) > 0.0)
    assert 36 <= around.ring.size <= 50


def test_a_checkpoint_beside_the_lap_is_refused() -> None:
    beside = [PlacedCheckpoint("far", 100.0, 1.0)]
    with pytest.raises(RondaError, match="'far' is 100"):
        perimeter_of(100.0, 1.0, Direction.CLOCKWISE, beside, PolicyParams())


def test_a_stretch_leads_from_place_to_place_both_ways() -> None:
    site = load_site(ROOT / "sites" / "yard")
    poses = lap_poses(site, site.routes[0])
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(poses[:, :2], axis=0).T))))
    lap_m = float(along[-1])
    for begin_m, end_m in ((3.1, 20.0), (30.0, 2.2), (5.0, 5.0), (0.0, 0.0), (0.0, 12.0)):
        onwards = stretch(poses, begin_m, end_m, onwards=True)
        back = stretch(poses, end_m, begin_m, onwards=False)
        for piece in (onwards, back):
            steps = np.hypot(*np.diff(piece[:, :2], axis=0).T)
            whole_m = (end_m - begin_m) % lap_m or lap_m
            assert steps.sum() == pytest.approx(whole_m, abs=0.05) and steps.max() < 0.3
            way = np.arctan2(*np.diff(piece[:, :2], axis=0)[steps > 0.05].T[::-1])
            turned = np.angle(np.exp(1j * (way - piece[:-1, 2][steps > 0.05])))
            assert np.abs(turned).max() < 0.3
        assert np.allclose(onwards[0, :2], back[-1, :2], atol=1e-6)
