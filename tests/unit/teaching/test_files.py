"""What is taught, in a site's files: from a drive, or from a recorded run."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from tests.unit.teaching.lessons import (
    BLOCKS,
    CORNERS,
    PERIMETER,
    SITE,
    TAKEN,
    Drive,
    along,
    route_of,
)
from typer.testing import CliRunner

from patrol_core.errors import ConfigError
from patrol_core.site import load_site
from patrol_records.entries import RunSample
from patrol_records.store import RecordStore
from ronda_cli.commands.site import app
from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.teaching.edits import additions, used_ids
from ronda_cli.teaching.from_run import lesson_of_run
from ronda_cli.teaching.lesson import Act
from ronda_cli.teaching.taught import identifier, taught_route
from ronda_cli.teaching.view import panel
from ronda_cli.teaching.writing import VERSIONS, checked, differences, write
from ronda_cli.teleop.operator import Operator, TeleopParams


def test_a_taught_route_is_added_and_every_other_byte_stays(drive: Drive, yard: Path) -> None:
    taught = route_of(drive).renamed(["Süd-Ost Ecke", ""], used_ids(yard / "zones.geojson"))
    changed = additions(yard, taught)
    assert sorted(changed) == ["checks.yaml", "site.yaml", "zones.geojson"]
    for name in ("site.yaml", "zones.geojson"):
        old, new = (yard / name).read_text(), changed[name].decode()
        added = len(new) - len(old)
        at = next(i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
        assert new[at + added :] == old[at:], name
    outcome = checked(yard, changed)
    assert outcome.problems == ()
    assert outcome.site is not None
    assert load_site(yard).routes == outcome.site.routes[:1]
    assert outcome.site.route("evening").checkpoint_ids == ("sud_ost_ecke", "evening_2")
    assert outcome.site.checkpoint("sud_ost_ecke").name == "Süd-Ost Ecke"
    assert outcome.site.checkpoint("evening_2").dwell_s == 3.0
    assert "# - id: evening_2_check" in changed["checks.yaml"].decode()
    assert "+  - id: evening\n+    path: evening_path" in differences(yard, changed)


def test_files_are_written_whole_and_the_old_ones_kept(
    drive: Drive, yard: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "yard-evening.jsonl"
    journal.write_bytes(b"{}\n")
    before = (yard / "site.yaml").read_bytes()
    changed = additions(yard, route_of(drive))
    version = write(yard, changed, (journal,))
    assert version == yard / VERSIONS / "1"
    assert (version / "site.yaml").read_bytes() == before
    assert (version / journal.name).is_file()
    assert not journal.exists()
    assert load_site(yard).route("evening").route_id == "evening"
    assert write(yard, changed, (journal,)) == yard / VERSIONS / "2"


@pytest.mark.parametrize(
    "routes",
    [
        f"routes: [{{id: p, {PERIMETER}, checkpoints: []}}]  # all\n",
        BLOCKS,
    ],
)
def test_routes_may_be_written_in_other_ways(drive: Drive, yard: Path, routes: str) -> None:
    file = yard / "site.yaml"
    text = file.read_text()
    begin, end = text.index("routes:"), text.index("docks:")
    schedules, kept = text.index("schedules:"), text.index("retention:")
    file.write_text("# Für alle 🛞\n" + text[:begin] + routes + text[end:schedules] + text[kept:])
    assert checked(yard, {}).problems == ()
    changed = additions(yard, route_of(drive))
    outcome = checked(yard, changed)
    assert outcome.problems == ()
    assert outcome.site is not None
    assert [route.route_id for route in outcome.site.routes] == ["p", "evening"]
    assert changed["site.yaml"].decode().count("\n# ") == file.read_text().count("\n# ")


def test_a_route_through_a_keep_out_is_not_written(yard: Path) -> None:
    drive = Drive()
    drive.go([(0, -3), (3.2, -3), (3.2, 3.4)])
    changed = additions(yard, route_of(drive))
    before = (yard / "zones.geojson").read_bytes()
    problem, *_ = checked(yard, changed).problems
    assert "goes through the keep-out zone 'tree'" in problem.problem
    assert problem.place is not None
    assert problem.place.file == yard / "zones.geojson"
    assert (yard / "zones.geojson").read_bytes() == before


def test_tabs_in_geojson_do_not_shift_what_is_added(drive: Drive, yard: Path) -> None:
    file = yard / "zones.geojson"
    file.write_text(json.dumps(json.loads(file.read_text()), indent="\t"))
    assert checked(yard, additions(yard, route_of(drive))).problems == ()


@given(st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_an_identifier_is_one_or_nothing(name: str) -> None:
    made = identifier(name)
    assert not made or (made[0].isalpha() and made.isascii() and made == made.lower())


# A recorded run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Out of the dock, once round, with a stop of eight seconds on the way."""
    store = RecordStore(tmp_path / "run")
    stamp_s, samples = 1000.0, []
    stops = {60, 61}
    way = [(-2.3, -0.85), (-2.3, -3.4), *CORNERS[1:], (-2.3, -3.4), (-2.3, -0.85)]
    for number, pose in enumerate(along(way, 0.25)):
        for _ in range(9 if number in stops else 1):
            at = (pose.x_m, pose.y_m, pose.yaw_rad)
            samples.append(RunSample(stamp_s, *at, 0.5, 0.9, "passing", 1.0, "", "good", None))
            stamp_s += 0.5
    store.add(samples=samples)
    store.close()
    return tmp_path / "run"


def test_a_recorded_run_teaches_its_track_and_its_stops(run: Path) -> None:
    lesson = lesson_of_run(run, 4.0, SITE.docks)
    (mark,) = lesson.marks
    assert mark.act is Act.CHECKPOINT
    taught = taught_route(lesson, "evening", 0.5, 2.0, docks=SITE.docks, taken=TAKEN)
    assert taught.line_m[0] == taught.line_m[-1]
    empty = run.parent / "empty"
    RecordStore(empty).close()
    with pytest.raises(ConfigError, match="nothing was driven"):
        lesson_of_run(empty, 4.0, SITE.docks)


def test_the_command_shows_then_writes_then_refuses(run: Path, yard: Path) -> None:
    words = ["teach", str(yard), "--route", "evening", "--from", str(run), "--stop", "4"]
    before = {path.name: path.read_bytes() for path in yard.iterdir()}
    shown = CliRunner().invoke(app, [*words, "--dry-run"])
    assert shown.exit_code == 0, shown.output
    assert "+    path: evening_path" in shown.output
    assert {path.name: path.read_bytes() for path in yard.iterdir()} == before
    written = CliRunner().invoke(app, words)
    assert written.exit_code == 0, written.output
    assert "route 'evening', a lap" in written.output
    assert load_site(yard).route("evening").checkpoint_ids == ("evening_1",)
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 1
    assert isinstance(again.exception, ConfigError)
    assert "a route 'evening' already" in again.exception.problem


def test_the_view_says_how_things_are(drive: Drive) -> None:
    drive.mark(Act.AROUND)
    screen = io.StringIO()
    operator = Operator(TeleopParams())
    view = panel("Teaching", drive.lesson, operator, MapSketch(SITE), ["hello"], drive.now_s)
    Console(width=150, file=screen).print(view)
    text = screen.getvalue()
    assert "taken down as you drive" in text
    assert "2 checkpoints, 1 check, driving round a keep-out" in text
    assert "·····" in text
    assert "hello" in text
    drive.now_s += 5.0
    screen = io.StringIO()
    view = panel("Teaching", drive.lesson, operator, MapSketch(SITE), [], drive.now_s)
    Console(width=150, file=screen).print(view)
    assert "no pose comes" in screen.getvalue()
