"""The decision whether a standing thing is worth a finding."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.types.learning import SpotNumbers
from patrol_core.types.perception import FindingKind, Measure
from patrol_perception.outline import Outline
from patrol_perception.params import EvidenceParams, PerceptionParams
from patrol_perception.spots import Spot

_LEG_EXTENT_M = 0.27
_LEGS_LENGTH_M, _LEGS_WIDTH_M = 0.45, 0.26
_TELLING_TURN_RAD = 1.0
_LEGS_TURN_RAD = 1.6
_LEGS_SOLID_SHARE = 0.4
_STRAY_LEGS_SHARE = 0.04
"""So few views like two legs come from lost beams: of a person seen round, one in three would."""
_HIDDEN_STANDING_S = 6.0
_SETTLED_S = 0.7
_IN_VIEW_S = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """A spot that is worth a finding: kind, outline, confidence and the numbers behind it."""

    kind: FindingKind
    outline: Outline
    confidence: float
    first_seen_s: float
    standing_s: float
    clearance_m: float
    evidence: tuple[Measure, ...]


def judge(spot: Spot, now_s: float, params: PerceptionParams) -> Verdict | None:
    """A verdict when the evidence is complete; None while it is not, or is that of a person."""
    in_view = now_s - spot.last_seen_s < _IN_VIEW_S
    settled = now_s - spot.settled_s >= _SETTLED_S
    numbers = spot.numbers()
    if not (in_view and settled and is_worth_telling(numbers, params.evidence)):
        return None
    outline = spot.outline
    large = _is_large(numbers, params.evidence)
    solid_share = 1.0 if large else _solid_share(numbers)
    confidence = solid_share * (1.0 - 0.5 * math.exp(-spot.scans / 40.0))
    return Verdict(
        FindingKind.OBSTRUCTION if large else FindingKind.OBJECT,
        outline if large else spot.placed(),
        confidence,
        spot.first_seen_s,
        spot.standing_s,
        spot.clearance_m,
        _evidence(numbers, params),
    )


def is_worth_telling(spot: SpotNumbers, limits: EvidenceParams) -> bool:
    """Whether the numbers of a thing hold against all thresholds: what learning fits them to."""
    large = _is_large(spot, limits)
    seen_enough = (
        spot.scans >= limits.min_scans
        and spot.standing_s >= _wanted_standing_s(spot, limits)
        and (spot.whole >= limits.min_views or spot.standing_s > _HIDDEN_STANDING_S)
        and spot.near_m <= limits.reach_m
    )
    map_error = large and spot.clearance_m < limits.large_clearance_m
    too_small = spot.length_m < limits.min_extent_m
    if not seen_enough or map_error or too_small:
        return False
    return large or not is_like_a_person(spot, limits)


def _is_large(spot: SpotNumbers, limits: EvidenceParams) -> bool:
    return spot.length_m > limits.object_extent_m


def _wanted_standing_s(spot: SpotNumbers, limits: EvidenceParams) -> float:
    wanted_s = limits.min_standing_s
    if not _is_large(spot, limits) and spot.near_m > limits.far_m:
        wanted_s = limits.far_standing_s
    if spot.length_m < _LEG_EXTENT_M:
        wanted_s = max(wanted_s, limits.narrow_standing_s)
    return wanted_s


def is_like_a_person(spot: SpotNumbers, limits: EvidenceParams) -> bool:
    """Whether two legs could look like this.

    Seen from the side, one leg hides the other and the two look like one piece; so what is no
    wider than that must have been seen from so many sides that the gap would have shown.
    """
    leg_sized = could_be_legs(spot)
    wanted_turn_rad = _LEGS_TURN_RAD if leg_sized else _TELLING_TURN_RAD
    wanted_solid = max(
        limits.min_solid_views, _LEGS_SOLID_SHARE * spot.scans if leg_sized else 0.0
    )
    stray = _are_stray_legs(spot)
    seen_round = spot.turn_rad >= wanted_turn_rad and stray
    return (
        _leg_share(spot) > limits.max_leg_share
        or _solid_share(spot) < limits.min_solid_share
        or (leg_sized and spot.legs > 1 and not stray)
        or not (seen_round or spot.solid >= wanted_solid)
    )


def could_be_legs(outline: Outline | SpotNumbers) -> bool:
    """Whether it is no larger than two legs side by side."""
    return outline.length_m < _LEGS_LENGTH_M and outline.width_m < _LEGS_WIDTH_M


def _leg_share(spot: SpotNumbers) -> float:
    return spot.legs / max(spot.scans, 1)


def _are_stray_legs(spot: SpotNumbers) -> bool:
    """Whether its views like two legs are so few that they tell nothing."""
    return _leg_share(spot) <= _STRAY_LEGS_SHARE


def _solid_share(spot: SpotNumbers) -> float:
    """Share of unbroken views among those that tell legs from a body."""
    if _are_stray_legs(spot):
        return 1.0
    return spot.solid / (spot.solid + spot.legs)


def _evidence(spot: SpotNumbers, params: PerceptionParams) -> tuple[Measure, ...]:
    limits, background = params.evidence, params.background
    large, wanted_s = _is_large(spot, limits), _wanted_standing_s(spot, limits)
    clear_m = limits.large_clearance_m if large else background.tolerance_m
    measures = [
        Measure("standing", spot.standing_s, wanted_s, "s"),
        Measure("scans", float(spot.scans), float(limits.min_scans), "1"),
        Measure("views with both ends free", float(spot.whole), float(limits.min_views), "1"),
        Measure("distance to the map", spot.clearance_m, clear_m, "m"),
        Measure("length", spot.length_m, limits.object_extent_m, "m"),
    ]
    if not large:
        measures += [
            Measure("unbroken views", _solid_share(spot), limits.min_solid_share, "1"),
            Measure("views like two legs", _leg_share(spot), limits.max_leg_share, "1"),
        ]
    return tuple(measures)
