from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.unit.inspection.scenes import PLACE, paint, shot, spoilt, wall

from patrol_core.site.checks import LampReader
from patrol_perception.inspection.lamp import LampWatcher
from patrol_perception.inspection.params import LampParams
from patrol_perception.inspection.weighing import Reading
from patrol_perception.view import Image

READER = LampReader(PLACE, 0.03, ("red", "green"))
GREEN, RED, BLUE = (90, 255, 90), (80, 80, 255), (255, 90, 60)


def lamp(colour: tuple[int, int, int], lit: bool) -> Image:
    """A lens in a dark collar; lit, it glows."""
    sheet = np.full((160, 160, 3), 120, np.uint8)
    cv2.circle(sheet, (80, 80), 36, (50, 50, 50), -1, cv2.LINE_AA)
    shade = colour if lit else tuple(round(0.35 * c) for c in colour)
    cv2.circle(sheet, (80, 80), 30, shade, -1, cv2.LINE_AA)
    return paint(wall(), sheet, 0.16)


def read(states: list[Image], period_s: float = 0.2) -> Reading:
    watcher = LampWatcher(READER, LampParams())
    for index, picture in enumerate(states):
        watcher.take(shot(spoilt(picture), index * period_s))
    return watcher.reading()


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([lamp(GREEN, True)] * 10, "green on"),
        ([lamp(RED, True)] * 10, "red on"),
        ([lamp(RED, False)] * 10, "off"),
        (([lamp(RED, True)] * 3 + [lamp(RED, False)] * 2) * 2, "red blinking"),
    ],
    ids=["green", "red", "off", "blinking"],
)
def test_states_are_told_apart(states: list[Image], words: str) -> None:
    reading = read(states)
    assert (reading.words, reading.fault) == (words, "")


def test_what_is_not_clear_is_not_said() -> None:
    assert "long enough" in read([lamp(RED, True)] * 10, 0.05).fault
    assert "too few" in read([lamp(RED, True)] * 3, 1.0).fault
    assert "none of those expected" in read([lamp(BLUE, True)] * 10).fault
    assert "no lamp stands out" in read([wall()] * 10).fault
    assert "changed once" in read([lamp(RED, True)] * 5 + [lamp(RED, False)] * 5).fault
    assert "changed its colour" in read([lamp(RED, True)] * 5 + [lamp(GREEN, True)] * 5).fault
    assert "no picture" in read([]).fault
