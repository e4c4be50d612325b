"""CLEAR MOT: how well tracks tell who is where (Bernardin and Stiefelhagen 2008).

Matches of the scan before are kept while they hold, the others are those of the smallest sum of
distances; an identity switches when a person is matched to another track than before, or a track
to another person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

MATCH_M = 0.75
_FAR = 1e6


@dataclass(frozen=True, slots=True)
class Somebody:
    """Where a person (by label) or a track (by id) is."""

    name: str
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Mot:
    """Counts over scans. `objects`: labelled positions; `distance_m`: summed over all matches."""

    objects: int = 0
    matches: int = 0
    switches: int = 0
    misses: int = 0
    false_positives: int = 0
    distance_m: float = 0.0

    @property
    def mota(self) -> float:
        """1 less the share of all errors; below 0 when there are more of them than objects."""
        errors = self.switches + self.misses + self.false_positives
        return 1.0 - errors / self.objects

    @property
    def motp_m(self) -> float:
        """Mean distance of matches; 0 without any."""
        return self.distance_m / max(self.matches, 1)

    def to_json(self) -> dict[str, float]:
        """All figures by name."""
        return {
            "objects": self.objects, "matches": self.matches, "switches": self.switches,
            "misses": self.misses, "false_positives": self.false_positives, "mota": self.mota,
            "motp_m": self.motp_m,
        }  # fmt: skip

    def __add__(self, other: Mot) -> Mot:
        return Mot(
            self.objects + other.objects, self.matches + other.matches,
            self.switches + other.switches, self.misses + other.misses,
            self.false_positives + other.false_positives, self.distance_m + other.distance_m,
        )  # fmt: skip


def clear_mot(scans: Iterable[tuple[Sequence[Somebody], Sequence[Somebody]]]) -> Mot:
    """Score pairs (labels, tracks), one a scan, in the order of time."""
    known: dict[str, str] = {}
    total = Mot()
    for people, tracks in scans:
        pairs = _match(people, tracks, known)
        switches = 0
        for person, track in pairs:
            before, then = known.get(track.name), [t for t, p in known.items() if p == person.name]
            if before is not None:
                switches += before != person.name
            else:
                switches += bool(then)
        for person, track in pairs:
            for name in [t for t, p in known.items() if p == person.name]:
                del known[name]
            known[track.name] = person.name
        total += Mot(
            len(people), len(pairs), switches, len(people) - len(pairs), len(tracks) - len(pairs),
            sum(_distance(*pair) for pair in pairs),
        )  # fmt: skip
    return total


def _match(
    people: Sequence[Somebody], tracks: Sequence[Somebody], known: dict[str, str]
) -> list[tuple[Somebody, Somebody]]:
    names = {person.name: person for person in people}
    pairs = [
        (names[known[track.name]], track)
        for track in tracks
        if known.get(track.name) in names and _distance(names[known[track.name]], track) < MATCH_M
    ]
    taken = {id(one) for pair in pairs for one in pair}
    free_people = [person for person in people if id(person) not in taken]
    free_tracks = [track for track in tracks if id(track) not in taken]
    if not free_people or not free_tracks:
        return pairs
    cost = np.array([[_distance(p, t) for t in free_tracks] for p in free_people])
    cost = np.where(cost < MATCH_M, cost, _FAR)
    rows, columns = linear_sum_assignment(cost)
    return pairs + [
        (free_people[row], free_tracks[column])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if cost[row, column] < MATCH_M
    ]


def _distance(first: Somebody, second: Somebody) -> float:
    return float(np.hypot(first.x_m - second.x_m, first.y_m - second.y_m))
