"""What a night at a site brings: vans, people, things that are left and taken away, openings.

All is drawn from the night's seed. Vans, gate and people are those of `_daily_life.py` at each
hour; what is planted stays for two hours, and is then taken away or closed again.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from _daily_life import scenario_at
from _placements import LOW_M, hole_of, outline_of
from _site_laps import placer_of, setting_of
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from patrol_core.types.perception import FindingKind
from patrol_records.entries import InboxLine, StoredIncident
from patrol_sim.removal import Removal
from patrol_sim.rng import stream
from patrol_sim.scenario import PlacedObject, Scenario

HOURS = (20, 21, 22, 23, 0, 1, 2, 3)
EVENING = date(2026, 6, 2)
PEOPLE = (8, 6, 4, 3, 2, 2, 1, 2)
"""At most so many are about, hour by hour."""
THINGS, OPENINGS, STAYS = 6, 2, 2
"""Planted, and for how many hours each."""
_DRAWN, _FROM_VANS_M, _WITHIN_S = 16, 3.0, 300.0
_MATCH_M = 0.5
_THING_KINDS = (FindingKind.OBJECT, FindingKind.OBSTRUCTION)


@dataclass(frozen=True, slots=True)
class Planted:
    """What must be told: at the hours (numbers from 0) `begins` up to `ends`."""

    name: str
    place: BaseGeometry
    begins: int
    ends: int
    thing: PlacedObject | None = None
    removal: Removal | None = None

    def is_there(self, hour: int) -> bool:
        return self.begins <= hour < self.ends

    def is_told_by(self, told: InboxLine | StoredIncident) -> bool:
        """Whether that is about it."""
        kinds = _THING_KINDS if self.thing else (FindingKind.MISSING,)
        return told.kind in kinds and self.place.distance(Point(told.x_m, told.y_m)) <= _MATCH_M


def begins_s(site: str, hour: int) -> float:
    """Unix time at which an hour of the night begins."""
    clock = HOURS[hour]
    day = EVENING + timedelta(days=clock < HOURS[0])
    return datetime.combine(day, time(clock), ZoneInfo(setting_of(site).site.timezone)).timestamp()


def hour_seed(seed: int, hour: int) -> int:
    return 100 * seed + hour


@functools.lru_cache
def _usual(site: str, seed: int, hour: int) -> Scenario:
    return scenario_at(site, hour_seed(seed, hour), HOURS[hour], PEOPLE[hour])


@functools.lru_cache
def planted(site: str, seed: int) -> tuple[Planted, ...]:
    """Things of 0.3 m and more beside the route, and openings, each in plain view from it."""
    hours = [_usual(site, seed, hour) for hour in range(len(HOURS))]
    everybody = dataclasses.replace(
        hours[0], pedestrians=tuple(p for one in hours for p in one.pedestrians), objects=()
    )
    vans = [outline_of(van) for one in hours for van in one.objects]
    drawn = placer_of(site).with_things(everybody, hour_seed(seed, 50), _DRAWN).objects
    fit = [
        thing for thing in drawn
        if thing.size_m[2] > LOW_M
        and all(outline_of(thing).distance(van) > _FROM_VANS_M for van in vans)
    ]  # fmt: skip
    rng = stream(hour_seed(seed, 50), "night")
    found = []
    for number, thing in enumerate(fit[:THINGS]):
        begins = 1 + number % (len(HOURS) - STAYS)
        left = dataclasses.replace(
            thing, name=f"left_{number}", appears_s=float(rng.uniform(0.0, _WITHIN_S))
        )
        found.append(Planted(left.name, outline_of(left), begins, begins + STAYS, thing=left))
    gone = placer_of(site).gone(hour_seed(seed, 50), OPENINGS)
    for number, opening in enumerate(gone):
        begins = 2 + 3 * number
        hole = hole_of(setting_of(site).world, opening.removal)
        found.append(Planted(f"{opening.kind}_{number}", hole, begins, begins + STAYS,
                             removal=opening.removal))  # fmt: skip
    return tuple(found)


def scenario_of(site: str, seed: int, hour: int) -> Scenario:
    """All of it at one hour. What was there the hour before is there from the start."""
    usual = _usual(site, seed, hour)
    here = [one for one in planted(site, seed) if one.is_there(hour)]
    things = [
        one.thing if one.begins == hour else dataclasses.replace(one.thing, appears_s=0.0)
        for one in here if one.thing
    ]  # fmt: skip
    removed = tuple(one.removal for one in here if one.removal)
    return dataclasses.replace(
        usual, objects=(*usual.objects, *things), removed=(*usual.removed, *removed)
    )
