"""How good thresholds are on labelled things: precision and recall, together and by group."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patrol_core.site.local_time import LocalTime
from patrol_perception.learning.things import Thing
from patrol_perception.params import EvidenceParams

_HOURS = ((0, 6, "night, 0 to 6 h"), (6, 12, "morning, 6 to 12 h"),
          (12, 18, "afternoon, 12 to 18 h"), (18, 24, "evening, 18 to 24 h"))  # fmt: skip
_NEAR_M = (0.0, 2.0, 4.0, 8.0, math.inf)
_LENGTH_M = (0.0, 0.3, 0.6, 1.4, math.inf)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of things: to be told and told, to be told and not, told and not to be."""

    found: int
    missed: int
    false_alarms: int

    @property
    def recall(self) -> float:
        """Share of what was to be told; NaN where there was nothing."""
        return _share(self.found, self.found + self.missed)

    @property
    def precision(self) -> float:
        """Share of what was told that was to be told; NaN where nothing was told."""
        return _share(self.found, self.found + self.false_alarms)


@dataclass(frozen=True, slots=True)
class Compared:
    """One group of things under two sets of thresholds."""

    group: str
    things: int
    to_be_told: int
    before: Score
    after: Score


def score(things: Sequence[Thing], limits: EvidenceParams) -> Score:
    """Count what these thresholds tell."""
    told = [(thing.to_be_told, thing.is_told(limits)) for thing in things]
    return Score(told.count((True, True)), told.count((True, False)), told.count((False, True)))


def compare(
    things: Sequence[Thing], before: EvidenceParams, after: EvidenceParams, clock: LocalTime
) -> list[Compared]:
    """All things, then by time of day on the site's clocks, distance and size; no empty groups."""
    groupings: tuple[Callable[[Thing], str], ...] = (
        lambda _: "all",
        lambda thing: _by_hour(clock(thing.seen_s)[1] / 3600.0),
        lambda thing: _between(thing.near_m, _NEAR_M, "nearest"),
        lambda thing: _between(thing.length_m, _LENGTH_M, "length"),
    )
    rows = []
    for grouping in groupings:
        groups: dict[str, list[Thing]] = {}
        for thing in things:
            groups.setdefault(grouping(thing), []).append(thing)
        for name in sorted(groups, key=_order):
            members = groups[name]
            wanted = sum(thing.to_be_told for thing in members)
            pair = score(members, before), score(members, after)
            rows.append(Compared(name, len(members), wanted, *pair))
    return rows


def _by_hour(hour: float) -> str:
    return next(name for first, last, name in _HOURS if first <= hour < last)


def _between(value: float, edges: Sequence[float], what: str) -> str:
    low, high = next((a, b) for a, b in itertools.pairwise(edges) if a <= value < b)
    return f"{what} {low:g} m or more" if math.isinf(high) else f"{what} {low:g} to {high:g} m"


def _order(name: str) -> tuple[int, str]:
    hours = [text for _, _, text in _HOURS]
    return (hours.index(name) if name in hours else 0, name)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
