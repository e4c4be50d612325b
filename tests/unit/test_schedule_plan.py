"""Runs of schedules as instants: every one exactly once, clock changes included."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.site.schedules import Blackout, Schedule
from patrol_mission.schedule.plan import Plan, ScheduledRun, Wall, clock_text, instant_s, shown

BERLIN, NEW_YORK, KOLKATA = "Europe/Berlin", "America/New_York", "Asia/Kolkata"
ALL_DAYS = tuple(range(7))
HALF_PAST_TWO = 2 * 3600 + 1800
DAY_S = 86400.0


def plan_of(*schedules: Schedule, zone: str = BERLIN, seed: int = 7) -> Plan:
    return Plan(schedules, (), zone, seed)


def daily(*starts_s: int, jitter_s: float = 0.0, name: str = "round") -> Schedule:
    return Schedule(name, "perimeter", ALL_DAYS, starts_s, 1, jitter_s=jitter_s)


def midnight_s(day: date, zone: str) -> float:
    return instant_s(day, 0, ZoneInfo(zone))


def local(run: ScheduledRun, zone: str) -> str:
    moment = datetime.fromtimestamp(run.planned_s, ZoneInfo(zone))
    return moment.strftime("%Y-%m-%d %H:%M %z")


@pytest.mark.parametrize(
    ("zone", "skipped", "twice"),
    [
        (BERLIN, ("2026-03-29 03:30 +0200",), ("2026-10-25 02:30 +0200",)),
        (NEW_YORK, ("2026-03-08 03:30 -0400",), ("2026-11-01 01:30 -0400",)),
        (KOLKATA, (), ()),
    ],
)
def test_a_year_has_every_run_once_both_clock_changes_included(
    zone: str, skipped: tuple[str, ...], twice: tuple[str, ...]
) -> None:
    plan = plan_of(daily(3600 + 1800, HALF_PAST_TWO, 23 * 3600), zone=zone)
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    start_s, end_s = midnight_s(first, zone), midnight_s(last + timedelta(days=1), zone)

    runs, now_s = [], start_s
    while now_s < end_s:
        later_s = min(now_s + 31 * 3600.0 + 0.1, end_s)
        runs += plan.between(now_s, later_s)
        now_s = later_s

    days = [first + timedelta(days=step) for step in range(365)]
    wanted = Counter((day, start) for day in days for start in (5400, HALF_PAST_TWO, 82800))
    assert Counter((run.day, run.start_s) for run in runs) == wanted
    assert [run.planned_s for run in runs] == sorted(run.planned_s for run in runs)
    odd = {Wall.NEVER: skipped, Wall.TWICE: twice}
    found: dict[Wall, list[str]] = {Wall.NEVER: [], Wall.TWICE: []}
    for run in runs:
        seen = shown(run.day, run.start_s, plan.zone)
        if seen is Wall.ONCE:
            assert local(run, zone).startswith(f"{run.day} {clock_text(run.start_s)}")
        else:
            found[seen].append(local(run, zone))
    assert {seen: tuple(times) for seen, times in found.items()} == odd


def test_weekdays_dates_and_blackouts() -> None:
    weekdays = Schedule(
        "evening", "perimeter", (0, 4), (72000,), 1,
        first_day=date(2026, 12, 4), last_day=date(2026, 12, 21),
    )  # fmt: skip
    rests = (
        Blackout(date(2026, 12, 11), date(2026, 12, 13), "works", ("evening",)),
        Blackout(date(2026, 12, 14), date(2026, 12, 14), "others", ("night",)),
    )
    plan = Plan([weekdays], rests, BERLIN, 0)
    runs = plan.between(
        midnight_s(date(2026, 11, 1), BERLIN), midnight_s(date(2027, 2, 1), BERLIN)
    )
    assert [run.day.day for run in runs] == [4, 7, 11, 14, 18, 21]
    assert [run.day.day for run in runs if plan.blackout(run)] == [11]
    assert all(plan.has(run) for run in runs)
    assert not plan_of(daily(72060, name="evening")).has(runs[0])
    assert not plan_of().has(runs[0])


def test_a_moment_of_several_schedules_is_sorted_by_priority() -> None:
    low, high = daily(72000, name="a"), Schedule("b", "r", ALL_DAYS, (72000,), 1, priority=3)
    start_s = midnight_s(date(2026, 5, 5), BERLIN)
    assert [r.schedule_id for r in plan_of(low, high).between(start_s, start_s + DAY_S)] == [
        "b", "a",
    ]  # fmt: skip


def test_jitter_is_drawn_for_each_run_from_the_seed() -> None:
    jittery = daily(0, 72000, jitter_s=600.0)
    start_s = midnight_s(date(2026, 5, 5), BERLIN)

    def delays(seed: int, *others: Schedule) -> list[float]:
        runs = plan_of(*others, jittery, seed=seed).between(start_s, start_s + 60 * DAY_S)
        return [run.due_s - run.planned_s for run in runs if run.schedule_id == "round"]

    drawn = delays(1)
    assert drawn == delays(1, daily(3600, name="other")) != delays(2)
    assert all(0.0 <= delay <= 600.0 for delay in drawn)
    assert len(set(drawn)) > 90 and max(drawn) > 550.0 and min(drawn) < 50.0


def test_a_run_keeps_its_names() -> None:
    (run,) = plan_of(daily(HALF_PAST_TWO)).between(
        midnight_s(date(2026, 5, 5), BERLIN), midnight_s(date(2026, 5, 6), BERLIN)
    )
    assert run.key == "round 2026-05-05 02:30"
    assert len(run.patrol_id) == 32 and run.patrol_id == run.patrol_id.lower()
    assert bytes.fromhex(run.patrol_id)


@settings(max_examples=5, deadline=None)
@given(
    zone=st.sampled_from([BERLIN, NEW_YORK, KOLKATA, "Pacific/Apia", "Australia/Lord_Howe"]),
    year=st.sampled_from([2011, 2026]),
    starts=st.sets(st.integers(0, 1439), min_size=1, max_size=2),
    cuts=st.lists(st.floats(0.0, 1.0), max_size=12),
)
def test_any_cutting_of_a_year_gives_every_run_once(
    zone: str, year: int, starts: set[int], cuts: list[float]
) -> None:
    plan = plan_of(daily(*sorted(60 * start for start in starts)), zone=zone)
    start_s, end_s = (midnight_s(date(y, 3, 1), zone) for y in (year, year + 1))
    edges = sorted([start_s, end_s, *(start_s + cut * (end_s - start_s) for cut in cuts)])
    pieces = [plan.between(a, b) for a, b in pairwise(edges)]
    keys = [run.key for piece in pieces for run in piece]
    whole = plan.between(start_s, end_s)
    assert keys == [run.key for run in whole]
    assert len(set(keys)) == len(keys)
    assert abs(len(keys) - 365 * len(starts)) <= len(starts)
