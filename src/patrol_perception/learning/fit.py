"""Fits the thresholds that judge to labelled things, and holds them against others.

Coordinate search: one threshold after the other takes the value of a fixed grid that costs least,
until none changes. Where several cost the same, the present one stays; else the middle of the run
of best values that lies nearest to it, so that nothing known lies close to the threshold.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from patrol_perception.learning.params import LearnParams
from patrol_perception.learning.things import Source, Thing
from patrol_perception.params import EvidenceParams

_ROUNDS = 12
_STEPS = 25


@dataclass(frozen=True, slots=True)
class Threshold:
    """One threshold that is fitted, and between what."""

    name: str
    low: float
    high: float


THRESHOLDS = (
    Threshold("min_extent_m", 0.05, 0.6),
    Threshold("min_scans", 4, 60),
    Threshold("min_standing_s", 0.5, 20.0),
    Threshold("narrow_standing_s", 0.5, 60.0),
    Threshold("far_standing_s", 0.5, 60.0),
    Threshold("min_views", 1, 30),
    Threshold("min_solid_share", 0.2, 0.95),
    Threshold("min_solid_views", 1, 30),
    Threshold("max_leg_share", 0.02, 0.5),
    Threshold("large_clearance_m", 0.05, 1.0),
)
"""In the order in which they are tried."""


def cost(things: Iterable[Thing], limits: EvidenceParams, params: LearnParams) -> float:
    """What the mistakes of these thresholds cost."""
    total = 0.0
    for thing in things:
        if thing.is_told(limits) != thing.to_be_told:
            total += _price(thing, params)
    return total


def _price(thing: Thing, params: LearnParams) -> float:
    if thing.to_be_told:
        return params.miss_cost
    return params.presumed_cost if thing.source is Source.PRESUMED else 1.0


def fit(
    things: Sequence[Thing], starts: Sequence[EvidenceParams], params: LearnParams
) -> EvidenceParams:
    """The thresholds that cost least, searched from each of `starts`; the first is the present.

    Of equal cost the result of the earlier start is taken: where nothing helps, nothing changes.
    """
    results = [_search(things, start, params) for start in starts]
    costs = [cost(things, limits, params) for limits in results]
    return results[int(np.argmin(costs))]


def _search(
    things: Sequence[Thing], limits: EvidenceParams, params: LearnParams
) -> EvidenceParams:
    for _ in range(_ROUNDS):
        before = limits
        for threshold in THRESHOLDS:
            limits = _tuned(things, limits, threshold, params)
        if limits == before:
            break
    return limits


def _tuned(
    things: Sequence[Thing], limits: EvidenceParams, threshold: Threshold, params: LearnParams
) -> EvidenceParams:
    """With the best value of one threshold, the others as they are."""
    present = getattr(limits, threshold.name)
    values = grid(threshold, present)
    tried = [_with(limits, threshold.name, value) for value in values]
    costs = [cost(things, one, params) for one in tried]
    here = values.index(present)
    if costs[here] <= min(costs):
        return limits
    return tried[_middle_of_best(costs, here)]


def _with(limits: EvidenceParams, name: str, value: float) -> EvidenceParams:
    values: dict[str, Any] = {name: value}
    return dataclasses.replace(limits, **values)


def grid(threshold: Threshold, present: float) -> list[float]:
    """The values that are tried, ascending, the present one among them."""
    is_count = isinstance(present, int)
    steps = np.geomspace(threshold.low, threshold.high, _STEPS)
    tidy: Callable[[float], float] = round if is_count else lambda value: float(f"{value:.2g}")
    return sorted({present, *(tidy(float(step)) for step in steps)})


def _middle_of_best(costs: Sequence[float], here: int) -> int:
    """The middle of the run of least costs that lies nearest to `here`."""
    least = min(costs)
    runs = []
    for best, group in itertools.groupby(range(len(costs)), lambda i: costs[i] <= least):
        members = list(group)
        if best:
            runs.append(members)
    nearest = min(runs, key=lambda run: min(abs(i - here) for i in run))
    return nearest[len(nearest) // 2]


def changed(before: EvidenceParams, after: EvidenceParams) -> dict[str, float]:
    """Names and values of the thresholds in which `after` differs."""
    return {
        t.name: getattr(after, t.name)
        for t in THRESHOLDS
        if getattr(after, t.name) != getattr(before, t.name)
    }
