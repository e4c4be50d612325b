"""Places of the map that look different, gathered over several pictures along the way."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from patrol_perception.change.comparison import Difference
from patrol_perception.change.params import PlaceParams
from patrol_perception.change.regions import Region
from patrol_perception.change.snapshot import Snapshot
from patrol_perception.change.views import ReferenceView
from patrol_perception.outline import Outline
from patrol_perception.photos import Frame

_MOST_PLACES = 100
_BEST_AWAY_M = 2.5
_COVERED_M = 0.4
_NEARER_M = 0.05


class Place:
    """One place: pictures that showed a change there, and those that looked and showed none.

    `best` is the region that shows it best, with its picture and the nearest reference view.
    """

    def __init__(self, region: Region, frame: Frame, was: ReferenceView) -> None:
        self.first_seen_s = self.last_seen_s = frame.view.stamp_s
        self.hits, self.misses = 0, 0
        self.near_m = math.inf
        self.told = False
        self._from = frame.view.position_m
        self.way_m = 0.0
        self._scores: list[float] = []
        self._nearer: list[float] = []
        self.best, self.frame, self.was = region, frame, was
        self.note(region, frame, was)

    def note(self, region: Region, frame: Frame, was: ReferenceView) -> None:
        """One more picture shows it."""
        self.hits += 1
        self.last_seen_s = frame.view.stamp_s
        self._scores.append(region.score)
        self._nearer.append(region.nearer_m)
        self.near_m = min(self.near_m, region.away_m)
        self.way_m = max(
            self.way_m, math.dist(self._from.tolist(), frame.view.position_m.tolist())
        )
        if _off(region) < _off(self.best):
            self.best, self.frame, self.was = region, frame, was

    @property
    def score(self) -> float:
        """Mean of the pictures that show it."""
        return sum(self._scores) / len(self._scores)

    @property
    def share(self) -> float:
        """Of the pictures that look there, those that show it."""
        return self.hits / (self.hits + self.misses)

    @property
    def nearer_m(self) -> float:
        """By how much the surface there is nearer than it was (negative: farther) [m]."""
        return float(np.median(self._nearer))

    @property
    def outline(self) -> Outline:
        return self.best.outline

    def words(self) -> str:
        """What has happened, as far as depth tells."""
        if self.nearer_m > _NEARER_M:
            return "something stands or lies there that did not"
        if self.nearer_m < -_NEARER_M:
            return "something that was there has gone"
        return "it looks different"


class Places:
    """All places of one run."""

    def __init__(self, params: PlaceParams) -> None:
        self._params = params
        self._places: list[Place] = []

    def step(
        self,
        regions: Sequence[Region],
        difference: Difference,
        picture: Snapshot,
        frame: Frame,
        was: ReferenceView,
    ) -> list[Place]:
        """Take in one compared picture; the places that are ripe to be told now."""
        hit: set[int] = set()
        for region in regions:
            place = self._place_of(region)
            if place is None:
                place = Place(region, frame, was)
                self._places.append(place)
            elif id(place) not in hit:
                place.note(region, frame, was)
            hit.add(id(place))
        for place in self._places:
            if id(place) not in hit:
                place.misses += _looks_at(place, difference, picture)
        if len(self._places) > _MOST_PLACES:
            self._places.sort(key=lambda place: (place.told, place.last_seen_s))
            del self._places[: len(self._places) - _MOST_PLACES]
        return [place for place in self._places if self._is_ripe(place, id(place) in hit)]

    def _place_of(self, region: Region) -> Place | None:
        x, y = region.outline.x_m, region.outline.y_m
        near = [
            (math.hypot(place.outline.x_m - x, place.outline.y_m - y), index)
            for index, place in enumerate(self._places)
        ]
        away_m, index = min(near, default=(math.inf, -1))
        return self._places[index] if away_m <= self._reach_m(region) else None

    def _reach_m(self, region: Region) -> float:
        """Farther off and larger things are placed less well."""
        return max(self._params.merge_m, 0.1 * region.away_m, region.outline.length_m / 2.0)

    def _is_ripe(self, place: Place, is_hit: bool) -> bool:
        """Seen often enough, from near enough; and passed, or seen twice as often."""
        params = self._params
        return (
            not place.told
            and place.hits >= params.hits
            and place.way_m >= params.way_m
            and place.share >= params.share
            and place.near_m <= params.near_m
            and (not is_hit or place.hits >= 2 * params.hits)
        )


def _off(region: Region) -> float:
    """How far from the distance at which a picture is best."""
    return abs(math.log(max(region.away_m, 0.1) / _BEST_AWAY_M))


def _looks_at(place: Place, difference: Difference, picture: Snapshot) -> bool:
    """Whether the picture shows the place, compared and not covered."""
    outline = place.outline
    (optical,) = picture.view.to_optical(np.array([[outline.x_m, outline.y_m, place.best.z_m]]))
    if optical[2] < 0.5:
        return False
    column, row = np.rint(picture.view.pixels(optical[None])[0]).astype(int).tolist()
    height, width = difference.compared.shape
    if not (0 <= row < height and 0 <= column < width and difference.compared[row, column]):
        return False
    return not difference.nearest_m[row, column] < optical[2] - _COVERED_M
