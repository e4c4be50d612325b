"""The judging of behaviour as a whole: tracks and depth in, findings into the book."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Sequence

from patrol_core.geometry import FloatArray
from patrol_core.site.behaviour import Rule, RuleKind
from patrol_core.site.behaviour_file import SHORT_S
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Zone
from patrol_core.types.perception import FindingKind, Tracks
from patrol_perception.behaviour.bodies import Body, body_at
from patrol_perception.behaviour.episodes import Episodes
from patrol_perception.behaviour.kept_free import KeptFree
from patrol_perception.behaviour.params import BehaviourParams
from patrol_perception.behaviour.people import People
from patrol_perception.behaviour.signs import Situation, signs_of
from patrol_perception.findings import FindingBook

_PERIOD_S = 0.25
_RESTING_MPS = 0.3
_BODY_EVERY_S = 0.5
_BODY_REACH_M = 5.0
_THING_M = 0.2


class BehaviourWatch:
    """The rules of a site, held against people and things a few times a second."""

    def __init__(
        self,
        rules: Sequence[Rule],
        local_time: LocalTime,
        params: BehaviourParams,
        book: FindingBook,
    ) -> None:
        self._rules = tuple(rules)
        self._kept_free = KeptFree(params, book)
        self._local_time = local_time
        self._params = params
        self._book = book
        keep_s = max((r.for_s for r in rules if r.kind is RuleKind.LOITERING), default=0.0)
        self._people = People(params, keep_s + SHORT_S)
        self._episodes = Episodes(params, book)
        self._bodies: dict[int, Body] = {}
        self._watches_bodies = any(rule.kind is RuleKind.LYING for rule in rules)
        self._next_s = 0.0
        self._bodies_s = 0.0

    def step(
        self, tracks: Tracks, standing: Collection[int], position_std_m: float,
        zones: Sequence[Zone], now_s: float,
    ) -> None:  # fmt: skip
        """Take in the tracks of a scan made at a pose that is `position_std_m` sure.

        `standing`: numbers of the spots that it saw; `zones` are all of the site, whatever the
        hour.
        """
        if not self._rules or position_std_m > self._params.most_std_m:
            return
        self._people.update(tracks)
        if now_s < self._next_s:
            return
        self._next_s = now_s + _PERIOD_S
        weekday, second = self._local_time(now_s)
        by_id = {zone.zone_id: zone for zone in zones}
        now = Situation(
            tracks.stamp_s, self._people.all, by_id, position_std_m, self._bodies,
            self._episodes.is_told, self._is_thing, self._episodes.lying(), self._params,
        )  # fmt: skip
        present = {o.number for o in self._people.all if tracks.stamp_s - o.seen_s < 0.3}
        free: list[Rule] = []
        for rule in self._rules:
            counts = _in_force(rule, by_id, weekday, second)
            if rule.kind is RuleKind.KEEP_FREE:
                free += [] if counts is None else [counts]
                continue
            signs = signs_of(counts, now) if counts is not None else []
            self._episodes.update(rule, signs, present, now_s)
        self._kept_free.step(free, by_id, standing, position_std_m, now_s)

    def _is_thing(self, x_m: float, y_m: float) -> bool:
        entry = self._book.near(x_m, y_m, _THING_M)
        return entry is not None and entry.finding.kind is FindingKind.OBJECT

    def wants_depth(self, now_s: float) -> bool:
        """Whether somebody may lie somewhere, so that depth should be asked."""
        due = self._watches_bodies and now_s - self._bodies_s >= _BODY_EVERY_S
        return due and any(one.speed_mps() < _RESTING_MPS for one in self._people.all)

    def see_depth(
        self, points_m: FloatArray, eye_m: tuple[float, float], stamp_s: float, ground_m: float
    ) -> None:
        """Take in a depth picture: points (N, 3), x and y in map, heights above the ground, that
        nothing mapped explains; from where they were seen."""
        self._bodies_s = stamp_s
        numbers = {one.number for one in self._people.all}
        self._bodies = {n: body for n, body in self._bodies.items() if n in numbers}
        for one in self._people.all:
            x, y = one.track.x_m, one.track.y_m
            away = math.hypot(x - eye_m[0], y - eye_m[1])
            if one.speed_mps() < _RESTING_MPS and away <= _BODY_REACH_M:
                body = body_at(points_m, x, y, stamp_s, ground_m, self._params.low_m)
                if body is not None:
                    self._bodies[one.number] = body


def _in_force(rule: Rule, zones: dict[str, Zone], weekday: int, second: int) -> Rule | None:
    """The rule with the zones in which it counts now; None where it does not count at all."""
    if rule.hours and not any(hours.contain(weekday, second) for hours in rule.hours):
        return None
    if not rule.zone_ids:
        return rule
    ids = tuple(name for name in rule.zone_ids if name in zones)
    if rule.kind is RuleKind.CLOSED_ZONE and not rule.hours:
        ids = tuple(name for name in ids if not zones[name].valid_at(weekday, second))
    if not ids:
        return None
    return dataclasses.replace(rule, zone_ids=ids)
