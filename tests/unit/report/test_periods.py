"""Gaps, holds, stretches and presence, against brute force."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report_records import SITE, START_S, Texts, first_samples, sample

from patrol_core.site.model import Zone, ZoneKind
from patrol_mission.report import periods
from patrol_mission.report.presence import idleness, presence, week_span

BERLIN = ZoneInfo("Europe/Berlin")


@given(
    st.lists(st.integers(0, 600), max_size=30), st.integers(0, 100), st.integers(100, 600),
    st.integers(1, 90),
)  # fmt: skip
@settings(max_examples=25)
def test_silences_are_where_no_stamp_is_near(
    stamps: list[int], start: int, end: int, limit: int
) -> None:
    found = periods.silences([float(s) for s in stamps], start, end, limit)
    edges = sorted({start, end, *(s for s in stamps if start <= s <= end)})
    for half in range(2 * start + 1, 2 * end, 2):
        now = half / 2
        before, after = max(s for s in edges if s < now), min(s for s in edges if s > now)
        assert any(a < now < b for a, b in found) == (after - before > limit)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 9)), max_size=40))
@settings(max_examples=25)
def test_stretches_keep_every_place_and_bridge_no_hole(
    steps: list[tuple[int, bool, int]],
) -> None:
    samples, now = [], 0.0
    for lasted, known, x in steps:
        now += 0.5 * lasted
        samples.append(sample(now, "p", x_m=float(x) if known else None))
    pieces = periods.stretches(samples)
    assert [s for piece in pieces for s in piece] == [s for s in samples if periods.located(s)]
    longest_s = max(2.5 * periods.sample_period_s(samples), 1.5)
    for piece in pieces:
        for one, other in pairwise(piece):
            assert other.stamp_s - one.stamp_s <= longest_s + 1e-9
            assert abs((other.x_m or 0.0) - (one.x_m or 0.0)) <= 5.0


def test_a_hold_lasts_until_the_gate_passes_again() -> None:
    (hold,) = periods.holds(first_samples(Texts()))
    assert hold.duration_s == pytest.approx(5.0)
    assert hold.reasons == ("obstacle at … m", "plain words")
    assert not hold.latched


def test_a_hole_ends_a_hold() -> None:
    states = [(0.0, "hold"), (0.5, "hold"), (100.0, "latched"), (100.5, "latched")]
    held = periods.holds([sample(t, "p", gate_state=state) for t, state in states])
    assert [(h.start_s - START_S, h.end_s - START_S, h.latched) for h in held] == [
        (0.0, 0.5, False), (100.0, 100.5, True),
    ]  # fmt: skip
    assert periods.holds([]) == []


def test_gaps_say_why() -> None:
    stamps = [*np.arange(0.0, 50.0, 0.5), *np.arange(120.0, 260.0, 0.5)]
    samples = [sample(t, "p", x_m=None if 150.0 < t < 250.0 else 0.0) for t in stamps]
    end_s = START_S + 259.5
    first, second = periods.gaps(samples, replace(SITE, zones=()), START_S, end_s)
    assert (first.start_s - START_S, first.duration_s) == (49.5, 70.5)
    assert "nothing was recorded" in first.why
    assert second.start_s - START_S == 150.0
    assert "did not know its place" in second.why
    square = ((-1.0, 1.0), (1.0, 1.0), (1.0, 3.0), (-1.0, 3.0))
    private = Zone("garden", ZoneKind.PRIVACY, square)
    beside, _ = periods.gaps(samples, replace(SITE, zones=(private,)), START_S, end_s)
    assert "privacy zone" in beside.why


@given(
    st.lists(st.tuples(st.integers(-100, 11000), st.integers(0, 400)), max_size=6),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
    st.sampled_from([datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 11, 1)]),  # noqa: DTZ001
)
@settings(max_examples=15)
def test_presence_counts_every_minute_once(
    spans: list[tuple[int, int]], name: str, last: datetime
) -> None:
    zone = ZoneInfo(name)
    start_s, end_s = week_span(last.replace(tzinfo=zone, hour=13))
    minutes = [(start_s + 60 * a, start_s + 60 * (a + n)) for a, n in spans]
    found = presence(minutes, start_s, end_s, name)
    counts: Counter[tuple[int, int]] = Counter()
    first = (last - timedelta(days=6)).date()
    for from_s, to_s in minutes:
        for now_s in np.arange(max(from_s, start_s), min(to_s, end_s), 60.0):
            local = datetime.fromtimestamp(float(now_s), timezone.utc).astimezone(zone)
            counts[(local.date() - first).days, local.hour] += 1
    expected = np.zeros((7, 24))
    for (day, hour), number in counts.items():
        expected[day, hour] = 60.0 * number
    assert np.allclose(found, expected, atol=1e-3)


def test_a_week_with_a_clock_change_has_an_hour_more() -> None:
    start_s, end_s = week_span(datetime(2026, 10, 25, 20, tzinfo=BERLIN))
    assert end_s - start_s == 7 * 86400 + 3600
    whole = presence([(start_s, end_s)], start_s, end_s, "Europe/Berlin")
    assert whole[6, 2] == pytest.approx(7200.0)
    assert whole.sum() == pytest.approx(end_s - start_s)


@given(st.lists(st.integers(-50, 1050), max_size=20))
@settings(max_examples=15)
def test_idleness_is_what_lies_between_visits(stamps: list[int]) -> None:
    found = idleness([float(s) for s in stamps], [], 0.0, 1000.0)
    visits = sorted(s for s in stamps if 0 <= s <= 1000)
    alone = [
        min([v for v in visits if v > now] + [1000]) - max([v for v in visits if v <= now] + [0])
        for now in range(1000)
    ]
    assert found.visits == len(visits)
    assert found.longest_s == max(alone)
    assert found.mean_s == pytest.approx(1000.0 / (len(visits) + 1))
    assert found.on_patrol_s == 0.0
