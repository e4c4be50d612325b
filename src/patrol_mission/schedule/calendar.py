"""What schedules ask for on coming days, for a person: runs, rests, clock changes, conflicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from patrol_core.site.schedules import Schedule
from patrol_mission.schedule.plan import (
    Plan,
    ScheduledRun,
    Wall,
    clock_text,
    instant_s,
    shown,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One run. `start` is local; `expected_s` its length; `rest` why it is blacked out.

    `notes`: what is odd about it, of the clock or of other runs; `in_conflict`: it can not have
    the robot at its time.
    """

    run: ScheduledRun
    schedule: Schedule
    start: datetime
    expected_s: float
    rest: str = ""
    notes: tuple[str, ...] = ()
    in_conflict: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A local date with the runs planned on it; `clock_change` in words, empty on most days."""

    day: date
    clock_change: str
    entries: tuple[Entry, ...]


def make_calendar(
    plan: Plan, lap_s: Mapping[str, float], first: date, days: int
) -> tuple[Day, ...]:
    """The days from `first` on. Lengths of runs are guessed from `lap_s` [s] of each route."""
    dates = [first + timedelta(days=step) for step in range(days)]
    start_s = instant_s(first, 0, plan.zone)
    end_s = instant_s(dates[-1] + timedelta(days=1), 0, plan.zone)
    entries = [_entry(plan, run, lap_s) for run in plan.between(start_s, end_s)]
    entries = _with_conflicts(entries)
    return tuple(
        Day(day, _clock_change(day, plan), tuple(e for e in entries if e.start.date() == day))
        for day in dates
    )


def _entry(plan: Plan, run: ScheduledRun, lap_s: Mapping[str, float]) -> Entry:
    schedule = plan.schedules[run.schedule_id]
    start = datetime.fromtimestamp(run.planned_s, plan.zone)
    rest = plan.blackout(run)
    said = clock_text(run.start_s)
    notes: tuple[str, ...] = ()
    seen = shown(run.day, run.start_s, plan.zone)
    if seen is Wall.NEVER:
        notes = (f"there is no {said}: it starts at {start:%H:%M}",)
    elif seen is Wall.TWICE:
        notes = (f"{said} comes twice: it starts at the first",)
    expected_s = schedule.for_s or schedule.laps * lap_s.get(schedule.route_id, 0.0)
    return Entry(run, schedule, start, expected_s, rest.reason if rest else "", notes)


def _with_conflicts(entries: Sequence[Entry]) -> list[Entry]:
    """Who has the robot, by priority, then by time; the others are in conflict with that run."""
    order = sorted(
        (entry for entry in entries if not entry.rest),
        key=lambda entry: (-entry.schedule.priority, entry.run.planned_s, entry.run.schedule_id),
    )
    granted: list[Entry] = []
    marked: dict[str, Entry] = {}
    for entry in order:
        other = next((one for one in granted if _collide(one, entry)), None)
        if other is None:
            granted.append(entry)
        else:
            marked[entry.run.key] = _marked(entry, f"{_why(other, entry)}: {_then(entry)}")
    return [marked.get(entry.run.key, entry) for entry in entries]


def _collide(one: Entry, other: Entry) -> bool:
    """Whether both cannot have the robot at their times, rest between them included."""
    first, second = sorted((one, other), key=lambda entry: entry.run.planned_s)
    free_s = _end_s(first) + second.schedule.spacing_s
    return first.run.planned_s == second.run.planned_s or second.run.planned_s < free_s


def _why(other: Entry, entry: Entry) -> str:
    """Who keeps a run from the robot at its time."""
    name = f"{other.schedule.schedule_id} ({_span(other)})"
    if _end_s(other) <= entry.run.planned_s:
        return f"{entry.schedule.spacing_s / 60.0:.0f} min of rest after {name}"
    return f"{name} has the robot"


def _end_s(entry: Entry) -> float:
    return entry.run.planned_s + entry.schedule.jitter_s + entry.expected_s


def _span(entry: Entry) -> str:
    end = datetime.fromtimestamp(_end_s(entry), entry.start.tzinfo)
    return f"{entry.start:%H:%M} to {end:%H:%M}"


def _then(entry: Entry) -> str:
    """What becomes of a run that has to wait, by its schedule."""
    patience_s = entry.schedule.patience_s
    if math.isinf(patience_s):
        return "it starts when it can"
    if patience_s > 0.0:
        return f"it starts within {patience_s / 60.0:.0f} min, or is left out"
    return "it is left out"


def _marked(entry: Entry, why: str) -> Entry:
    return Entry(
        entry.run, entry.schedule, entry.start, entry.expected_s, entry.rest,
        (*entry.notes, why), in_conflict=True,
    )  # fmt: skip


def _clock_change(day: date, plan: Plan) -> str:
    """`clocks go forward 1 h at 02:00`."""
    midnight_s = instant_s(day, 0, plan.zone)
    next_s = instant_s(day + timedelta(days=1), 0, plan.zone)
    before, after = (_offset(moment_s, plan) for moment_s in (midnight_s, next_s))
    if before == after:
        return ""
    low_s, high_s = midnight_s, next_s
    while high_s - low_s > 1.0:
        middle_s = (low_s + high_s) / 2.0
        low_s, high_s = (
            (middle_s, high_s) if _offset(middle_s, plan) == before else (low_s, middle_s)
        )
    wall = datetime.fromtimestamp(math.floor(high_s), plan.zone) - (after - before)
    hours = abs((after - before).total_seconds()) / 3600.0
    way = "forward" if after > before else "back"
    return f"clocks go {way} {hours:g} h at {wall:%H:%M}"


def _offset(moment_s: float, plan: Plan) -> timedelta:
    offset = datetime.fromtimestamp(moment_s, plan.zone).utcoffset()
    assert offset is not None
    return offset
