"""What is seen at one moment of what rules do not allow: pure functions of people and places."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from patrol_core.geometry import distance_to_polyline_m, points_in_polygon
from patrol_core.site.behaviour import Rule, RuleKind
from patrol_core.site.model import Zone
from patrol_core.types.perception import Measure
from patrol_perception.behaviour.bodies import Body
from patrol_perception.behaviour.params import BehaviourParams
from patrol_perception.behaviour.people import Somebody

_GOES_ON = 0.75
"""What has been told goes on down to this share of its threshold."""
_STILL_STAYS = 0.5
_MOSTLY_SEEN = 0.6
_STEADY = 0.7
_MARGIN_M = 0.1
_STANDING_MPS = 0.3
_BODY_AGE_S = 4.0
_NOT_WALKED = 0.6
MAYBE, LOW_AND_LONG, FELL = 0.3, 0.55, 0.85


@dataclass(frozen=True, slots=True)
class Sign:
    """Somebody does what a rule does not allow. `who`: number of a person, or below 0 of a zone.

    `before_s`: it had lasted for so long when it was first a sign. `words` say what is seen.
    """

    who: int
    x_m: float
    y_m: float
    size_m: float
    confidence: float
    words: str
    measures: tuple[Measure, ...]
    before_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Situation:
    """People and things now, the zones by id, how sure the pose is, and who is told of already.

    `is_thing`: whether something has been found at a place that is nobody. `lying`: who is told of
    as lying.
    """

    now_s: float
    all: Sequence[Somebody]
    zones: Mapping[str, Zone]
    position_std_m: float
    bodies: Mapping[int, Body]
    told: Callable[[str, int], bool]
    is_thing: Callable[[float, float], bool]
    lying: frozenset[int]
    params: BehaviourParams


def signs_of(rule: Rule, now: Situation) -> list[Sign]:
    """All that is seen of one rule; whether its hours count is not asked here."""
    return _JUDGES[rule.kind](rule, now)


def _present(rule: Rule, now: Situation) -> list[Somebody]:
    """People whom the lidar sees, in the zones of the rule. The track of who left a thing may stay
    with the thing: what has been found at its place is nobody."""
    seen = [one for one in now.all if one.is_person and now.now_s - one.seen_s < 0.3]
    inside = [one for one in seen if _is_inside(one, rule, now)]
    return [one for one in inside if not now.is_thing(one.track.x_m, one.track.y_m)]


def _is_inside(one: Somebody, rule: Rule, now: Situation) -> bool:
    """Clearly inside a zone to be in it, and clearly outside to be out of it again."""
    if not rule.zone_ids:
        return True
    margin = _MARGIN_M + now.params.sigmas * now.position_std_m
    depth = max(
        (_depth_m(one, now.zones[z]) for z in rule.zone_ids if z in now.zones), default=-99
    )
    inside = depth > (-margin if rule.rule_id in one.inside else margin)
    one.inside.discard(rule.rule_id)
    if inside:
        one.inside.add(rule.rule_id)
    return inside


def _depth_m(one: Somebody, zone: Zone) -> float:
    """How far inside a zone; negative outside."""
    place = [(one.track.x_m, one.track.y_m)]
    edge = float(distance_to_polyline_m(place, (*zone.polygon_m, zone.polygon_m[0]))[0])
    return edge if points_in_polygon(place, zone.polygon_m)[0] else -edge


def _confidence(one: Somebody) -> float:
    """That it is a person: who was seen to walk is one."""
    return one.track.confidence * (1.0 if one.has_walked else _NOT_WALKED)


def _doubt(one: Somebody) -> str:
    return "" if one.has_walked else "; nobody was seen to walk there: it may be a thing on legs"


def _sign(one: Somebody, words: str, measures: tuple[Measure, ...], before_s: float = 0.0) -> Sign:
    return Sign(
        one.number, one.track.x_m, one.track.y_m, 0.5, _confidence(one), words + _doubt(one),
        measures, before_s,
    )  # fmt: skip


def _loitering(rule: Rule, now: Situation) -> list[Sign]:
    """Only of who was seen to walk: what merely stands may be a thing, and lying is told apart."""
    found = []
    for one in _present(rule, now):
        if one.number in now.lying or not one.has_walked:
            continue
        told = now.told(rule.rule_id, one.number)
        radius = rule.radius_m / (_GOES_ON if told else 1.0)
        since_s, spread_m, seen_s = one.within_since_s(radius)
        stayed_s = now.now_s - since_s
        if seen_s < _MOSTLY_SEEN * stayed_s:
            continue
        if stayed_s >= rule.for_s * (_STILL_STAYS if told else 1.0):
            measures = (
                Measure("stayed", stayed_s, rule.for_s, "s"),
                Measure("within", spread_m, rule.radius_m, "m"),
                Measure("seen", seen_s / max(stayed_s, 0.1), _MOSTLY_SEEN, "1"),
            )
            words = f"somebody has stayed within {rule.radius_m:g} m for {stayed_s:.0f} s"
            found.append(_sign(one, words, measures, stayed_s))
    return found


def _running(rule: Rule, now: Situation) -> list[Sign]:
    """The way between the ends of the span counts, and that of both halves: a track that jumps
    from one person to another is fast for a moment only."""
    found = []
    for one in _present(rule, now):
        told = now.told(rule.rule_id, one.number)
        wanted = rule.speed_mps * (_GOES_ON if told else 1.0)
        start_s = one.seen_s - rule.for_s
        middle_s = one.seen_s - rule.for_s / 2.0
        whole = one.mean_speed_mps(start_s, one.seen_s)
        halves = one.mean_speed_mps(start_s, middle_s), one.mean_speed_mps(middle_s, one.seen_s)
        if whole is None or halves[0] is None or halves[1] is None:
            continue
        sure_mps = whole - now.position_std_m / rule.for_s
        if sure_mps >= wanted and min(halves[0], halves[1]) >= _STEADY * wanted:
            measures = (Measure("speed", whole, rule.speed_mps, "m/s"),)
            words = f"somebody moves at {whole:.1f} m/s over {rule.for_s:g} s"
            found.append(_sign(one, words, measures, rule.for_s))
    return found


def _closed_zone(rule: Rule, now: Situation) -> list[Sign]:
    """That anybody is in a zone is one cause, whoever it is: the number stands for the zone."""
    present = _present(rule, now)
    margin = _MARGIN_M + now.params.sigmas * now.position_std_m
    found = []
    for number, zone_id in enumerate(rule.zone_ids, start=1):
        inside = [(_confidence(o), _depth_m(o, now.zones[zone_id]), o.number, o) for o in present]
        inside = [one for one in inside if one[1] > -margin]
        if inside:
            sure, depth, _, one = max(inside, key=lambda entry: entry[:3])
            count = len(inside)
            who = "somebody is" if count == 1 else f"{count} people are"
            words = f"{who} in zone '{zone_id}', which is closed at this hour{_doubt(one)}"
            measures = (
                Measure("inside by", depth, margin, "m"),
                Measure("people", float(count), 1.0, "1"),
            )
            x, y = one.track.x_m, one.track.y_m
            found.append(Sign(-number, x, y, 0.5, sure, words, measures))
    return found


def _crowd(rule: Rule, now: Situation) -> list[Sign]:
    """So many round one of them; who stands in one crowd is not counted for another."""
    left = sorted(_present(rule, now), key=lambda one: one.number)
    found = []
    while left:
        told = any(now.told(rule.rule_id, one.number) for one in left)
        radius = rule.radius_m / (_GOES_ON if told else 1.0)
        groups = [(one, [o for o in left if _apart_m(o, one) <= radius]) for one in left]
        middle, group = max(groups, key=lambda pair: len(pair[1]))
        if len(group) < (max(2, math.ceil(_GOES_ON * rule.people)) if told else rule.people):
            break
        x = sum(one.track.x_m for one in group) / len(group)
        y = sum(one.track.y_m for one in group) / len(group)
        measures = (
            Measure("people", float(len(group)), float(rule.people), "1"),
            Measure("within", max(_apart_m(o, middle) for o in group), rule.radius_m, "m"),
        )
        words = f"{len(group)} people are within {rule.radius_m:g} m of one of them"
        sure = sum(_confidence(one) for one in group) / len(group)
        found.append(Sign(group[0].number, x, y, 2.0 * rule.radius_m, sure, words, measures))
        left = [one for one in left if one not in group]
    return found


def _apart_m(one: Somebody, other: Somebody) -> float:
    return math.hypot(one.track.x_m - other.track.x_m, one.track.y_m - other.track.y_m)


def _lying(rule: Rule, now: Situation) -> list[Sign]:
    found = []
    for one in now.all:
        resting = now.now_s - one.seen_s < 0.3 and one.speed_mps() < _STANDING_MPS
        if resting and _is_inside(one, rule, now):
            sign = _lies(one, now)
            if sign is not None:
                found.append(sign)
    return found


def _lies(one: Somebody, now: Situation) -> Sign | None:
    """By depth, by what the lidar sees of its length, and by whether somebody walked there."""
    params, body = now.params, now.bodies.get(one.number)
    if body is not None and now.now_s - body.stamp_s > _BODY_AGE_S:
        body = None
    length_m = one.track.length_m if body is None else body.length_m
    width_m = one.track.width_m if body is None else body.width_m
    fits = params.shortest_m <= length_m <= params.longest_m and width_m <= params.widest_m
    fell = one.was_person and one.has_walked
    low_m = params.low_m if fell else params.low_unseen_m
    if not fits or (body.top_m > low_m if body is not None else not fell):
        return None
    measures = [
        Measure("length", length_m, params.shortest_m, "m"),
        Measure("width", width_m, params.widest_m, "m"),
        Measure("walked there before", float(fell), 1.0, "1"),
    ]
    if body is None:
        words = "by the lidar alone somebody may lie here: what walked is long and rests now"
        sure = MAYBE
    else:
        measures.append(Measure("height", body.top_m, low_m, "m"))
        words = f"{length_m:.1f} m long and {body.top_m:.1f} m high, it lies on the ground"
        words += ", where somebody walked before" if fell else "; it may be a thing"
        sure = FELL if fell else LOW_AND_LONG
        words = ("probably somebody lies here: " if fell else "somebody may lie here: ") + words
    return Sign(one.number, one.track.x_m, one.track.y_m, length_m, sure, words, tuple(measures))


_JUDGES: dict[RuleKind, Callable[[Rule, Situation], list[Sign]]] = {
    RuleKind.LOITERING: _loitering,
    RuleKind.RUNNING: _running,
    RuleKind.LYING: _lying,
    RuleKind.CROWD: _crowd,
    RuleKind.CLOSED_ZONE: _closed_zone,
}
