"""The keys `schedules` and `blackouts` of `site.yaml`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from patrol_core.site.hours import read_clock, read_days
from patrol_core.site.schedules import Blackout, Schedule
from patrol_core.site.yaml_tree import Value, did_you_mean

MAX_STARTS = 96
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_NEEDED = ("id", "route", "days", "start")
_OPTIONAL = ("laps", "for_min", "from", "until", "priority", "missed", "spacing_min", "jitter_min")
_SKIP, _WHENEVER, _LATE = "skip", "run_when_possible", "run_late_min"
_DAY_MIN = 1440.0


def read_schedule(value: Value) -> tuple[Schedule, dict[str, Value]] | None:
    """One schedule and the values that it was read from; None where it is wrong."""
    fields = value.fields(_NEEDED, _OPTIONAL)
    if not fields.keys() >= set(_NEEDED):
        return None
    identifier, route = fields["id"].identifier(), fields["route"].identifier()
    days, starts = read_days(fields["days"]), _starts(fields["start"])
    length = _length(value, fields)
    span = _span(fields, "from", "until")
    patience_s = _patience_s(fields["missed"]) if "missed" in fields else 0.0
    priority = (
        fields["priority"].whole_number(0, 100, "the higher goes first")
        if "priority" in fields
        else 0
    )
    spacing_s, jitter_s = _seconds(fields, "spacing_min"), _seconds(fields, "jitter_min")
    if not (identifier and route and days and starts and length and span):
        return None
    if patience_s is None or priority is None or spacing_s is None or jitter_s is None:
        return None
    schedule = Schedule(
        identifier, route, days, starts, *length, *span, priority, patience_s, spacing_s, jitter_s
    )
    return (schedule, fields) if _makes_sense(schedule, fields) else None


def read_blackout(value: Value) -> tuple[Blackout, dict[str, Value]] | None:
    """One blackout (`date`, or `from` and `until`) and the values that it was read from."""
    needed = ("reason", "date") if value.peek("date") else ("reason", "from", "until")
    fields = value.fields(needed, ("schedules",))
    if not fields.keys() >= set(needed):
        return None
    reason = fields["reason"].text()
    if "date" in fields:
        first = last = read_date(fields["date"])
    else:
        first, last = _span(fields, "from", "until") or (None, None)
    items = fields["schedules"].items() if "schedules" in fields else []
    names = tuple(name for item in items if (name := item.identifier()) is not None)
    if reason is None or first is None or last is None or len(names) < len(items):
        return None
    return Blackout(first, last, reason, names), fields


def check_blackouts(
    blackouts: Sequence[tuple[Blackout, dict[str, Value]]], schedule_ids: Sequence[str]
) -> None:
    """Blackouts name schedules that there are."""
    for _, fields in blackouts:
        for item in fields["schedules"].items() if "schedules" in fields else []:
            name = str(item.node.value)
            if name not in schedule_ids:
                item.wrong(
                    f"a blackout names the unknown schedule '{name}'",
                    f"one of {', '.join(schedule_ids)}" if schedule_ids else "a schedule",
                    did_you_mean(name, schedule_ids, "remove it from the blackout"),
                )


def read_date(value: Value) -> date | None:
    """`YYYY-MM-DD`."""
    text = value.text()
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        value.wrong(
            f"{value.name} is '{text}'",
            f"a date YYYY-MM-DD of the years {_FIRST_YEAR} to {_LAST_YEAR}",
            "write e.g. 2026-12-24",
        )
        return None
    return day


def _starts(value: Value) -> tuple[int, ...]:
    """One time of day or a list of them; empty where any is wrong."""
    items = [value] if value.is_scalar else value.items(may_be_empty=False)
    starts = [start for item in items if (start := read_clock(item)) is not None]
    if len(starts) < len(items):
        return ()
    if len(starts) > MAX_STARTS or len(set(starts)) < len(starts):
        value.wrong(
            f"{value.name} has {len(starts)} times, {len(set(starts))} different ones",
            f"at most {MAX_STARTS} times of day, each once",
            "remove what is there twice, or make two schedules of it",
        )
        return ()
    return tuple(sorted(starts))


def _length(value: Value, fields: dict[str, Value]) -> tuple[int, float] | None:
    """Laps and seconds: one of them counts, the other is 0."""
    if ("laps" in fields) == ("for_min" in fields):
        which = "both 'laps' and 'for_min'" if "laps" in fields else "neither 'laps' nor 'for_min'"
        value.wrong(f"{value.name} has {which}", "one of the two", "say how long a run is, once")
        return None
    if "laps" in fields:
        laps = fields["laps"].whole_number(1, 100, "laps")
        return None if laps is None else (laps, 0.0)
    minutes = fields["for_min"].number(1, _DAY_MIN, "minutes")
    return None if minutes is None else (0, minutes * 60.0)


def _span(
    fields: dict[str, Value], first_key: str, last_key: str
) -> tuple[date | None, date | None] | None:
    """First and last day, where given; None where they are wrong."""
    days = {key: read_date(fields[key]) for key in (first_key, last_key) if key in fields}
    if None in days.values():
        return None
    first, last = days.get(first_key), days.get(last_key)
    if first is not None and last is not None and last < first:
        fields[last_key].wrong(
            f"{fields[last_key].name} is {last}, before '{first_key}', {first}",
            f"{first} or later",
            "exchange the two, or correct the year",
        )
        return None
    return first, last


def _patience_s(value: Value) -> float | None:
    """What happens to a run that could not start in time, as seconds of patience."""
    if value.is_scalar:
        word = value.one_of((_SKIP, _WHENEVER))
        return {None: None, _SKIP: 0.0, _WHENEVER: math.inf}[word]
    fields = value.fields((_LATE,))
    minutes = fields[_LATE].number(1, _DAY_MIN, "minutes") if _LATE in fields else None
    return None if minutes is None else minutes * 60.0


def _seconds(fields: dict[str, Value], key: str) -> float | None:
    if key not in fields:
        return 0.0
    minutes = fields[key].number(0, _DAY_MIN, "minutes")
    return None if minutes is None else minutes * 60.0


def _makes_sense(schedule: Schedule, fields: dict[str, Value]) -> bool:
    """It has a day to run on, and one run's jitter ends before its next start."""
    first, last = schedule.first_day, schedule.last_day
    if first is not None and last is not None:
        week = (first + timedelta(days=step) for step in range(7))
        if not any(schedule.is_on(day) for day in week):
            fields["days"].wrong(
                f"schedule '{schedule.schedule_id}' has none of its days from {first} to {last}",
                "a day of the week that lies between 'from' and 'until'",
                "correct days or dates, or remove the schedule",
            )
            return False
    starts = schedule.starts_s
    gaps = [later - start for start, later in pairwise(starts)]
    if gaps and schedule.jitter_s >= min(gaps):
        fields["jitter_min"].wrong(
            f"{fields['jitter_min'].name} reaches into the schedule's next start",
            f"fewer than {min(gaps) // 60} minutes",
            "lower jitter_min, or remove a start",
        )
        return False
    return True
