"""One lesson: records in, thresholds out, judged on patrols that were held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patrol_core.site.local_time import LocalTime
from patrol_perception.learning.fit import changed, cost, fit
from patrol_perception.learning.params import LearnParams
from patrol_perception.learning.scores import Compared, compare
from patrol_perception.learning.things import Labelled, Thing
from patrol_perception.params import EvidenceParams


@dataclass(frozen=True, slots=True)
class Split:
    """Patrols to fit on and patrols held back; none is in both."""

    fit: tuple[str, ...]
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What came out. `lacking`: what there is too little of, in words; then nothing was fitted.

    Costs and rows are those of the patrols held back.
    """

    split: Split
    before: EvidenceParams
    after: EvidenceParams
    cost_before: float
    cost_after: float
    rows: tuple[Compared, ...]
    lacking: tuple[str, ...] = ()

    @property
    def changes(self) -> dict[str, float]:
        """Thresholds that differ, with their new values."""
        return changed(self.before, self.after)

    @property
    def is_better(self) -> bool:
        """Whether the patrols held back speak for the change."""
        return bool(self.changes) and self.cost_after < self.cost_before


def split(patrols: Sequence[str], held_back: float, seed: int) -> Split:
    """Draw the patrols that are held back: at least one, and never all."""
    names = sorted(set(patrols))
    count = min(max(round(held_back * len(names)), 1), max(len(names) - 1, 0))
    drawn = set(np.random.default_rng(seed).permutation(len(names))[:count].tolist())
    return Split(
        tuple(name for i, name in enumerate(names) if i not in drawn),
        tuple(name for i, name in enumerate(names) if i in drawn),
    )


def learn(
    labelled: Labelled, present: EvidenceParams, params: LearnParams, seed: int, clock: LocalTime
) -> Lesson:
    """Fit on one part of the patrols, compare on the other. Pure: the same in, the same out."""
    parts = split([thing.patrol for thing in labelled.things], params.held_back, seed)
    fitting = [thing for thing in labelled.things if thing.patrol in parts.fit]
    held = [thing for thing in labelled.things if thing.patrol in parts.held]
    lacking = _lacking(fitting, held, params)
    after = present
    if not lacking:
        after = fit(fitting, (present, EvidenceParams()), params)
    return Lesson(
        parts, present, after, cost(held, present, params), cost(held, after, params),
        tuple(compare(held, present, after, clock)), lacking,
    )  # fmt: skip


def _lacking(
    fitting: Sequence[Thing], held: Sequence[Thing], params: LearnParams
) -> tuple[str, ...]:
    wanted = (
        (fitting, True, params.min_true, "to be told, in the patrols to fit on"),
        (fitting, False, params.min_false, "not to be told, in the patrols to fit on"),
        (held, True, params.min_held_true, "to be told, in the patrols held back"),
        (held, False, params.min_held_false, "not to be told, in the patrols held back"),
    )
    words = []
    for things, to_be_told, least, what in wanted:
        count = sum(thing.to_be_told is to_be_told for thing in things)
        if count < least:
            words.append(f"{count} of the {least} things {what}")
    return tuple(words)
