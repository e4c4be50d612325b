"""A week: accounts of scheduled runs, nights, coverage and heat; and its page."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report_records import SITE, START_S
from tests.unit.report.conftest import HOSTILE
from tests.unit.report.test_patrol_form import Elements

from patrol_core.types.maps import OccupancyGrid
from patrol_mission.report.accounts import EARLY_S, LATE_S, PlannedRun, Told, account
from patrol_mission.report.coverage import Reach
from patrol_mission.report.presence import week_span
from patrol_mission.report.summary import PatrolSummary
from patrol_mission.report.week import (
    WEEK_FORM,
    WEEK_VERSION,
    Views,
    WeekOfRun,
    night_of,
    unpacked,
    week_form,
)
from patrol_mission.report.week_page import render_week

Patrols = tuple[PatrolSummary, PatrolSummary]
SPAN_S = week_span(datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin")))
VIEWS = Views(Reach(12.0), Reach(4.0, 1.5))
PLANNED = (
    PlannedRun("", "nightly", "perimeter", START_S - 60.0),
    PlannedRun("second", "late", "perimeter", START_S + 9000.0),
    PlannedRun("c", "holiday", "perimeter", START_S + 30000.0),
    PlannedRun("d", "nightly", "perimeter", START_S + 40000.0),
    PlannedRun("e", "nightly", "perimeter", START_S + 60000.0),
    PlannedRun("f", "nightly", "perimeter", START_S + 61000.0, "inventory"),
)
TOLD = (Told("c", "blackout", "All Saints"), Told("d", "held", "no battery"))


def make(patrols: Patrols, grid: OccupancyGrid, told: tuple[Told, ...] = TOLD) -> dict[str, Any]:
    runs = [WeekOfRun("yard-1", patrols, told)]
    return week_form(runs, SITE, grid, VIEWS, SPAN_S, PLANNED, START_S + 50000.0)


@pytest.fixture(scope="module")
def form(patrols: Patrols, grid: OccupancyGrid) -> dict[str, Any]:
    return make(patrols, grid)


def test_the_form_is_json_with_a_version(form: dict[str, Any]) -> None:
    assert json.loads(json.dumps(form, allow_nan=False)) == form
    assert (form["format"], form["version"]) == (WEEK_FORM, WEEK_VERSION)


def test_every_planned_run_is_accounted_for(form: dict[str, Any]) -> None:
    assert [(row["state"], row["patrol_id"]) for row in form["scheduled"]] == [
        ("ended early", "first"), ("running or cut off", "second"), ("blackout", None),
        ("missed", None), ("to come", None), ("blackout", None),
    ]  # fmt: skip
    assert form["scheduled"][2]["why"] == "All Saints"


def test_golden_nights(form: dict[str, Any]) -> None:
    (night,) = form["nights"]
    assert (night["date"], night["patrols"], night["incidents"]) == ("2026-10-24", 2, 3)
    assert (night["false_alarms"], night["undecided"]) == (1, 2)
    assert night["lap_median_s"] == 55.0
    assert night["battery_used_fraction"] == pytest.approx(0.05)
    assert form["presence_s"][5][21] == 240.0
    assert form["presence_s"][6][1] == 0.0, "nothing before two"
    assert form["presence_s"][6][2] == pytest.approx(99.5), "in the first of the two hours of two"
    gate = next(c for c in form["checkpoints"] if c["checkpoint_id"] == "gate")
    assert (gate["visits"], gate["on_patrol_s"]) == (2, 210.0)


def test_coverage_and_heat(form: dict[str, Any], grid: OccupancyGrid) -> None:
    coverage = form["coverage"]
    lidar = unpacked(coverage["grid"], coverage["lidar"]["times"])
    camera = unpacked(coverage["grid"], coverage["camera"]["times"])
    assert lidar.max() == 1, "of the second patrol no place is known"
    assert (camera <= lidar).all() and 0 < camera.sum() < lidar.sum()
    assert 0.0 < coverage["camera"]["share_seen"] < coverage["lidar"]["share_seen"] <= 1.0
    heat = unpacked(form["heat"]["grid"], form["heat"]["warmth"])
    cell_m = form["heat"]["grid"]["cell_m"]
    row, column = (int(i) for i in divmod(int(heat.argmax()), heat.shape[1]))
    x_m = form["heat"]["grid"]["x_m"] + (column + 0.5) * cell_m
    y_m = form["heat"]["grid"]["y_m"] + (row + 0.5) * cell_m
    assert abs(x_m - 1.0) <= cell_m and abs(y_m - 2.0) <= cell_m and heat.max() == 255


def test_a_night_lasts_until_noon() -> None:
    assert night_of(START_S, "Europe/Berlin") == "2026-10-24"
    assert night_of(START_S + 14 * 3600.0, "Europe/Berlin") == "2026-10-24"
    assert night_of(START_S + 17 * 3600.0, "Europe/Berlin") == "2026-10-25"


@given(
    st.lists(st.integers(-200, 400), max_size=6, unique=True),
    st.lists(st.integers(-200, 400), max_size=6, unique=True),
)
@settings(max_examples=25)
def test_each_run_has_one_line_and_each_patrol_answers_once(
    patrols: Patrols, planned: list[int], started: list[int]
) -> None:
    runs = [PlannedRun(f"r{m}", "s", "perimeter", 60.0 * m) for m in planned]
    driven = [
        dataclasses.replace(patrols[0], patrol_id=f"p{m}", start_s=60.0 * m) for m in started
    ]
    rows = account(runs, driven, (), 1e9)
    assert sorted(row["planned_s"] for row in rows) == sorted(run.planned_s for run in runs)
    used = [row["patrol_id"] for row in rows if row["patrol_id"]]
    assert len(used) == len(set(used))
    free = {p.patrol_id: p.start_s for p in driven if p.patrol_id not in used}
    for row in rows:
        if row["patrol_id"] is None:
            near = [-EARLY_S <= s - row["planned_s"] <= LATE_S for s in free.values()]
            assert row["state"] == "missed" and not any(near)


def test_the_page(form: dict[str, Any], grid: OccupancyGrid) -> None:
    page = Elements(render_week(form, grid))
    for words in ("0 of 3 scheduled", "All Saints", "Sat 24 Oct", "Unknown object", "to come"):
        assert words in page.text, words
    assert all(link.startswith("data:image/") for link in page.links)
    assert "script" not in page.tags


def test_an_empty_week_has_a_page(grid: OccupancyGrid) -> None:
    form = week_form([], SITE, grid, VIEWS, SPAN_S, (), START_S)
    assert json.loads(json.dumps(form, allow_nan=False)) == form
    assert "No patrol began in this week." in Elements(render_week(form, grid)).text


def test_hostile_text_stays_text(hostile_patrols: Patrols, grid: OccupancyGrid) -> None:
    form = make(hostile_patrols, grid, (Told("d", "missed", HOSTILE),))
    form["site"]["name"] = form["checkpoints"][0]["name"] = HOSTILE
    page = render_week(form, grid)
    read = Elements(page)
    assert "script" not in read.tags and "onerror=alert(2)>" not in page
    assert HOSTILE in read.text
