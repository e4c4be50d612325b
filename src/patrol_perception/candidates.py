"""The numbers of everything that was judged, reported or not, for those who refit thresholds.

Bounded: a few looks a thing, some things a tick; no pictures, no tracks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from patrol_core.types.learning import Candidate, SpotNumbers
from patrol_perception.findings import FindingBook
from patrol_perception.spots import Spot

_MIN_SCANS = 8
_MAX_DOUBLINGS = 6
_UNSEEN_S = 10.0
_GROWN_SCANS = 8
_AT_ONCE = 20


@dataclass(slots=True)
class _Life:
    """One spot so far; `told_scans`: how many scans it had when it was last told."""

    spot: Spot
    looks: list[SpotNumbers] = field(default_factory=list)
    doublings: int = 0
    finding_id: str = ""
    told_scans: int = 0


class CandidateBook:
    """Follows the spots of a scene. What is due is told once."""

    def __init__(self, book: FindingBook) -> None:
        self._book = book
        self._lives: dict[int, _Life] = {}
        self._due: deque[Candidate] = deque()

    def step(self, spots: Mapping[int, Spot], held: Collection[int], now_s: float) -> None:
        """Spots as they have just been judged; those `held` were not, for somebody is there."""
        for number, spot in spots.items():
            finding_id = self._book.finding_id_of(spot)
            if number not in held and (finding_id or spot.scans >= _MIN_SCANS):
                self._note(self._lives.setdefault(number, _Life(spot)), finding_id, now_s)
        self._lives = {number: life for number, life in self._lives.items() if number in spots}

    def moved(self, spot: Spot) -> None:
        """A spot ends as that of a person."""
        life = self._lives.pop(spot.number, None)
        if life is not None:
            self._tell(life, spot.last_seen_s, moved=True)

    def due(self) -> list[Candidate]:
        """What is to be said now."""
        return [self._due.popleft() for _ in range(min(_AT_ONCE, len(self._due)))]

    def _note(self, life: _Life, finding_id: str, now_s: float) -> None:
        spot = life.spot
        doubled = spot.scans >= _MIN_SCANS << life.doublings
        if doubled and life.doublings < _MAX_DOUBLINGS:
            life.looks.append(spot.numbers())
            life.doublings = (spot.scans // _MIN_SCANS).bit_length()
        if finding_id and not life.finding_id:
            life.finding_id = finding_id
            life.looks.append(spot.numbers())
            self._tell(life, now_s)
        unseen = now_s - spot.last_seen_s >= _UNSEEN_S
        if unseen and spot.scans >= life.told_scans + _GROWN_SCANS:
            self._tell(life, now_s)

    def _tell(self, life: _Life, now_s: float, moved: bool = False) -> None:
        spot, place = life.spot, life.spot.placed()
        life.told_scans = spot.scans
        looks = tuple(dict.fromkeys((*life.looks, spot.numbers())))
        first_s = spot.first_seen_s
        candidate_id = f"{round(first_s * 1000.0):010d}-{spot.number}"
        self._due.append(
            Candidate(
                now_s, candidate_id, life.finding_id, first_s, place.x_m, place.y_m, moved, looks
            )
        )
