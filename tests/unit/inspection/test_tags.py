from __future__ import annotations

import dataclasses

import pytest
from tests.unit.inspection.scenes import PLACE, aruco, paint, qr, shot, spoilt, wall

from patrol_core.site.checks import TagReader
from patrol_perception.inspection.params import TagParams
from patrol_perception.inspection.tag import TagWatcher
from patrol_perception.inspection.weighing import Reading
from patrol_perception.view import Image

ARUCO, QR = TagReader(PLACE, "aruco", 0.24), TagReader(PLACE, "qr", 0.4)


def read(reader: TagReader, pictures: list[Image]) -> Reading:
    watcher = TagWatcher(reader, TagParams())
    for turn, picture in enumerate(pictures):
        watcher.take(shot(spoilt(picture, turn)))
    return watcher.reading()


@pytest.mark.parametrize(
    ("reader", "picture", "text"),
    [
        (ARUCO, paint(wall(), aruco(12), 0.32), "12"),
        (QR, paint(wall(230.0), qr("PUMP-7"), 0.4), "PUMP-7"),
    ],
    ids=["aruco", "qr"],
)
def test_a_tag_is_read_at_its_place(reader: TagReader, picture: Image, text: str) -> None:
    reading = read(reader, [picture, picture])
    assert (reading.words, reading.sure) == (text, True)
    assert len(reading.marks) == 1
    assert "too seldom" in read(reader, [picture]).fault


def test_what_is_elsewhere_of_another_size_or_contradicts_is_not_read() -> None:
    away = dataclasses.replace(PLACE, y_m=-0.8)
    assert "no tag" in read(ARUCO, [paint(wall(), aruco(12), 0.32, away)] * 2).fault
    assert "no tag" in read(ARUCO, [paint(wall(), aruco(12), 0.64)] * 2).fault
    first, second = (paint(wall(), aruco(number), 0.32) for number in (12, 13))
    assert "different tags" in read(ARUCO, [first, first, second]).fault
    assert "no tag" in read(QR, [wall()]).fault
    assert "no picture" in read(ARUCO, []).fault
