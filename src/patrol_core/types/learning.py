"""What thresholds are learned from: people's verdicts, and the numbers of what was judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class VerdictKind(Enum):
    """What a person says of an incident.

    TRUE: it should not be there. FALSE: there is nothing, or a person. KNOWN: it is there and
    belongs there. IGNORE: nothing at this place is to be told. MISSED: something stood at a place
    of which there is no incident.
    """

    TRUE = "true"
    FALSE = "false"
    KNOWN = "known"
    IGNORE = "ignore"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class IncidentVerdict:
    """One verdict; the newest of an incident counts, the older ones stay on record.

    `verdict_id` makes a repeated message the same verdict. What was MISSED has no incident
    (`incident_id` 0) but a place in `map`; of others the place is that of the incident. `hours`
    are those in which KNOWN or IGNORE hold, such as "mon-fri 06:00-20:00"; empty: always.
    """

    stamp_s: float
    verdict_id: str
    incident_id: int
    verdict: VerdictKind
    who: str
    why: str
    x_m: float
    y_m: float
    hours: str = ""


@dataclass(frozen=True, slots=True)
class SpotNumbers:
    """What a standing thing is judged by, at one moment.

    Counts of scans: all, with both ends free (`whole`), like two legs, in one piece (`solid`).
    `near_m`: the nearest range so far; `clearance_m`: mean distance of its returns to the map;
    `turn_rad`: how far the view of it has turned.
    """

    scans: int
    whole: int
    legs: int
    solid: int
    standing_s: float
    near_m: float
    clearance_m: float
    turn_rad: float
    length_m: float
    width_m: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A standing thing that was judged, reported (`finding_id`) or not (empty). No pictures.

    `looks` are its numbers while it was watched, oldest first: whenever its scans had doubled,
    when it was reported, and now. `moved`: it turned out to be a person or to move. Place in
    `map`. The same `candidate_id` with a later stamp replaces the earlier one.
    """

    stamp_s: float
    candidate_id: str
    finding_id: str
    first_seen_s: float
    x_m: float
    y_m: float
    moved: bool
    looks: tuple[SpotNumbers, ...]
