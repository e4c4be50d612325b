"""The scorer of people in lidar, and who is made of labelled legs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from _clear_mot import Mot, Somebody, clear_mot
from _leg_truth import people_of
from _scan_odometry import poses_of
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.perception.ray_world import BEAMS, REACH_M, box, cast, fence

from patrol_core.geometry import Pose2
from patrol_core.types.sensors import LaserScan


def at(x_m: float, name: str = "a") -> Somebody:
    return Somebody(name, x_m, 0.0)


def test_one_of_each_error_is_counted_once() -> None:
    scans = [
        ([at(0.0)], [at(0.1, "1")]),
        ([at(0.0)], []),
        ([at(0.0)], [at(0.2, "2")]),
        ([at(0.0)], [at(0.2, "2"), at(3.0, "3")]),
        ([at(0.0)], [at(0.8, "2")]),
    ]
    mot = clear_mot(scans)
    assert (mot.objects, mot.matches, mot.switches, mot.misses, mot.false_positives) == (
        5, 3, 1, 2, 2,
    )  # fmt: skip
    assert mot.mota == pytest.approx(1.0 - 5.0 / 5.0)
    assert mot.motp_m == pytest.approx(0.5 / 3.0)


def test_a_track_that_goes_on_with_somebody_else_has_switched() -> None:
    scans = [([at(0.0, "a")], [at(0.0, "1")]), ([at(0.0, "b")], [at(0.0, "1")])]
    assert clear_mot(scans).switches == 1


def test_a_match_is_kept_although_another_track_has_come_nearer() -> None:
    scans = [
        ([at(0.0)], [at(0.5, "1")]),
        ([at(0.0)], [at(0.5, "1"), at(0.0, "2")]),
    ]
    mot = clear_mot(scans)
    assert mot.switches == 0 and mot.false_positives == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.floats(-3.0, 3.0), max_size=4), min_size=1, max_size=6))
def test_labels_taken_for_tracks_have_no_errors(scans: list[list[float]]) -> None:
    named = [[at(x, str(n)) for n, x in enumerate(sorted(scan))] for scan in scans]
    mot = clear_mot((people, people) for people in named)
    assert mot.misses == mot.false_positives == 0
    assert mot.matches == mot.objects == sum(map(len, scans))


def test_sums_are_those_of_the_counts() -> None:
    assert Mot(3, 2, 1, 1, 0, 0.5) + Mot(1, 0, 0, 1, 2, 0.0) == Mot(4, 2, 1, 2, 2, 0.5)


def test_two_who_walk_abreast_are_two_people_of_two_legs_each() -> None:
    scans = [
        (0.1 * k, [(0.1 * k, y + dy) for y in (0.0, 1.2) for dy in (0.0, 0.3)]) for k in range(20)
    ]
    found = people_of(scans)
    assert {tuple(sorted(p.name for p in here)) for here in found} == {("1", "2")}
    for here in found:
        assert sorted(round(p.y_m, 3) for p in here) == [0.15, 1.35]


def test_who_comes_back_after_a_while_is_somebody_else() -> None:
    found = people_of([(0.0, [(1.0, 0.0)]), (0.5, [(1.2, 0.0)]), (9.0, [(1.2, 0.0)])])
    assert [here[0].name for here in found] == ["1", "1", "2"]


def test_the_way_of_a_lidar_is_found_from_its_scans() -> None:
    walls = np.concatenate([fence(), box(9.0, 9.0, 2.0, 1.0, 0.4), box(14.0, 5.0, 1.0, 3.0)])
    true = [Pose2(6.0 + 0.08 * k, 6.0, 0.03 * k) for k in range(12)]
    scans = [
        LaserScan(
            0.1 * k, "lidar", -np.pi, 2.0 * np.pi / BEAMS, 0.05, REACH_M,
            cast(pose, walls, []).astype(np.float32),
        )
        for k, pose in enumerate(true)
    ]  # fmt: skip
    found = poses_of(scans)
    for pose, expected in zip(found, true, strict=True):
        off = pose.relative_to(expected.relative_to(true[0]))
        assert np.hypot(off.x_m, off.y_m) < 0.06 and abs(off.yaw_rad) < 0.02
    assert all(a.distance_to(b) > 0.04 for a, b in pairwise(found[2:]))
