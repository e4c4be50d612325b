"""Opening hours in words: open or closed now, until when, and all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from patrol_core.site.model import Hours

DAY_S, WEEK_S = 86400, 7 * 86400


class Speaks(Protocol):
    """Says a text of a language by its key."""

    def say(self, key: str, **values: object) -> str: ...


def hours_in_words(hours: Sequence[Hours], local_time: tuple[int, int], language: Speaks) -> str:
    """One or two sentences; `local_time`: weekday (0 Monday) and second of the day."""
    spans = language.say("list_parts").join(_span(span, language) for span in hours)
    return f"{_now(hours, local_time, language)} {language.say('knowledge_hours', hours=spans)}"


def _now(hours: Sequence[Hours], local_time: tuple[int, int], language: Speaks) -> str:
    weekday, second = local_time
    is_open = _open(hours, weekday * DAY_S + second)
    change_s = _next_change(hours, weekday * DAY_S + second)
    if change_s is None:
        return language.say("knowledge_open_always")
    day, values = change_s // DAY_S % 7, {"time": clock(change_s % DAY_S)}
    if is_open and change_s % DAY_S == 0 and (change_s // DAY_S - 1) % 7 == weekday:
        day, values = weekday, {"time": clock(DAY_S)}
    key = "knowledge_open" if is_open else "knowledge_opens"
    if day == weekday and change_s - (weekday * DAY_S + second) < DAY_S:
        return language.say(key, **values)
    key = "knowledge_open_until_day" if is_open else "knowledge_opens_day"
    return language.say(key, day=_day(day, language), **values)


def _open(hours: Sequence[Hours], week_s: int) -> bool:
    weekday, second = week_s // DAY_S % 7, week_s % DAY_S
    return any(span.contain(weekday, second) for span in hours)


def _next_change(hours: Sequence[Hours], week_s: int) -> int | None:
    """When it opens or closes next, in seconds after the beginning of this week; None: never."""
    edges = {
        weekday * DAY_S + edge_s + week * WEEK_S + late_s
        for span in hours
        for weekday in span.weekdays
        for edge_s, late_s in (
            (span.start_s, 0),
            (span.end_s, DAY_S if span.end_s < span.start_s else 0),
        )
        for week in (-1, 0, 1)
    }
    is_open = _open(hours, week_s)
    return next(
        (edge for edge in sorted(edges) if edge > week_s and _open(hours, edge) != is_open), None
    )


def _span(span: Hours, language: Speaks) -> str:
    """Days that follow each other as a range, others one by one."""
    times = {"start": clock(span.start_s), "end": clock(span.end_s)}
    days = sorted(span.weekdays)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        first, last = _day(days[0], language), _day(days[-1], language)
        return language.say("knowledge_span_days", first=first, last=last, **times)
    named = language.say("list_and").join(_day(day, language) for day in days)
    return language.say("knowledge_span_day", day=named, **times)


def _day(weekday: int, language: Speaks) -> str:
    return language.say(f"knowledge_day_{weekday}")


def clock(second_of_day: int) -> str:
    """24-hour time, as all languages of the robot write it."""
    return f"{second_of_day // 3600:02d}:{second_of_day // 60 % 60:02d}"
