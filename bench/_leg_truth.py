"""Who is where, from labels that only say where legs are: legs linked over time into people.

Not the tracker: labels hold nothing but legs, so that the nearest ones are a person's, two at
most. A person without a leg for a while has gone; who comes later is somebody else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from _clear_mot import Somebody
from scipy.optimize import linear_sum_assignment

_REACH_M = 0.6
_GONE_S = 1.5
_MEMORY_S = 0.5
_FAR = 1e6

Leg = tuple[float, float]


@dataclass(eq=False)
class _Person:
    name: str
    past: list[tuple[float, float, float]] = field(default_factory=list)

    def expected(self, stamp_s: float) -> Leg:
        """Where they would be if they walked on as in the last half second."""
        last_s, x, y = self.past[-1]
        first_s, x0, y0 = next(p for p in self.past if last_s - p[0] <= _MEMORY_S)
        walked_s, ahead_s = last_s - first_s, stamp_s - last_s
        if walked_s < 0.5 * _MEMORY_S or ahead_s > _MEMORY_S:
            return x, y
        return x + (x - x0) / walked_s * ahead_s, y + (y - y0) / walked_s * ahead_s


def people_of(scans: Iterable[tuple[float, Sequence[Leg]]]) -> list[list[Somebody]]:
    """The people of each scan, given its stamp [s] and its legs; at the middle of their legs."""
    people: list[_Person] = []
    found = []
    for stamp_s, legs in scans:
        alive = [person for person in people if stamp_s - person.past[-1][0] <= _GONE_S]
        owners = _owners(alive, stamp_s, legs)
        for index in range(len(legs)):
            if owners[index] is None:
                newcomer = _Person(str(len(people) + 1))
                people.append(newcomer)
                for other in _newcomers_legs(index, legs, owners):
                    owners[other] = newcomer
        here = []
        for person in dict.fromkeys(owners):
            assert person is not None
            own = [leg for leg, owner in zip(legs, owners, strict=True) if owner is person]
            x, y = np.mean(own, axis=0).tolist()
            person.past.append((stamp_s, x, y))
            here.append(Somebody(person.name, x, y))
        found.append(here)
    return found


def _owners(alive: list[_Person], stamp_s: float, legs: Sequence[Leg]) -> list[_Person | None]:
    """Whose each leg is: everybody has two at most; the sum of distances is smallest."""
    owners: list[_Person | None] = [None] * len(legs)
    if not alive or not legs:
        return owners
    places = [person.expected(stamp_s) for person in alive for _ in range(2)]
    cost = np.array([[math.dist(place, leg) for leg in legs] for place in places])
    cost = np.where(cost < _REACH_M, cost, _FAR)
    rows, columns = linear_sum_assignment(cost)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if cost[row, column] < _REACH_M:
            owners[column] = alive[row // 2]
    return owners


def _newcomers_legs(
    index: int, legs: Sequence[Leg], owners: Sequence[_Person | None]
) -> list[int]:
    """A leg that is nobody's and the nearest other such leg, where there is one."""
    near = sorted(
        (math.dist(legs[index], legs[other]), other)
        for other in range(len(legs))
        if other != index and owners[other] is None
    )
    return [index] + [other for distance, other in near[:1] if distance < _REACH_M]
