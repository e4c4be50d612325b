"""Recorded patrols of the yard in closed loop, judged by an operator who saw what stood there.

Two drove with thresholds too strict, two with ones too lax (`bench/learn.py`; seeds 1001, 1002,
1000 and 1003). Thresholds made bad on purpose are refitted on some and held against others.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from patrol_core.site.local_time import site_local_time
from patrol_perception.learning.lesson import learn
from patrol_perception.learning.params import LearnParams
from patrol_perception.learning.scores import score
from patrol_perception.learning.things import Labelled, Source, label
from patrol_perception.params import EvidenceParams
from tests.replay.learning_recording import load_runs

PARAMS = LearnParams(min_true=4, min_false=2, min_held_true=2, min_held_false=1)
CLOCK = site_local_time("Europe/Berlin")
SHIPPED = EvidenceParams()
STRICT: dict[str, Any] = {"min_extent_m": 0.6, "min_scans": 60}
LAX: dict[str, Any] = {
    "min_extent_m": 0.02, "min_scans": 3, "min_standing_s": 0.5, "narrow_standing_s": 0.5,
    "far_standing_s": 0.5, "min_views": 1, "min_solid_share": 0.0, "min_solid_views": 0,
    "max_leg_share": 1.0, "large_clearance_m": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def labelled() -> Labelled:
    return label(load_runs("learning_yard.json.gz"), PARAMS.near_m)


def test_every_kind_of_label_is_among_them(labelled: Labelled) -> None:
    sources = [thing.source for thing in labelled.things]
    assert set(sources) == set(Source)
    assert sources.count(Source.MISSED) >= 5


def test_the_shipped_thresholds_tell_what_stood_there_and_nothing_else(labelled: Labelled) -> None:
    shipped = score(labelled.things, SHIPPED)
    assert shipped.recall >= 0.95 and shipped.precision >= 0.95


@pytest.mark.parametrize("seed", range(4))
def test_what_was_missed_with_thresholds_too_strict_is_told(labelled: Labelled, seed: int) -> None:
    lesson = learn(labelled, dataclasses.replace(SHIPPED, **STRICT), PARAMS, seed, CLOCK)
    assert not lesson.lacking and lesson.is_better
    whole = lesson.rows[0]
    assert whole.before.recall < 0.7 and whole.after.recall >= 0.9
    assert whole.after.precision >= 0.8
    assert lesson.after.min_extent_m < 0.35


@pytest.mark.parametrize("seed", range(4))
def test_with_thresholds_too_lax_nothing_is_lost(labelled: Labelled, seed: int) -> None:
    lesson = learn(labelled, dataclasses.replace(SHIPPED, **LAX), PARAMS, seed, CLOCK)
    whole = lesson.rows[0]
    assert lesson.cost_after <= lesson.cost_before
    assert whole.after.recall >= whole.before.recall
    assert whole.after.false_alarms <= whole.before.false_alarms
