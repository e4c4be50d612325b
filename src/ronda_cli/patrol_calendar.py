"""The calendar of patrols as text of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from patrol_core.site.schedules import Schedule
from patrol_mission.schedule.calendar import Day, Entry

WIDTH = 80
_CONFLICT, _REST, _CLOCK = "red", "dim", "yellow"


def print_calendar(console: Console, title: str, days: Sequence[Day]) -> None:
    """Days, their runs, and what is odd about them; how many there are at the end."""
    console.print(Text(title, style="bold"))
    console.print()
    table = Table.grid(padding=(0, 2), pad_edge=False)
    for column in ("day", "time", "schedule"):
        table.add_column(column, no_wrap=True)
    table.add_column("what", overflow="fold")
    for day in days:
        _add_day(table, day)
    console.print(table)
    console.print()
    console.print(_count(days))


def length_text(schedule: Schedule) -> str:
    """`2 laps`, or `90 min`."""
    if schedule.laps:
        return "1 lap" if schedule.laps == 1 else f"{schedule.laps} laps"
    return f"{schedule.for_s / 60.0:.0f} min"


def _add_day(table: Table, day: Day) -> None:
    name = f"{day.day:%a %d %b}"
    if day.clock_change:
        table.add_row(name, "", "", Text(day.clock_change, style=_CLOCK))
        name = ""
    for entry in day.entries:
        style = _REST if entry.rest else _CONFLICT if entry.in_conflict else ""
        schedule = Text(entry.schedule.schedule_id, style=style)
        table.add_row(name, Text(_when(entry), style=style), schedule, _what(entry))
        name = ""
    if name:
        table.add_row(name, "", "", Text("-", style=_REST))


def _when(entry: Entry) -> str:
    """`20:00`, or `23:30-23:50` where the start is drawn."""
    if entry.schedule.jitter_s <= 0.0:
        return f"{entry.start:%H:%M}"
    latest_s = entry.run.planned_s + entry.schedule.jitter_s
    latest = datetime.fromtimestamp(latest_s, entry.start.tzinfo)
    return f"{entry.start:%H:%M}-{latest:%H:%M}"


def _what(entry: Entry) -> Text:
    if entry.rest:
        return Text(f"rests: {entry.rest}", style=_REST)
    parts = [entry.schedule.route_id, length_text(entry.schedule)]
    if entry.schedule.laps and entry.expected_s > 0.0:
        parts.append(f"about {max(entry.expected_s / 60.0, 1.0):.0f} min")
    text = Text(", ".join(parts))
    for note in entry.notes:
        is_of_others = entry.in_conflict and note is entry.notes[-1]
        text.append(f"\n{note}", style=_CONFLICT if is_of_others else _CLOCK)
    return text


def _count(days: Sequence[Day]) -> str:
    entries = [entry for day in days for entry in day.entries]
    rests = sum(bool(entry.rest) for entry in entries)
    conflicts = sum(entry.in_conflict for entry in entries)
    runs = len(entries) - rests
    return f"{runs} run{'' if runs == 1 else 's'}, {rests} blacked out, {conflicts} in conflict"
