"""What the map shows and the lidar looks through is told; what is hidden or only moved is not."""

from __future__ import annotations

import math

import pytest
from tests.unit.perception.ray_world import Watch, box

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.perception import Finding, FindingKind

ALONG_THE_FENCE = Pose2(4.0, 2.0, 0.0)
BIN = box(9.0, 5.0, 0.3, 0.3)
POSTS = [box(x, 4.0, 0.2, 0.2) for x in (6.0, 13.0)]
"""They keep the pose."""


def missing(watch: Watch, seconds: float = 7.0, speed_mps: float = 1.2) -> list[Finding]:
    watch.drive(ALONG_THE_FENCE, speed_mps, seconds)
    return [f for f in watch.findings() if f.kind is FindingKind.MISSING]


def test_a_thing_that_was_taken_away_is_told_once_and_where_it_stood() -> None:
    (finding,) = missing(Watch(mapped=POSTS, gone=[BIN]))
    assert math.hypot(finding.x_m - 9.0, finding.y_m - 5.0) < 0.1
    assert finding.length_m == pytest.approx(0.3, abs=0.1)
    assert "gone" in finding.reason
    assert all(measure.value >= measure.threshold for measure in finding.evidence[:2])
    assert finding.evidence[2].value <= finding.evidence[2].threshold


def test_an_opening_in_a_wall_is_told_with_its_length() -> None:
    walls = [box(5.0, 4.0, 6.0, 0.1), box(15.0, 4.0, 10.0, 0.1)]
    (finding,) = missing(Watch(mapped=walls, gone=[box(9.0, 4.0, 2.0, 0.1)]))
    assert math.hypot(finding.x_m - 9.0, finding.y_m - 4.0) < 0.3
    assert 1.2 < finding.length_m < 2.1
    assert "open or gone" in finding.reason


@pytest.mark.parametrize("std_m", [0.03, 0.08])
def test_what_stands_is_not_missing_although_the_pose_is_a_little_off(std_m: float) -> None:
    watch = Watch(mapped=[*POSTS, BIN, box(9.5, 3.0, 0.1, 0.1)], position_std_m=std_m)
    assert missing(watch) == []


@pytest.mark.parametrize(
    "extra",
    [box(8.0, 3.4, 5.0, 0.4), box(9.25, 5.0, 0.3, 0.3)],
    ids=["something stands before it", "it was only moved a little"],
)
def test_what_may_still_be_there_is_not_missing(extra: FloatArray) -> None:
    assert missing(Watch([extra], mapped=POSTS, gone=[BIN])) == []


def test_one_place_to_look_from_is_not_enough() -> None:
    assert missing(Watch(mapped=POSTS, gone=[BIN]), speed_mps=0.0) == []
