"""Schedules and blackouts of `site.yaml`: what they mean, and that every mistake is told."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.site.document import Document, read_document
from patrol_core.site.schedules import Blackout, Schedule
from patrol_core.site.yaml_tree import Problems, read_yaml

YARD = Path(__file__).parents[2] / "sites" / "yard" / "site.yaml"
BEFORE = YARD.read_text(encoding="utf-8").partition("schedules:")[0]
AFTER = "\nretention: {incidents_days: 1, photos_days: 1, tracks_days: 1}\n"
NIGHT = "{id: night, route: perimeter, days: daily, start: '22:00', laps: 2}"


def read(folder: Path, text: str) -> tuple[Document, Problems]:
    file, problems = folder / "site.yaml", Problems()
    file.write_text(BEFORE + text + AFTER, encoding="utf-8")
    root = read_yaml(file, "the site", problems)
    return (Document() if root is None else read_document(root)), problems


def test_everything_that_a_schedule_can_say(tmp_path: Path) -> None:
    document, problems = read(
        tmp_path,
        """
schedules:
  - id: night
    route: perimeter
    days: fri-sun
    start: ["23:30", "02:30"]
    for_min: 90
    from: 2026-01-01
    until: 2026-12-31
    priority: 5
    missed: {run_late_min: 30}
    spacing_min: 20
    jitter_min: 10
  - {id: day, route: perimeter, days: [mon], start: "08:00", laps: 1, missed: run_when_possible}
blackouts:
  - {date: 2026-12-24, reason: Christmas Eve}
  - {from: 2026-07-01, until: 2026-07-05, reason: works, schedules: [night]}
""",
    )
    assert problems.found == []
    assert [schedule for schedule, _ in document.schedules] == [
        Schedule(
            "night", "perimeter", (4, 5, 6), (9000, 84600), 0, 5400.0, date(2026, 1, 1),
            date(2026, 12, 31), 5, 1800.0, 1200.0, 600.0,
        ),
        Schedule("day", "perimeter", (0,), (28800,), 1, patience_s=math.inf),
    ]  # fmt: skip
    works = Blackout(date(2026, 7, 1), date(2026, 7, 5), "works", ("night",))
    eve = Blackout(date(2026, 12, 24), date(2026, 12, 24), "Christmas Eve")
    assert [blackout for blackout, _ in document.blackouts] == [eve, works]
    assert eve.holds("day", date(2026, 12, 24)) and not eve.holds("day", date(2026, 12, 25))
    assert works.holds("night", date(2026, 7, 5)) and not works.holds("day", date(2026, 7, 5))


@pytest.mark.parametrize(
    ("old", "new", "problem", "remedy"),
    [
        ("days: daily", "days: weekends", "'weekends'", "mon, tue"),
        ("days: daily", "days: []", "is empty", "add one"),
        ("days: daily", "days: {mon: 1}", "not a list", "[a, b]"),
        ("start: '22:00'", "start: ['22:00', '22:00']", "1 different", "there twice"),
        ("start: '22:00'", "start: []", "is empty", "add one"),
        ("start: '22:00'", "start: ['22:00', noon]", "'noon'", "22:30"),
        ("laps: 2", "laps: 2, for_min: 5", "both", "once"),
        (", laps: 2", "", "neither", "once"),
        ("laps: 2", "for_min: 0.5", "0.5", "minutes"),
        ("laps: 2", "laps: 2, from: 1.5.2026", "'1.5.2026'", "2026-12-24"),
        ("laps: 2", "laps: 2, until: 2026-02-30", "'2026-02-30'", "2026-12-24"),
        ("laps: 2", "laps: 2, from: 2026-05-02, until: 2026-05-01", "before 'from'", "exchange"),
        ("daily", "[mon], from: 2026-05-05, until: 2026-05-10", "none of its days", "correct"),
        ("laps: 2", "laps: 2, missed: skipp", "'skipp'", "did you mean 'skip'"),
        ("laps: 2", "laps: 2, missed: {run_late_min: 0}", "is 0", "minutes"),
        ("laps: 2", "laps: 2, missed: {run_late: 5}", "unknown key", "'run_late_min'"),
        ("laps: 2", "laps: 2, priority: 101", "is 101", "the higher"),
        ("laps: 2", "laps: 2, spacing_min: -1", "is -1", "minutes"),
        ("'22:00'", "['22:00', '22:30'], jitter_min: 30", "next start", "lower jitter_min"),
        ("laps: 2", "laps: 2, jitter: 30", "unknown key", "'jitter_min'"),
    ],
)
def test_a_mistake_in_a_schedule_is_told_with_its_remedy(
    old: str, new: str, problem: str, remedy: str, tmp_path: Path
) -> None:
    _, problems = read(tmp_path, f"schedules:\n  - {NIGHT.replace(old, new)}")
    line = BEFORE.count("\n") + 2
    assert any(
        problem in found.problem and remedy in found.remedy and found.expected
        for found in problems.found
    ), problems.found
    assert {found.place.line for found in problems.found if found.place} == {line}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{date: 2026-01-01}", "'reason' is missing"),
        ("{reason: a}", "'from' is missing"),
        ("{reason: a, date: 2026-01-01, until: 2026-01-02}", "unknown key 'until'"),
        ("{reason: a, from: 2026-01-03, until: 2026-01-02}", "before 'from'"),
        ("{reason: '', date: 2026-01-01}", "is not a text"),
        ("{reason: a, date: 2026-01-01, schedules: [nite]}", "the unknown schedule 'nite'"),
    ],
)
def test_a_mistake_in_a_blackout_is_told(text: str, problem: str, tmp_path: Path) -> None:
    _, problems = read(tmp_path, f"schedules:\n  - {NIGHT}\nblackouts:\n  - {text}")
    assert any(problem in found.problem for found in problems.found), problems.found
    assert all(found.remedy and found.expected for found in problems.found)


WORDS = st.sampled_from(
    ["night", "perimeter", "daily", "mon-fri", "mon", "22:00", "24:00", "skip", "2026-05-05",
     "2026-99-99", "run_when_possible", "", "-1", "3", "1e99", ".nan", "\u00e4\u2028", "null"]
)  # fmt: skip
KEYS = ("id", "route", "days", "start", "laps", "for_min", "from", "until", "priority",
        "missed", "spacing_min", "jitter_min", "date", "reason", "schedules", "run_late_min",
        "x")  # fmt: skip
VALUES = st.recursive(
    WORDS | st.integers(-9, 9999) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=4,
)
MAPPINGS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=9)


@settings(max_examples=20, deadline=None)
@given(
    schedules=st.lists(MAPPINGS, max_size=3) | VALUES,
    blackouts=st.lists(MAPPINGS, max_size=2) | VALUES,
)
def test_whatever_is_written_is_read_or_told(
    schedules: object, blackouts: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = yaml.safe_dump({"schedules": schedules, "blackouts": blackouts})
    document, problems = read(tmp_path_factory.mktemp("site"), text)
    written = len(schedules) if isinstance(schedules, list) else 0
    assert len(document.schedules) <= written
    if len(document.schedules) < written or not isinstance(schedules, list):
        assert problems.found
    assert all(found.place and found.place.line for found in problems.found)
    assert all(found.expected and found.remedy for found in problems.found)
