"""Hours and days as people write them: `mon-fri 06:00-20:00`, `sat,sun 22:00-06:00`, `daily`."""

from __future__ import annotations

import re

from patrol_core.site.model import Hours
from patrol_core.site.yaml_tree import Value

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_EXPECTED = "days and a span of hours, e.g. 'mon-fri 06:00-20:00'"
HOURS_REMEDY = f"days are {', '.join(DAYS)} or 'daily'; hours HH:MM-HH:MM"
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\Z")


def read_hours(value: Value) -> tuple[Hours, ...]:
    """A list of spans; wrong ones are recorded and left out."""
    spans = [_span(item) for item in value.items()]
    return tuple(span for span in spans if span is not None)


def read_days(value: Value) -> tuple[int, ...]:
    """Weekdays as numbers, 0 Monday: a list of names, or words as in hours (`mon-fri`, `daily`).

    Empty where they are wrong.
    """
    if value.is_scalar:
        text = value.text() or ""
        days = _weekdays(text)
        if text and not days:
            value.wrong(
                f"{value.name} is '{text}'",
                "days, e.g. 'mon-fri' or 'daily'",
                f"days are {', '.join(DAYS)} or 'daily'",
            )
        return days
    names = [item.one_of(DAYS) for item in value.items(may_be_empty=False)]
    return tuple(sorted({DAYS.index(name) for name in names if name is not None}))


def read_clock(value: Value) -> int | None:
    """`HH:MM` as seconds after midnight."""
    text = value.text()
    seconds = None if text is None else _seconds(text)
    if text is not None and (seconds is None or seconds >= 86400):
        value.wrong(f"{value.name} is '{text}'", "HH:MM, 00:00 to 23:59", 'write e.g. "22:30"')
        return None
    return seconds


def _span(value: Value) -> Hours | None:
    text = value.text()
    if text is None:
        return None
    hours = hours_of(text)
    if hours is None:
        value.wrong(f"{value.name} is '{text}'", HOURS_EXPECTED, HOURS_REMEDY)
    return hours


def hours_of(text: str) -> Hours | None:
    """One span as people write it; None where it is none."""
    days_text, _, times_text = text.strip().partition(" ")
    start_text, _, end_text = times_text.strip().partition("-")
    days = _weekdays(days_text)
    start_s, end_s = _seconds(start_text), _seconds(end_text)
    if not days or start_s is None or end_s is None or start_s in (end_s, 86400):
        return None
    return Hours(days, start_s, end_s)


def _weekdays(text: str) -> tuple[int, ...]:
    """Empty if the text names no days."""
    if text == "daily":
        return tuple(range(7))
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            return ()
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if dash else 0
        days.update((start + step) % 7 for step in range(length + 1))
    return tuple(sorted(days))


def _seconds(text: str) -> int | None:
    match = _CLOCK.match(text)
    seconds = int(match[1]) * 3600 + int(match[2]) * 60 if match else 86401
    return seconds if seconds <= 86400 else None
