"""What the map shows and the lidar looks through is told; what is hidden or only moved is not."""

from __future__ import annotations

import math

import pytest
from tests.unit.perception.ray_world import Watch, box

from patrol_core.geometry import Pose2
from patrol_core.types.perception import Finding, FindingKind

ALONG_THE_FENCE = Pose2(5.5, 2.0, 0.0)
BIN = box(9.0, 5.0, 0.3, 0.3)
WALLS = [box(3.0, 7.0, 4.0, 0.1), box(12.0, 7.0, 10.0, 0.1)]
LEAF = box(6.0, 7.0, 2.0, 0.1)
"""It closes the opening between the walls."""


def missing(watch: Watch, speed_mps: float = 1.5) -> list[Finding]:
    watch.drive(ALONG_THE_FENCE, speed_mps, 3.5)
    return [f for f in watch.findings() if f.kind is FindingKind.MISSING]


def test_what_was_taken_away_and_what_was_opened_is_told_once_and_where() -> None:
    found = sorted(missing(Watch(mapped=WALLS, gone=[BIN, LEAF])), key=lambda f: f.y_m)
    thing, opening = found
    assert math.hypot(thing.x_m - 9.0, thing.y_m - 5.0) < 0.1
    assert thing.length_m == pytest.approx(0.3, abs=0.1)
    assert "is gone" in thing.reason
    assert math.hypot(opening.x_m - 6.0, opening.y_m - 7.0) < 0.3
    assert 1.2 < opening.length_m < 2.1
    assert "open or gone" in opening.reason
    for finding in found:
        places, views, met = finding.evidence
        assert places.value >= places.threshold and views.value >= views.threshold
        assert met.value <= met.threshold


def test_what_stands_is_not_missing_although_the_pose_is_off() -> None:
    watch = Watch(mapped=[*WALLS, LEAF, BIN, box(9.5, 3.0, 0.1, 0.1)], position_std_m=0.08)
    assert missing(watch) == []


def test_what_is_hidden_and_what_was_moved_a_little_is_not_missing() -> None:
    hidden, moved = box(7.0, 9.0, 0.3, 0.3), box(11.0, 3.5, 0.3, 0.3)
    extra = [box(7.5, 5.0, 6.0, 0.4), box(11.25, 3.5, 0.3, 0.3)]
    assert missing(Watch(extra, mapped=WALLS, gone=[hidden, moved])) == []


def test_one_place_to_look_from_is_not_enough() -> None:
    assert missing(Watch(mapped=WALLS, gone=[BIN]), speed_mps=0.0) == []
