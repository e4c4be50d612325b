"""The figures of changes seen by the camera."""

from __future__ import annotations

from typing import Any

import pytest
from change import BINS, METHODS, curve, rows


def result(changed: dict[int, int], same: dict[int, int]) -> dict[str, Any]:
    """Of one picture: pixels by bin of the score, alike for all methods."""
    histograms = [[pixels.get(k, 0) for k in range(BINS)] for pixels in (changed, same)]
    return {
        "things": 2, "told": 1, "false": 1, "seconds": 0.07, "pixels": sum(changed.values()),
        "histograms": dict.fromkeys(METHODS, histograms),
    }  # fmt: skip


def test_scores_that_part_what_changed_from_the_rest_have_the_whole_area() -> None:
    recall, precision, area = curve([result({300: 50}, {10: 900})], "Ronda")
    assert area == pytest.approx(1.0)
    assert recall[-1] == 1.0 and precision[-1] == pytest.approx(50 / 950)


def test_scores_that_say_nothing_have_the_area_of_chance() -> None:
    _, _, area = curve([result({7: 50}, {7: 950})], "Ronda")
    assert area == pytest.approx(0.05)


def test_pictures_count_by_their_pixels() -> None:
    pictures = [result({300: 50}, {10: 900}), result({}, {399: 50})]
    assert curve(pictures, "MOG2")[2] == pytest.approx(0.5)


def test_the_goal_is_the_better_of_the_others() -> None:
    table = {row.what: row for row in rows({"day": [result({300: 50}, {10: 900})]})}
    ours = table["day: area under precision and recall, Ronda"]
    assert ours.goal == pytest.approx(1.0) and ours.holds
    assert table["day: regions told where nothing has changed"].value == 1.0
