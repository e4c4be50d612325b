"""What a drive teaches: track, marks, journal, and the changes to a site's files."""

from __future__ import annotations

import io
import json
import math
import shutil
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from shapely.geometry import LineString, Point, Polygon
from typer.testing import CliRunner

from patrol_core.errors import ConfigError, RondaError
from patrol_core.geometry import Pose2
from patrol_core.site import load_site
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_records.entries import RunSample
from patrol_records.store import RecordStore
from ronda_cli.commands.site import app
from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.teaching.edits import additions, used_ids
from ronda_cli.teaching.from_run import lesson_of_run
from ronda_cli.teaching.journal import Journal, read_journal
from ronda_cli.teaching.lesson import Act, Entry, Lesson
from ronda_cli.teaching.taught import TaughtRoute, identifier, taught_route
from ronda_cli.teaching.track import around, driven_line, went_round
from ronda_cli.teaching.view import panel
from ronda_cli.teaching.writing import VERSIONS, checked, differences, write
from ronda_cli.teleop.operator import Operator, TeleopParams

YARD = Path(__file__).parents[2] / "sites" / "yard"
PERIMETER = "offset_m: 0.9, corner_radius_m: 1, direction: clockwise, speed_mps: 0.8"
BLOCKS = (
    "routes:\n- id: p\n  "
    + PERIMETER.replace(", ", "\n  ")
    + """
  checkpoints:
  - gate  # first
  # 🛞 no others yet
"""
)
SITE = load_site(YARD)
TAKEN = used_ids(YARD / "zones.geojson")
CORNERS = [(-1.0, -3.4), (5.5, -3.4), (5.5, 3.4), (-5.0, 3.4), (-5.0, -3.4), (-1.2, -3.4)]
GOOD = LocalizationStatus(0.0, LocalizationLevel.GOOD, "", 0.02, 0.01, 0.9)
LOST = LocalizationStatus(0.0, LocalizationLevel.LOST, "nothing fits", 2.0, 1.0, 0.1)


def along(corners: Iterable[tuple[float, float]], step_m: float = 0.04) -> list[Pose2]:
    """Poses of somebody who drives from corner to corner."""
    line = LineString(list(corners))
    poses = []
    for at in np.arange(0.0, line.length, step_m):
        here, ahead = (line.interpolate(float(place)) for place in (at, at + 0.01))
        poses.append(Pose2(here.x, here.y, math.atan2(ahead.y - here.y, ahead.x - here.x)))
    return poses


class Drive:
    """A lesson, with a clock and whatever it accepted."""

    def __init__(self, lesson: Lesson | None = None) -> None:
        self.lesson = lesson or Lesson()
        self.now_s = 100.0
        self.entries: list[Entry] = []
        self.lesson.hear_quality(GOOD)

    def go(self, corners: Iterable[tuple[float, float]]) -> None:
        for pose in along(corners):
            self.now_s += 0.05
            self._keep(self.lesson.hear_pose(pose, self.now_s))

    def mark(self, act: Act) -> str:
        entry, words = self.lesson.act(act, self.now_s)
        self._keep(entry)
        return words

    def _keep(self, entry: Entry | None) -> None:
        if entry is not None:
            self.entries.append(entry)


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    return Path(shutil.copytree(YARD, tmp_path / "yard"))


@pytest.fixture
def drive() -> Drive:
    """Round the yard, with a checkpoint and a check on the way."""
    made = Drive()
    made.go(CORNERS[:2])
    assert made.mark(Act.CHECKPOINT) == "marked: checkpoint 1"
    made.go(CORNERS[1:4])
    assert made.mark(Act.CHECK) == "marked: checkpoint with a check 1"
    made.go(CORNERS[3:])
    return made


def route_of(drive: Drive) -> TaughtRoute:
    return taught_route(drive.lesson, "evening", 0.5, 2.0, docks=SITE.docks, taken=TAKEN)


# The line


def test_a_lap_is_closed_and_keeps_to_driven_ground(drive: Drive) -> None:
    line = driven_line(drive.lesson.track)
    assert line[0] == line[-1]
    driven = LineString(CORNERS + CORNERS[:1])
    assert LineString(line).hausdorff_distance(driven) < 0.15
    assert 4 < len(line) < 25
    assert max(math.dist(a, b) for a, b in pairwise(line)) <= 10.01


def test_who_drives_on_past_the_start_is_cut_off_there() -> None:
    drive = Drive()
    drive.go([*CORNERS, (2.0, -3.3)])
    line = driven_line(drive.lesson.track)
    assert line[0] == line[-1] == pytest.approx((-1.0, -3.4), abs=0.02)
    assert not LineString(line[:-1]).intersects(Point(2.0, -3.3).buffer(0.05))


def test_a_drive_that_does_not_come_back_stays_open() -> None:
    drive = Drive()
    drive.go(CORNERS[:4])
    line = driven_line(drive.lesson.track)
    assert line[0] == pytest.approx(CORNERS[0], abs=0.02)
    assert line[-1] == pytest.approx(CORNERS[3], abs=0.05)


def test_ends_with_undriven_ground_between_are_not_joined() -> None:
    drive = Drive()
    drive.go([(0, 0), (10, 0), (10, 10), (0, 10), (0, 2.5)])
    line = driven_line(drive.lesson.track)
    assert line[0] != line[-1]


def test_what_lies_at_the_dock_is_left_out() -> None:
    dock = SITE.docks[0]
    drive = Drive()
    drive.go([(-2.3, -0.85), (-2.3, -3.4), *CORNERS[1:5], (-2.3, -3.4), (-2.3, -0.9)])
    line = driven_line(drive.lesson.track, (dock,))
    assert line[0] == line[-1]
    assert max(y for x, y in line if -4.5 < x < 4.5 and y < 0.0) < -3.3
    place = Point(dock.pose.x_m, dock.pose.y_m)
    assert LineString(line).distance(place) > dock.approach_m


@given(st.lists(st.tuples(st.integers(-200, 200), st.integers(-200, 200)), max_size=10))
@settings(max_examples=15, deadline=None)
def test_any_track_gives_a_line_on_driven_ground(twentieths: list[tuple[int, int]]) -> None:
    points = [(x / 20.0, y / 20.0) for x, y in twentieths]
    track = np.array(points, dtype=np.float64).reshape(-1, 2)
    line = driven_line(track)
    if line:
        assert len(line) >= 2
        assert LineString(points).buffer(0.8).covers(LineString(line))
    kept_out = went_round(track) if len(points) > 3 else ()
    assert not kept_out or Polygon(points).covers(Polygon(kept_out))


def test_the_ground_of_a_lap_is_all_that_it_encloses() -> None:
    drive = Drive()
    drive.go(CORNERS)
    ground = Polygon(around(drive.lesson.track, 1.0))
    assert ground.contains(Point(0, 0))
    assert ground.contains(Point(5.5, -4.2))
    assert not ground.contains(Point(5.5, -4.6))


# The lesson


def test_poses_are_taken_only_where_the_robot_knows_its_place() -> None:
    drive = Drive()
    drive.go([(0, 0), (2, 0)])
    length = drive.lesson.length_m
    drive.lesson.hear_quality(LOST)
    drive.go([(2, 0), (4, 0)])
    assert drive.lesson.length_m == length
    assert drive.mark(Act.CHECKPOINT) == "not marked: the pose is lost: nothing fits"
    drive.lesson.hear_quality(GOOD)
    drive.go([(4, 0), (5, 0)])
    assert "from the end of the track: drive back to 1.9, 0.0" in drive.lesson.problem(drive.now_s)
    drive.go([(2.2, 0), (3, 0)])
    assert drive.lesson.problem(drive.now_s) == ""
    assert drive.lesson.length_m == pytest.approx(length + 1.0, abs=0.1)


def test_a_spread_belief_and_a_silent_robot_are_no_places_to_mark() -> None:
    drive = Drive()
    drive.go([(0, 0), (1, 0)])
    drive.now_s += 3.0
    assert "no pose comes" in drive.mark(Act.CHECKPOINT)
    wide = LocalizationStatus(0.0, LocalizationLevel.GOOD, "", 0.6, 0.01, 0.9)
    drive.lesson.hear_quality(wide)
    assert "known to 0.60 m only" in drive.mark(Act.CHECKPOINT)
    assert not drive.lesson.marks


def test_undo_takes_back_the_last_mark_only(drive: Drive) -> None:
    assert drive.mark(Act.UNDO) == "taken back: checkpoint with a check"
    assert [mark.act for mark in drive.lesson.checkpoints] == [Act.CHECKPOINT]
    drive.mark(Act.UNDO)
    assert drive.mark(Act.UNDO) == "nothing is marked: nothing to undo"


def test_what_is_driven_round_is_a_keep_out_and_no_part_of_the_route() -> None:
    drive = Drive()
    drive.go([(0, 0), (4, 0)])
    drive.mark(Act.AROUND)
    drive.go([(4, 0), (4, 3), (7, 3), (7, 0), (6, 0)])
    assert "not round yet: 2.1 m" in drive.mark(Act.AROUND)
    with pytest.raises(RondaError, match="begun and not ended"):
        route_of(drive)
    drive.go([(6, 0), (4.1, 0)])
    assert drive.mark(Act.AROUND) == "marked: keep-out 1"
    drive.go([(4.1, 0), (4.1, -3)])
    ((name, corners),) = route_of(drive).keep_outs
    assert name == "evening_keep_out_1"
    assert Polygon(corners).area == pytest.approx(4.0, abs=0.3)
    assert drive.lesson.length_m == pytest.approx(7.1, abs=0.2)
    assert not LineString(route_of(drive).line_m).intersects(Polygon(corners))


def test_the_route_may_begin_later_than_the_drive() -> None:
    drive = Drive()
    drive.go([(0, 0), (4, 0)])
    drive.mark(Act.BEGIN)
    drive.go([(4, 0), (4, 5)])
    assert drive.lesson.length_m == pytest.approx(5.0, abs=0.1)
    drive.mark(Act.UNDO)
    assert drive.lesson.length_m == pytest.approx(9.0, abs=0.1)


def test_too_little_is_no_route() -> None:
    drive = Drive()
    drive.go([(0, 0), (1, 0)])
    with pytest.raises(RondaError, match=r"only 1\.0 m"):
        taught_route(drive.lesson, "short", 0.5, 2.0)


@given(
    st.lists(
        st.sampled_from(Act) | st.tuples(st.floats(allow_nan=True), st.floats(-2, 2)), max_size=12
    )
)
@settings(max_examples=25, deadline=None)
def test_any_drive_replays_to_the_same_lesson(
    acts: list[Act | tuple[float, float]],
) -> None:
    drive = Drive()
    for act in acts:
        if isinstance(act, Act):
            drive.mark(act) if act is not Act.DRIVE else None
        else:
            drive.go([(0, 0), (max(-3.0, min(act[0], 3.0)), act[1] + 1e-3)])
    again = Lesson()
    again.replay(drive.entries)
    assert np.array_equal(again.track, drive.lesson.track)
    assert again.marks == drive.lesson.marks


# The journal


def test_a_drive_goes_on_after_an_interruption(drive: Drive, tmp_path: Path) -> None:
    path = tmp_path / "runs" / "yard-evening.jsonl"
    first = Journal(path, site="yard")
    for entry in drive.entries[:50]:
        first.add(entry)
    first.close()
    with path.open("ab") as file:
        file.write(b'{"act": "drive", "po')
    second = Journal(path, site="yard")
    for entry in drive.entries[50:]:
        second.add(entry)
    second.close()
    again = Lesson()
    again.replay(read_journal(path, site="yard"))
    assert again.length_m == pytest.approx(drive.lesson.length_m, abs=0.05)
    assert [mark.act for mark in again.marks] == [Act.CHECKPOINT, Act.CHECK]


def test_a_journal_of_another_site_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    Journal(path, site="yard").close()
    with pytest.raises(ConfigError, match="is of the site 'yard'"):
        read_journal(path, site="depot")
    path.write_bytes(b"hello\n")
    with pytest.raises(ConfigError, match="no journal"):
        read_journal(path, site="yard")
    assert read_journal(tmp_path / "none.jsonl", site="yard") == []


@given(st.binary(max_size=60), st.binary(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_bytes_after_the_head_are_read(
    tmp_path_factory: pytest.TempPathFactory, one: bytes, two: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.jsonl"
    good = b'{"act": "checkpoint", "pose": [1, 2, 0.5]}\n'
    path.write_bytes(b'{"version": 1, "site": "yard"}\n' + one + b"\n" + good + two)
    entries = read_journal(path, site="yard")
    assert Entry(Act.CHECKPOINT, Pose2(1.0, 2.0, 0.5)) in entries


# The files


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
