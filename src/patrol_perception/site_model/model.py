"""The site model: what is expected where, when, and how sure that is.

It never changes by itself: `learn` makes a new one, a version further. What was seen is
held against how often the place was looked at, at about the same hour and on the same sort of day.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from patrol_perception.site_model.observations import (
    HOURS,
    Observations,
    Patch,
    Sighting,
    hour_of,
    patch_of,
)

HOUR_SPREAD = 0.8
"""Standard deviation of "about this hour" [h]."""
OTHER_DAY = 0.25
"""What a working day says of the week's end, and the other way round."""
PRIOR_SEEN, PRIOR_LOOKS = 0.1, 1.1
"""As if that had been seen in so many looks before anything was learnt."""
_MEMORY = 20

Hours = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A thing that was seen here: its mean outline, and in how many hours of each sort (48)."""

    thing: Sighting
    seen: Hours


@dataclass(frozen=True, slots=True)
class Expectation:
    """How sure it is that something is no news, 0 to 1, and why, in words."""

    sure: float
    why: str


@dataclass(frozen=True, slots=True)
class SiteModel:
    """Version 0 is empty. `looks`: hours of each sort (48) in which a patch was looked at."""

    version: int = 0
    learnt: frozenset[str] = frozenset()
    places: tuple[Place, ...] = ()
    looks: Mapping[Patch, Hours] = field(default_factory=dict)

    def learn(self, observations: Iterable[Observations]) -> SiteModel:
        """A version further, with what was observed; what was learnt before is left out."""
        places, looks, learnt = list(self.places), dict(self.looks), set(self.learnt)
        for hour in observations:
            if hour.name in learnt:
                continue
            learnt.add(hour.name)
            for patch in sorted(hour.watched):
                looks[patch] = _one_more(looks.get(patch, (0,) * HOURS), hour.hour)
            _note(places, hour)
        return dataclasses.replace(
            self, version=self.version + 1, learnt=frozenset(learnt), places=tuple(places),
            looks=looks,
        )  # fmt: skip

    def expects(self, thing: Sighting, weekday: int, second: int) -> Expectation:
        """Whether something is no news on a weekday (0 Monday) at a second of the day."""
        hour = hour_of(weekday, second)
        weights = [_weight(hour, other) for other in range(HOURS)]
        looks = self.looks.get(patch_of(thing.x_m, thing.y_m), (0,) * HOURS)
        same = [place for place in self.places if place.thing.is_like(thing)]
        # Of several alike, what was seen in one hour counts once.
        seen = tuple(map(max, zip(*(place.seen for place in same), strict=True)))
        if not same:
            times = sum(looks)
            return Expectation(
                0.0, f"nothing like it stood here in {times} earlier hours of watch"
            )
        # A place at the edge of a patch is seen in hours in which the patch's middle was not.
        looks = tuple(map(max, looks, seen))
        part_seen, part_looks = (
            sum(weight * count for weight, count in zip(weights, counts, strict=True))
            for counts in (seen, looks)
        )
        sure = (part_seen + PRIOR_SEEN) / (part_looks + PRIOR_LOOKS)
        about = f"about {hour % 24:02d} h on {'a week-end' if hour >= 24 else 'working days'}"
        return Expectation(
            sure,
            f"it was here in {sum(seen)} of {sum(looks)} earlier hours of watch, {about} in "
            f"{part_seen:.1f} of {part_looks:.1f}",
        )


def _weight(hour: int, other: int) -> float:
    """What one hour says of another, 1 for itself."""
    apart = abs(hour % 24 - other % 24)
    apart = min(apart, 24 - apart)
    same_day = (hour >= 24) == (other >= 24)
    return math.exp(-0.5 * (apart / HOUR_SPREAD) ** 2) * (1.0 if same_day else OTHER_DAY)


def _one_more(counts: Hours, hour: int) -> Hours:
    return (*counts[:hour], counts[hour] + 1, *counts[hour + 1 :])


def _note(places: list[Place], hour: Observations) -> None:
    """Count the sightings of an hour, each place once."""
    counted: set[int] = set()
    for thing in hour.sightings:
        known = next((i for i, place in enumerate(places) if place.thing.is_like(thing)), None)
        if known is None:
            counted.add(len(places))
            places.append(Place(thing, _one_more((0,) * HOURS, hour.hour)))
        elif known not in counted:
            counted.add(known)
            place = places[known]
            share = 1.0 / min(sum(place.seen) + 1, _MEMORY)
            places[known] = Place(
                _moved(place.thing, thing, share), _one_more(place.seen, hour.hour)
            )


def _moved(thing: Sighting, towards: Sighting, share: float) -> Sighting:
    """The outline drawn a share of the way towards another."""
    names = ("x_m", "y_m", "length_m", "width_m")
    means = {
        name: getattr(thing, name) + share * (getattr(towards, name) - getattr(thing, name))
        for name in names
    }
    return dataclasses.replace(thing, **means)
