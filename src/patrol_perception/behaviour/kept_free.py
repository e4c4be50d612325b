"""Zones in which nothing may stand: what does is told of the finding that it is already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import shapely

from patrol_core.site.behaviour import Rule
from patrol_core.site.model import Zone
from patrol_core.types.perception import Measure
from patrol_perception.behaviour.params import BehaviourParams
from patrol_perception.findings import Entry, FindingBook

_MARGIN_M = 0.1


class KeptFree:
    """Rules of kind KEEP_FREE, held against the things that the lidar sees standing.

    A thing stays one finding, with a sentence for each rule that it breaks; who stands in such a
    zone every day is news all the same.
    """

    def __init__(self, params: BehaviourParams, book: FindingBook) -> None:
        self._params, self._book = params, book
        self._since_s: dict[tuple[str, str], float] = {}
        self._told: set[tuple[str, str]] = set()

    def step(
        self, rules: Sequence[Rule], zones: Mapping[str, Zone], standing: Collection[int],
        position_std_m: float, now_s: float,
    ) -> None:  # fmt: skip
        """`rules` that count now; `standing`: numbers of the spots that were just seen."""
        counting = {rule.rule_id for rule in rules}
        self._since_s = {key: s for key, s in self._since_s.items() if key[0] in counting}
        margin_m = _MARGIN_M + self._params.sigmas * position_std_m
        things = [entry for entry in self._book.things() if not entry.spots.isdisjoint(standing)]
        for rule in rules:
            for entry in things:
                if entry.finding.length_m >= rule.length_m:
                    self._hold(rule, entry, zones, margin_m, now_s)

    def _hold(
        self, rule: Rule, entry: Entry, zones: Mapping[str, Zone], margin_m: float, now_s: float
    ) -> None:
        key = (rule.rule_id, entry.finding.finding_id)
        if key in self._told:
            return
        outline = shapely.MultiPoint(entry.outline.corners_m()).convex_hull
        inside = (
            zone_id
            for zone_id in rule.zone_ids
            if shapely.Polygon(zones[zone_id].polygon_m).buffer(-margin_m).intersects(outline)
        )
        zone_id = next(inside, None)
        if zone_id is None:
            self._since_s.pop(key, None)
            return
        stood_s = now_s - self._since_s.setdefault(key, now_s)
        if stood_s < rule.for_s:
            return
        self._told.add(key)
        entry.insisted = True
        words = f"It stands in '{zone_id}', which is to be kept free (rule '{rule.rule_id}')."
        measures = (
            Measure("stood in the zone", stood_s, rule.for_s, "s"),
            Measure("length", entry.finding.length_m, rule.length_m, "m"),
        )
        self._book.remark(entry, f"rule {rule.rule_id}", words, measures, now_s)
