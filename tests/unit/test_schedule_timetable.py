"""Which run starts when, and that each is accounted for exactly once."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.site.schedules import Blackout, Schedule
from patrol_mission.schedule.accounts import Account, Ending, Memory
from patrol_mission.schedule.errors import ScheduleMemoryError
from patrol_mission.schedule.memory_file import memory_path, read_memory, write_memory
from patrol_mission.schedule.plan import Plan, ScheduledRun
from patrol_mission.schedule.timetable import DAY_S, KEPT_S, UNSEEN, Timetable

DAYS = tuple(range(7))
T0 = datetime(2026, 5, 5, 12, 0, tzinfo=timezone.utc).timestamp()
"""A Tuesday, two in the afternoon in Berlin."""
HOUR_S = 3600.0


def at_s(hour: float) -> float:
    """The Unix time of an hour of T0's day in Berlin."""
    return T0 + (hour - 14.0) * HOUR_S


def schedule(name: str, *hours: float, **more: object) -> Schedule:
    starts = tuple(int(hour * 3600) for hour in hours)
    return replace(Schedule(name, "lap", DAYS, starts, 1), **more)  # type: ignore[arg-type]


def table_of(
    *schedules: Schedule, rests: Sequence[Blackout] = (), memory: Memory | None = None
) -> Timetable:
    plan = Plan(schedules, rests, "Europe/Berlin", 3)
    begun = memory or Memory(3, at_s(14), at_s(14) - KEPT_S)
    return Timetable(plan, begun, {"lap": 1800.0}, 300.0)


def step(table: Timetable, now_s: float, obstacle: str = "") -> ScheduledRun | None:
    """A look half a second after the moment."""
    assert table.doubt(now_s) == ""
    table.advance(now_s + 0.5)
    return table.choose(now_s + 0.5, obstacle)


def accounts(table: Timetable) -> dict[str, tuple[Ending, str]]:
    return {a.run.key: (a.ending, a.why) for a in table.memory.accounts}


def done(table: Timetable, run: ScheduledRun | None, start_s: float, end_s: float) -> None:
    assert run is not None
    table.begun(run, start_s)
    table.ended(Ending.DONE, "1 lap done", end_s)


def test_a_run_starts_in_its_second_and_ends_done() -> None:
    table = table_of(schedule("evening", 20))
    assert step(table, at_s(20) - 1.0) is None
    done(table, step(table, at_s(20)), at_s(20), at_s(20.5))
    assert accounts(table) == {"evening 2026-05-05 20:00": (Ending.DONE, "1 lap done")}
    assert step(table, at_s(21)) is None and table.memory.waiting == ()


def test_runs_of_before_the_first_look_are_nobodys() -> None:
    table = table_of(schedule("noon", 12, 20))
    assert step(table, at_s(15)) is None
    assert accounts(table) == {}


@pytest.mark.parametrize(
    ("patience_s", "at_hour", "ending"),
    [
        (0.0, 20.05, None), (0.0, 20.1, Ending.MISSED), (HOUR_S, 20.9, None),
        (HOUR_S, 21.01, Ending.MISSED), (math.inf, 43.0, None), (math.inf, 44.0, Ending.REPLACED),
    ],
)  # fmt: skip
def test_what_a_run_that_is_held_up_may_still_do(
    patience_s: float, at_hour: float, ending: Ending | None
) -> None:
    table = table_of(schedule("evening", 20, patience_s=patience_s))
    low = "battery at 20 %"
    assert step(table, at_s(20), low) is None
    chosen = step(table, at_s(at_hour))
    (entry,) = accounts(table).values() or [(None, "")]
    assert entry[0] is ending
    if ending is None:
        assert chosen is not None and chosen.key == "evening 2026-05-05 20:00"
    else:
        assert low in entry[1]


def test_a_robot_that_was_off_says_so_and_runs_the_newest() -> None:
    table = table_of(schedule("evening", 20), schedule("whenever", 19, patience_s=math.inf))
    run = step(table, at_s(14 + 72))
    assert run is not None and run.key == "whenever 2026-05-07 19:00"
    found = accounts(table)
    assert found["evening 2026-05-06 20:00"] == (Ending.MISSED, UNSEEN)
    assert found["whenever 2026-05-06 19:00"][0] is Ending.REPLACED
    assert len(found) == 5


def test_a_long_time_off_is_taken_in_week_by_week_before_anything_starts() -> None:
    table = table_of(schedule("whenever", 20, patience_s=math.inf))
    now_s = at_s(14) + 30 * DAY_S
    looks = 0
    while step(table, now_s) is None:
        looks += 1
    assert looks == 4
    assert len(accounts(table)) == 29


def test_blackouts_are_told_with_their_reason() -> None:
    rest = Blackout(date(2026, 5, 5), date(2026, 5, 5), "fair")
    table = table_of(schedule("evening", 20), rests=[rest])
    assert step(table, at_s(20)) is None
    assert accounts(table) == {"evening 2026-05-05 20:00": (Ending.BLACKOUT, "fair")}


def test_of_two_at_once_the_more_important_goes_and_the_other_is_replaced() -> None:
    table = table_of(schedule("a", 20), schedule("b", 20, priority=1))
    run = step(table, at_s(20))
    assert run is not None and run.schedule_id == "b"
    table.begun(run, at_s(20))
    assert step(table, at_s(20.2)) is None
    assert accounts(table)["a 2026-05-05 20:00"] == (
        Ending.REPLACED, "b 2026-05-05 20:00 had the robot",
    )  # fmt: skip


def test_a_patient_run_follows_when_the_other_has_ended() -> None:
    table = table_of(schedule("a", 20, patience_s=2 * HOUR_S), schedule("b", 20, priority=1))
    done(table, step(table, at_s(20)), at_s(20), at_s(20.7))
    run = step(table, at_s(20.7))
    assert run is not None and run.schedule_id == "a"


def test_a_run_that_would_be_in_the_way_of_a_more_important_one_does_not_start() -> None:
    late = schedule("late", 21.75, patience_s=3 * HOUR_S)
    table = table_of(late, schedule("night", 22, priority=1))
    assert step(table, at_s(21.75)) is None
    assert "night 2026-05-05 22:00 is more important" in table.held_up(at_s(21.75))[0][1]
    done(table, step(table, at_s(22)), at_s(22), at_s(22.5))
    run = step(table, at_s(22.5))
    assert run is not None and run.schedule_id == "late"
    equal = table_of(late, schedule("night", 22))
    assert step(equal, at_s(21.75)) is not None


def test_how_long_runs_take_is_learnt() -> None:
    plan = schedule("evening", 15, 17, 19)
    table = table_of(plan)
    assert table.expected_s(plan) == 1800.0
    done(table, step(table, at_s(15)), at_s(15), at_s(15.25))
    assert table.expected_s(plan) == 900.0
    assert table.expected_s(schedule("other", 1, laps=0, for_s=600.0)) == 600.0


def test_rest_after_the_run_before() -> None:
    second = schedule("b", 20.5, spacing_s=HOUR_S, patience_s=2 * HOUR_S)
    table = table_of(schedule("a", 20), second)
    done(table, step(table, at_s(20)), at_s(20), at_s(20.4))
    assert step(table, at_s(21.3)) is None
    assert table.held_up(at_s(21.3))[0][1] == "60 min of rest after the run before"
    assert step(table, at_s(21.41)) is not None


def test_a_refused_run_lets_others_pass_and_is_tried_again() -> None:
    table = table_of(schedule("a", 20, priority=1, patience_s=HOUR_S), schedule("b", 20))
    first = step(table, at_s(20))
    assert first is not None and first.schedule_id == "a"
    table.refused(first, "no lap", at_s(20))
    other = step(table, at_s(20) + 1.0)
    assert other is not None and other.schedule_id == "b"
    again = step(table, at_s(20) + 61.0)
    assert again is not None and again.schedule_id == "a"


def test_a_schedule_that_the_site_has_no_more() -> None:
    before = table_of(schedule("a", 20, patience_s=math.inf), schedule("b", 20.5, priority=2))
    step(before, at_s(20), "held")
    step(before, at_s(20.5), "held")
    moved = table_of(schedule("b", 21, priority=2), memory=before.memory)
    assert step(moved, at_s(20.5) + 1.0) is None
    gone = "the site asks for it no more"
    assert accounts(moved) == {
        "a 2026-05-05 20:00": (Ending.MISSED, gone), "b 2026-05-05 20:30": (Ending.MISSED, gone),
    }  # fmt: skip


def test_a_clock_that_was_ahead_opens_again_what_it_had_missed_and_repeats_nothing() -> None:
    table = table_of(schedule("round", 16, 20))
    done(table, step(table, at_s(16)), at_s(16), at_s(16.5))
    ahead_s = at_s(17) + 30 * DAY_S
    for _ in range(6):
        step(table, ahead_s)
    assert accounts(table)["round 2026-05-05 20:00"][0] is Ending.MISSED
    assert step(table, at_s(17)) is None
    assert step(table, at_s(15)) is None and step(table, at_s(16)) is None
    again = step(table, at_s(20))
    assert again is not None and again.key == "round 2026-05-05 20:00"
    assert "round 2026-05-05 20:00" not in accounts(table)
    assert accounts(table)["round 2026-05-05 16:00"][0] is Ending.DONE


def test_a_clock_that_cannot_be_right_is_doubted() -> None:
    table = table_of(schedule("evening", 20))
    assert "not been set" in table.doubt(0.0)
    assert "long before" in table.doubt(at_s(14) - KEPT_S - 1.0)
    assert "90 days" in table.doubt(at_s(14) + 91 * DAY_S)
    assert table.doubt(at_s(14) + 89 * DAY_S) == ""


def test_news_is_told_once() -> None:
    table = table_of(schedule("a", 15, 16, 17))
    step(table, at_s(18), "held")
    assert len(table.tell(2)[1]) == 2 and len(table.tell(2)[1]) == 1
    run = step(table, at_s(39))
    assert run is not None
    table.begun(run, at_s(39))
    assert table.tell(2)[0] is not None and table.tell(2) == (None, [])


def drawn_schedules(rng: np.random.Generator) -> list[Schedule]:
    return [
        schedule(
            f"s{index}", *sorted(rng.choice(96, int(rng.integers(1, 4)), replace=False) / 4.0),
            priority=int(rng.integers(0, 3)), spacing_s=float(rng.choice([0.0, 1800.0])),
            patience_s=float(rng.choice([0.0, HOUR_S, math.inf])),
            jitter_s=float(rng.choice([0.0, 600.0])),
        )
        for index in range(int(rng.integers(1, 4)))
    ]  # fmt: skip


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_schedules_outages_restarts_and_clocks_account_for_each_run_once(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Three days with looks up to three hours apart. At any moment the process may be killed, and
    what it had not written down is lost; now and then the clock is a day ahead for one look."""
    rng = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("schedule") / "yard.json"
    schedules = drawn_schedules(rng)
    rests = [Blackout(date(2026, 5, 6), date(2026, 5, 6), "fair", ("s0",))]
    table = table_of(*schedules, rests=rests)
    kept, now_s, started = table.memory, at_s(14), Counter[str]()
    while now_s < at_s(14 + 72):
        now_s += float(rng.choice([1.0, 1800.0, 3 * HOUR_S]))
        shown_s = now_s + (DAY_S if rng.random() < 0.05 else 0.0)
        chosen = step(table, shown_s, "held" if rng.random() < 0.3 else "")
        if table.memory.under_way is not None and rng.random() < 0.5:
            table.ended(Ending.DONE if rng.random() < 0.7 else Ending.ENDED_EARLY, "", shown_s)
        elif chosen is not None:
            table.begun(chosen, shown_s)
            started[chosen.key] += 1
        if chosen is not None or rng.random() < 0.8:
            kept = table.memory
        if rng.random() < 0.15:
            write_memory(path, kept)
            table = table_of(*schedules, rests=rests, memory=read_memory(path))
    now_s += 2 * DAY_S
    if table.memory.under_way is not None:
        table.ended(Ending.DONE, "", now_s)
    step(table, now_s, "held")

    memory = table.memory
    found = Counter(run.key for run in (*(a.run for a in memory.accounts), *memory.waiting))
    assert found == Counter(run.key for run in table.plan.between(at_s(14), now_s))
    assert all(count == 1 for count in started.values())
    assert {a.run.key for a in memory.accounts if a.started_s is not None} == set(started)


def remembered() -> Memory:
    table = table_of(schedule("a", 15, 16, 17, 18, patience_s=math.inf))
    done(table, step(table, at_s(15)), at_s(15), at_s(15.2))
    step(table, at_s(16))
    step(table, at_s(17))
    run = step(table, at_s(17))
    assert run is not None
    table.begun(run, at_s(17))
    step(table, at_s(18))
    return table.memory


def test_the_file_keeps_everything(tmp_path: Path) -> None:
    path = memory_path(tmp_path / "new", Path("sites/yard"))
    assert path == tmp_path / "new" / "yard.json" and read_memory(path) is None
    memory = remembered()
    assert memory.waiting and memory.under_way and len(memory.accounts) == 2
    write_memory(path, memory)
    assert read_memory(path) == memory


def test_a_file_with_a_run_twice_is_damaged(tmp_path: Path) -> None:
    memory = remembered()
    twice = Account(memory.waiting[0], Ending.MISSED, "", None, at_s(18))
    write_memory(tmp_path / "a.json", replace(memory, accounts=(*memory.accounts, twice)))
    with pytest.raises(ScheduleMemoryError, match=r"a run is in it twice.*begin anew"):
        read_memory(tmp_path / "a.json")


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_told_and_never_worse(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("schedule") / "a.json"
    write_memory(path, remembered())
    document = json.loads(path.read_text())
    odd: st.SearchStrategy[object] = st.sampled_from(
        [None, True, -1, 10**400, 1e300, "", "2026-13-01", [], {}, "\ud800"]
    )
    places = [document, document["waiting"][0], document["under_way"], document["accounts"][0],
              document["accounts"][0]["run"]]  # fmt: skip
    place = data.draw(st.sampled_from(places))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(odd)
    text = json.dumps(document)
    cut = data.draw(st.integers(0, len(text)))
    path.write_text(data.draw(st.sampled_from([text, text[:cut], text[cut:]])))
    with suppress(ScheduleMemoryError):
        assert isinstance(read_memory(path), Memory)
