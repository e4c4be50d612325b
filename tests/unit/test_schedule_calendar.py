"""The calendar: clock changes, rests and conflicts are said, in 80 columns and as a picture."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from patrol_core.errors import RondaError
from patrol_core.site.schedules import Blackout, Schedule
from patrol_mission.schedule.calendar import Day, Entry, make_calendar
from patrol_mission.schedule.plan import Plan
from ronda_cli.calendar_picture import draw_calendar
from ronda_cli.commands.patrol import app
from ronda_cli.patrol_calendar import WIDTH, print_calendar

DAYS = tuple(range(7))
NIGHT = Schedule("night", "lap", DAYS, (9000, 84600), 3, priority=5, jitter_s=1200.0)
LATE = Schedule("late", "lap", DAYS, (81000,), 0, for_s=7200.0)
EASTER = Blackout(date(2026, 3, 30), date(2026, 4, 2), "Easter", ("late",))


def days_of(
    *schedules: Schedule, first: date = date(2026, 3, 28), zone: str = "Europe/Berlin"
) -> tuple[Day, ...]:
    return make_calendar(Plan(schedules, (EASTER,), zone, 0), {"lap": 600.0}, first, 4)


def of(days: tuple[Day, ...], name: str) -> list[Entry]:
    return [entry for day in days for entry in day.entries if entry.run.schedule_id == name]


def test_clock_changes_are_said_at_the_day_and_at_the_run() -> None:
    spring = days_of(NIGHT)
    assert [day.clock_change for day in spring] == ["", "clocks go forward 1 h at 02:00", "", ""]
    assert [entry.notes for entry in spring[1].entries] == [
        ("there is no 02:30: it starts at 03:30",), (),
    ]  # fmt: skip
    autumn = days_of(NIGHT, first=date(2026, 10, 24))
    assert autumn[1].clock_change == "clocks go back 1 h at 03:00"
    assert autumn[1].entries[0].notes == ("02:30 comes twice: it starts at the first",)
    assert not any(day.clock_change for day in days_of(NIGHT, zone="Asia/Kolkata"))


def test_rests_have_their_reason_and_conflict_with_nobody() -> None:
    late = of(days_of(NIGHT, LATE), "late")
    assert [entry.rest for entry in late] == ["", "", "Easter", "Easter"]
    assert [entry.in_conflict for entry in late] == [True, True, False, False]
    assert late[0].notes == ("night (23:30 to 00:20) has the robot: it is left out",)


@pytest.mark.parametrize(
    ("patience_s", "said"),
    [(3600.0, "starts within 60 min, or is left out"), (math.inf, "starts when it can")],
)
def test_what_becomes_of_the_less_important_run(patience_s: float, said: str) -> None:
    (first, *_) = of(days_of(NIGHT, replace(LATE, patience_s=patience_s)), "late")
    assert first.notes[-1].endswith(said)


def test_spacing_makes_a_conflict() -> None:
    noon = Schedule("noon", "lap", DAYS, (43200, 46800), 1)
    assert not any(entry.in_conflict for entry in of(days_of(noon), "noon"))
    spaced = of(days_of(replace(noon, spacing_s=3600.0)), "noon")
    assert [entry.in_conflict for entry in spaced] == [False, True] * 4
    assert spaced[1].notes == ("60 min of rest after noon (12:00 to 12:10): it is left out",)


def test_text_keeps_to_its_width_and_names_everything() -> None:
    out = StringIO()
    console = Console(file=out, width=WIDTH)
    print_calendar(console, "Depot", days_of(NIGHT, LATE))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[-1] == "10 runs, 2 blacked out, 2 in conflict"
    text = " ".join(" ".join(lines).split())
    for part in ("Sat 28 Mar", "clocks go forward", "rests: Easter", "about 30 min", "120 min"):
        assert part in text


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    file = tmp_path / "calendar.png"
    draw_calendar("Depot", days_of(NIGHT, LATE), file)
    assert file.read_bytes().startswith(b"\x89PNG")


def test_the_commands_on_shipped_sites() -> None:
    runner = CliRunner()
    shown = runner.invoke(app, ["calendar", "--from", "2026-11-27", "--days", "2"])
    assert shown.exit_code == 0 and "3 runs, 0 blacked out, 0 in conflict" in shown.output
    assert "perimeter: about" in runner.invoke(app, ["list", "--site", "yard"]).output
    wrong = runner.invoke(app, ["calendar", "--from", "tomorrow"])
    assert isinstance(wrong.exception, RondaError) and "YYYY-MM-DD" in str(wrong.exception)
