from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from tests.unit.inspection.scenes import PLACE, aruco, dial, paint, shot, spoilt, view, wall

from patrol_core.geometry import Pose2
from patrol_core.site.checks import DialTag, GaugeReader, GaugeScale
from patrol_perception.inspection.gauge_watcher import GaugeWatcher
from patrol_perception.inspection.params import GaugeParams
from patrol_perception.inspection.weighing import Reading
from patrol_perception.view import Image

SCALE = GaugeScale("bar", 0.0, 10.0, math.radians(-135.0), math.radians(135.0))
READER = GaugeReader(PLACE, 0.2, SCALE)


def read(reader: GaugeReader, picture: Image, base: Pose2, count: int = 3) -> Reading:
    """As a robot reads it that believes to stand at `base`, and really stands at the origin."""
    watcher = GaugeWatcher(reader, GaugeParams())
    for index in range(count):
        watcher.take(shot(spoilt(picture, index), 0.2 * index, view(0.2 * index, base)))
    return watcher.reading()


@pytest.mark.parametrize("share", [0.08, 0.77])
def test_a_gauge_is_read_from_a_place_that_is_known_a_few_centimetres(share: float) -> None:
    reading = read(READER, paint(wall(), dial(share), 0.5), Pose2(0.02, -0.04, 0.01))
    assert reading.fault == ""
    assert reading.value == pytest.approx(10.0 * share, abs=0.1)
    assert len(reading.marks) == 2


def test_a_dial_seen_askew_with_a_tag_beside_it() -> None:
    """Turned by 30 degrees; the tag says where it is although the robot is off by 12 cm."""
    place = dataclasses.replace(PLACE, yaw_rad=math.pi - 0.5)
    tag_at = dataclasses.replace(place, height_m=place.height_m - 0.45)
    picture = paint(paint(wall(), dial(0.4), 0.5, place), aruco(3), 0.32, tag_at)
    reader = GaugeReader(place, 0.2, SCALE, DialTag(3, 0.24, 0.0, -0.45))
    reading = read(reader, picture, Pose2(0.03, 0.12, 0.0))
    assert reading.fault == ""
    assert reading.value == pytest.approx(4.0, abs=0.1)
    other = dataclasses.replace(reader, tag=DialTag(4, 0.24, 0.0, -0.45))
    assert "tag beside the dial was not seen" in read(other, picture, Pose2(0.0, 0.0)).fault


def test_what_is_no_clear_gauge_is_refused() -> None:
    assert not read(READER, wall(), Pose2(0.0, 0.0), 1).sure
    blank = dial(0.5)
    middle = blank.shape[0] // 2
    v, u = np.indices(blank.shape[:2])
    blank[np.hypot(u - middle, v - middle) < 0.33 * blank.shape[0]] = 240
    assert not read(READER, paint(wall(), blank, 0.5), Pose2(0.0, 0.0), 1).sure
    assert "too few" in read(READER, paint(wall(), dial(0.5), 0.5), Pose2(0.0, 0.0), 1).fault
    small = dataclasses.replace(READER, radius_m=0.02)
    assert not read(small, paint(wall(), dial(0.5), 0.05), Pose2(0.0, 0.0), 1).sure
    assert "no picture" in read(READER, wall(), Pose2(0.0, 0.0, math.pi)).fault


def test_two_dials_side_by_side_are_not_mixed_up() -> None:
    beside = dataclasses.replace(PLACE, y_m=PLACE.y_m - 0.5)
    picture = paint(paint(wall(), dial(0.2), 0.48), dial(0.8), 0.48, beside)
    middle = dataclasses.replace(PLACE, y_m=PLACE.y_m - 0.25)
    reader = GaugeReader(middle, 0.19, SCALE)
    watcher = GaugeWatcher(reader, dataclasses.replace(GaugeParams(), slack_m=0.35))
    watcher.take(shot(picture))
    assert "two dials" in watcher.reading().fault
