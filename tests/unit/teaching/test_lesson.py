"""What a drive teaches: track, marks, journal."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon
from tests.unit.teaching.lessons import (
    CORNERS,
    GOOD,
    LOST,
    SITE,
    Drive,
    route_of,
)

from patrol_core.errors import ConfigError, RondaError
from patrol_core.geometry import Pose2
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from ronda_cli.teaching.journal import Journal, read_journal
from ronda_cli.teaching.lesson import Act, Entry, Lesson
from ronda_cli.teaching.taught import taught_route
from ronda_cli.teaching.track import around, driven_line, went_round

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
