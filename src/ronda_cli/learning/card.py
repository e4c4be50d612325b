"""The model card of a version: from what it was learned, how it was measured, and when."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from patrol_core.configuration import code_digest
from patrol_perception.learning.lesson import Lesson
from patrol_perception.learning.params import LearnParams
from patrol_perception.learning.scores import Score
from patrol_perception.learning.things import Labelled


def make_card(
    lesson: Lesson,
    labelled: Labelled,
    params: LearnParams,
    *,
    seed: int,
    runs: Sequence[str],
    based_on: int,
    now: datetime,
    forced: bool,
    changes: dict[str, float],
) -> dict[str, Any]:
    """As YAML takes it."""
    sources = Counter(thing.source.value for thing in labelled.things)
    return {
        "learned": "thresholds of evidence, and judged places",
        "date": now.isoformat(timespec="seconds"),
        "based_on_version": based_on,
        "code": code_digest("patrol_perception"),
        "data": {
            "runs": list(runs),
            "labels": dict(sorted(sources.items())),
            "left_out": dict(sorted(labelled.left_out.items())),
        },
        "split": {
            "by": "patrol",
            "seed": seed,
            "fitted_on": list(lesson.split.fit),
            "held_back": list(lesson.split.held),
        },
        "costs": asdict(params),
        "changed": changes,
        "forced": forced,
        "measured_on_held_back": {
            "cost": [lesson.cost_before, lesson.cost_after],
            "groups": [
                {
                    "group": row.group,
                    "things": row.things,
                    "to_be_told": row.to_be_told,
                    "before": _figures(row.before),
                    "after": _figures(row.after),
                }
                for row in lesson.rows
            ],
        },
    }


def _figures(score: Score) -> dict[str, Any]:
    shares = {"precision": score.precision, "recall": score.recall}
    rounded = {name: None if math.isnan(v) else round(v, 4) for name, v in shares.items()}
    return asdict(score) | rounded
