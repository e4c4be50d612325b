"""Labelled things: what was judged, and whether it should have been told.

| what | counts as |
|---|---|
| an incident judged true, with what stood near it in that patrol | to be told |
| what stood near a place of which somebody said that something was missed there | to be told |
| an incident judged false | not to be told |
| what was not told and turned out to be a person or to move | not to be told |
| any other that was not told, in a patrol that was judged to the end | the same, presumed |
| everything else: known, ignored, not judged, without numbers, outside patrols | left out |

A patrol is judged to the end when every incident of a thing in it has a verdict, and when at least
one was given: who has not looked at it has not said that nothing was missed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from patrol_core.types.learning import Candidate, IncidentVerdict, SpotNumbers, VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_perception.judgement import is_worth_telling
from patrol_perception.params import EvidenceParams
from patrol_records.entries import StoredIncident

JUDGED = (FindingKind.OBJECT, FindingKind.OBSTRUCTION)
"""What these thresholds judge: not ways, people, readings, nor what is gone."""


class Source(Enum):
    """What a label comes from."""

    TRUE = "judged true"
    MISSED = "missed"
    FALSE = "judged false"
    MOVED = "moved"
    PRESUMED = "presumed"


@dataclass(frozen=True, slots=True)
class PatrolSpan:
    """One patrol; what was seen until the next one began belongs to it [Unix time]."""

    patrol_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class RunRecords:
    """What the records of one run hold, in order of time."""

    name: str
    patrols: tuple[PatrolSpan, ...]
    incidents: tuple[StoredIncident, ...]
    verdicts: tuple[IncidentVerdict, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing with a label. `patrol` names run and patrol; `looks` are all its numbers."""

    patrol: str
    source: Source
    seen_s: float
    x_m: float
    y_m: float
    looks: tuple[SpotNumbers, ...]

    @property
    def to_be_told(self) -> bool:
        return self.source in (Source.TRUE, Source.MISSED)

    @property
    def near_m(self) -> float:
        """The nearest range that it was seen from."""
        return min(look.near_m for look in self.looks)

    @property
    def length_m(self) -> float:
        """Its length when it was seen best."""
        return max(self.looks, key=lambda look: look.scans).length_m

    def is_told(self, limits: EvidenceParams) -> bool:
        """Whether these thresholds tell it at some moment."""
        return any(is_worth_telling(look, limits) for look in self.looks)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The things of all runs, and how much was left out for which reason."""

    things: tuple[Thing, ...]
    left_out: Counter[str]


def label(runs: Iterable[RunRecords], near_m: float) -> Labelled:
    """Turn verdicts into labels. The same records give the same things, in the same order."""
    things: list[Thing] = []
    left_out: Counter[str] = Counter()
    for run in runs:
        desk = _Desk(run, near_m, left_out)
        things += desk.incidents()
        things += desk.missed()
        things += desk.rest()
    return Labelled(tuple(things), left_out)


@dataclass(frozen=True, slots=True)
class _Judged:
    """An incident judged true or false, with the candidates that belong to it."""

    incident: StoredIncident
    patrol: PatrolSpan
    kind: VerdictKind
    members: list[Candidate]


class _Desk:
    """Goes through one run; a candidate serves once."""

    def __init__(self, run: RunRecords, near_m: float, left_out: Counter[str]) -> None:
        self._run = run
        self._near_m = near_m
        self._left_out = left_out
        self._free = list(run.candidates)
        self._said: set[str] = set()
        self._open: set[str] = set()

    def incidents(self) -> list[Thing]:
        """Incidents that were judged true or false; true ones beside each other are one thing."""
        found: list[_Judged] = []
        for incident in self._run.incidents:
            if incident.kind not in JUDGED:
                continue
            patrol = _patrol_at(self._run, incident.opened_s)
            kind = incident.verdict.verdict if incident.verdict else None
            if patrol is not None:
                (self._said if kind else self._open).add(patrol.patrol_id)
            members = self._take([c for c in self._free if c.finding_id == incident.finding_id])
            if kind is not VerdictKind.FALSE:
                members += self._beside(incident.x_m, incident.y_m, incident.length_m, patrol)
            if kind not in (VerdictKind.TRUE, VerdictKind.FALSE):
                self._left_out[f"incidents {kind.value if kind else 'not judged'}"] += 1
            elif not members or patrol is None:
                self._left_out["incidents without numbers or patrol"] += 1
            else:
                judged = _Judged(incident, patrol, kind, members)
                same = next((one for one in found if self._are_one(one, judged)), None)
                if same is None:
                    found.append(judged)
                else:
                    same.members.extend(members)
        return [
            _thing(
                self._name(judged.patrol),
                Source.TRUE if judged.kind is VerdictKind.TRUE else Source.FALSE,
                judged.members,
                (judged.incident.x_m, judged.incident.y_m),
            )
            for judged in found
        ]

    def _are_one(self, first: _Judged, second: _Judged) -> bool:
        """Whether two incidents are of one thing that should not be there: told in two pieces."""
        one, other = first.incident, second.incident
        reach_m = self._near_m + 0.5 * max(one.length_m, other.length_m)
        return (
            first.kind is second.kind is VerdictKind.TRUE
            and first.patrol is second.patrol
            and math.hypot(one.x_m - other.x_m, one.y_m - other.y_m) <= reach_m
        )

    def missed(self) -> list[Thing]:
        """Things that stood where somebody says that something was missed, in the last patrol
        before that which saw anything there."""
        found = []
        for verdict in self._run.verdicts:
            if verdict.verdict is not VerdictKind.MISSED:
                continue
            place = (verdict.x_m, verdict.y_m)
            before = [p for p in self._run.patrols if p.start_s <= verdict.stamp_s]
            for patrol in reversed(before or self._run.patrols):
                members = self._beside(*place, 0.0, patrol)
                if members:
                    self._said.add(patrol.patrol_id)
                    found.append(_thing(self._name(patrol), Source.MISSED, members, place))
                    break
            else:
                self._left_out["missed where nothing was judged: no threshold finds it"] += 1
        return found

    def rest(self) -> list[Thing]:
        """Everything else that was not told, once the others have been gone through."""
        judged = self._said - self._open
        found = []
        for candidate in self._free:
            patrol = _patrol_at(self._run, candidate.stamp_s)
            if patrol is None or candidate.finding_id:
                self._left_out["candidates outside patrols, or of incidents no longer kept"] += 1
            elif candidate.moved or patrol.patrol_id in judged:
                source = Source.MOVED if candidate.moved else Source.PRESUMED
                place = (candidate.x_m, candidate.y_m)
                found.append(_thing(self._name(patrol), source, [candidate], place))
            else:
                self._left_out["candidates of patrols that were not judged to the end"] += 1
        return found

    def _name(self, patrol: PatrolSpan) -> str:
        return f"{self._run.name}/{patrol.patrol_id}"

    def _beside(
        self, x_m: float, y_m: float, length_m: float, patrol: PatrolSpan | None
    ) -> list[Candidate]:
        """What was not told at a place, in one patrol."""

        def is_beside(candidate: Candidate) -> bool:
            reach_m = self._near_m + 0.5 * max(length_m, candidate.looks[-1].length_m)
            return (
                not candidate.finding_id
                and not candidate.moved
                and _patrol_at(self._run, candidate.stamp_s) is patrol
                and math.hypot(candidate.x_m - x_m, candidate.y_m - y_m) <= reach_m
            )

        return self._take([candidate for candidate in self._free if is_beside(candidate)])

    def _take(self, taken: list[Candidate]) -> list[Candidate]:
        ids = {candidate.candidate_id for candidate in taken}
        self._free = [c for c in self._free if c.candidate_id not in ids]
        return taken


def _patrol_at(run: RunRecords, stamp_s: float) -> PatrolSpan | None:
    return next((p for p in run.patrols if p.start_s <= stamp_s < p.end_s), None)


def _thing(
    patrol: str, source: Source, members: Sequence[Candidate], place: tuple[float, float]
) -> Thing:
    looks = tuple(look for member in members for look in member.looks)
    return Thing(patrol, source, min(m.first_seen_s for m in members), *place, looks)
