"""Learning reference views, keeping them, and telling changes on the way past."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from tests.unit.perception.change_world import BOX, HEIGHT, WIDTH, Court, frame_at, view_at

from patrol_core.geometry import Pose2
from patrol_core.types.perception import Finding, FindingKind
from patrol_perception.change.params import ChangeParams, ViewsParams
from patrol_perception.change.store import load_views
from patrol_perception.change.views import ReferenceView, ReferenceViews
from patrol_perception.change.watch import ChangeWatch
from patrol_perception.claims import Claim
from patrol_perception.findings import FindingBook
from patrol_perception.outline import Outline
from patrol_perception.params import CameraParams, EvidenceParams
from patrol_perception.view import Box

NOON_S = 1_700_049_600.0
WAY = [Pose2(0.4 * k - 1.0, 0.0) for k in range(6)]


def watch_in(folder: Path, *, learn: bool) -> ChangeWatch:
    return ChangeWatch(ChangeParams(learn=learn), CameraParams(), folder, "UTC", NOON_S)


def book() -> FindingBook:
    return FindingBook(EvidenceParams(), np.random.default_rng(1))


def drive(
    court: Court, folder: Path, *, learn: bool = False, hidden: tuple[Box, ...] = ()
) -> FindingBook:
    watch, found = watch_in(folder, learn=learn), book()
    for stamp, base in enumerate(WAY):
        watch.step(*frame_at(court, base, float(stamp), hidden), found, float(stamp))
    watch.close()
    return found


def test_without_views_it_is_off_until_it_is_told_to_learn(tmp_path: Path) -> None:
    assert not ChangeWatch.is_wanted(ChangeParams(), tmp_path)
    assert ChangeWatch.is_wanted(ChangeParams(learn=True), tmp_path)
    drive(Court(), tmp_path, learn=True)
    assert ChangeWatch.is_wanted(ChangeParams(), tmp_path)


def test_a_thing_seen_along_the_way_is_told_once_with_both_pictures(tmp_path: Path) -> None:
    drive(Court(), tmp_path, learn=True)
    assert drive(Court(), tmp_path).entries == []
    (entry,) = drive(Court(box=BOX), tmp_path).entries
    finding = entry.finding
    assert finding.kind is FindingKind.CHANGE and "that did not" in finding.reason
    assert "15 November 2023 at 12:00" in finding.reason
    now, was = finding.photo, finding.before
    assert now is not None and was is not None and now.data != was.data
    assert was.stamp_s >= 0.0


def test_one_picture_is_not_enough(tmp_path: Path) -> None:
    drive(Court(), tmp_path, learn=True)
    watch, found = watch_in(tmp_path, learn=False), book()
    for stamp in range(5):
        watch.step(*frame_at(Court(box=BOX), WAY[2], float(stamp)), found, float(stamp))
    assert found.entries == []


def test_what_the_lidar_has_found_already_is_not_told_again(tmp_path: Path) -> None:
    drive(Court(), tmp_path, learn=True)
    watch, found = watch_in(tmp_path, learn=False), book()
    outline = Outline(2.8, 0.0, 0.5, 0.4, 0.0)
    found.open(Claim(FindingKind.OBJECT, outline, 1.0, 0.0, "", ()), 0.0)
    for stamp, base in enumerate(WAY):
        watch.step(*frame_at(Court(box=BOX), base, float(stamp)), found, float(stamp))
    assert len(found.entries) == 1


def test_a_finding_of_the_lidar_gets_its_place_as_it_was(tmp_path: Path) -> None:
    drive(Court(), tmp_path, learn=True)
    finding = Finding("l", 1, 0.0, FindingKind.OBJECT, 2.8, 0.0, 0.5, 0.4, 1.0, 0.0, "", ())
    watch = watch_in(tmp_path, learn=False)
    frame, _ = frame_at(Court(box=BOX), WAY[1], 3.0)
    was = watch.before(frame, finding)
    assert was is not None
    shape = np.asarray(cv2.imdecode(np.frombuffer(was.data, np.uint8), cv2.IMREAD_COLOR)).shape
    assert shape == (HEIGHT, WIDTH, 3)
    assert watch.before(frame, replace(finding, x_m=-3.0)) is None


def test_only_blurred_pictures_are_stored_with_what_is_hidden_in_them(tmp_path: Path) -> None:
    person = Box(40, 60, 72, 140)
    drive(Court(), tmp_path, learn=True, hidden=(person,))
    views = load_views(tmp_path / "views")
    assert views
    for view in views:
        depth_m, hidden = view.planes()
        assert hidden[30:70, 20:36].all() and not hidden[:, 40:].any()
        assert np.isnan(depth_m[hidden]).all()


def test_a_view_of_which_much_is_hidden_is_not_kept(tmp_path: Path) -> None:
    drive(Court(), tmp_path, learn=True, hidden=(Box(0, 0, WIDTH // 2, HEIGHT),))
    assert not (tmp_path / "views").exists()


def test_a_private_zone_is_hidden_in_what_is_learnt(tmp_path: Path) -> None:
    watch = watch_in(tmp_path, learn=True)
    zone = ((3.0, 0.5), (4.0, 0.5), (4.0, 1.0), (3.0, 1.0))
    watch.private_m = (zone,)
    watch.step(*frame_at(Court(), WAY[0], 0.0), book(), 0.0)
    (view,) = watch.views
    assert 0.01 < view.planes()[1].mean() < 0.2


def test_what_has_become_private_since_is_black_in_views_that_were_learnt(tmp_path: Path) -> None:
    drive(Court(), tmp_path, learn=True)
    finding = Finding("l", 1, 0.0, FindingKind.OBJECT, 2.8, 0.0, 0.5, 0.4, 1.0, 0.0, "", ())
    watch = watch_in(tmp_path, learn=False)
    frame, _ = frame_at(Court(box=BOX), WAY[1], 3.0)
    shares = []
    for watch.private_m in ((), (((0.5, -4.0), (9.0, -4.0), (9.0, 4.0), (0.5, 4.0)),)):
        was = watch.before(frame, finding)
        assert was is not None
        picture = cv2.imdecode(np.frombuffer(was.data, np.uint8), cv2.IMREAD_GRAYSCALE)
        shares.append(float(np.mean(np.asarray(picture) < 25)))
    assert shares[0] < 0.1
    assert shares[1] > 0.8


def view_of(base: Pose2, stamp_s: float, light: int) -> ReferenceView:
    return ReferenceView(stamp_s, light, view_at(base), b"", b"")


def test_of_one_place_and_light_the_newest_view_is_kept() -> None:
    views = ReferenceViews(ViewsParams())
    for stamp_s, light in ((5.0, 1), (9.0, 1), (7.0, 1), (1.0, 2)):
        views.add(view_of(Pose2(0.1, 0.1), stamp_s, light))
    assert sorted(view.stamp_s for view in views) == [1.0, 9.0]


def test_a_picture_is_compared_with_the_nearest_of_each_light_in_its_direction() -> None:
    views = ReferenceViews(
        ViewsParams(),
        [view_of(Pose2(x, 0.0, yaw), stamp, light) for stamp, (x, yaw, light) in enumerate(
            [(0.7, 0.0, 0), (0.1, 0.0, 0), (-0.6, 0.1, 1), (0.0, 1.5, 2), (3.0, 0.0, 3)]
        )],
    )  # fmt: skip
    assert [view.stamp_s for view in views.near(view_at(Pose2(0.0, 0.0)))] == [1.0, 2.0]
