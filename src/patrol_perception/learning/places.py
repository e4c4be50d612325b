"""Known and ignored places: what the site model takes from verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from patrol_core.site.hours import hours_of
from patrol_core.types.learning import VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_perception.learning.things import RunRecords
from patrol_perception.site_model.observations import EXPECTABLE


@dataclass(frozen=True, slots=True)
class JudgedPlace:
    """A place in `map` with the size of what was found there.

    `verdict` KNOWN: that thing belongs there; IGNORE: nothing there is to be told. `what` was
    found. `hours` as in zones ("mon-fri 06:00-20:00"), empty: always. `source`: run and incident.
    """

    source: str
    verdict: VerdictKind
    what: FindingKind
    x_m: float
    y_m: float
    length_m: float
    width_m: float
    hours: str
    who: str
    why: str
    since_s: float


def places_of(runs: Iterable[RunRecords]) -> tuple[JudgedPlace, ...]:
    """Every incident of a thing whose newest verdict is KNOWN or IGNORE, in order."""
    found = []
    for run in runs:
        for incident in run.incidents:
            verdict = incident.verdict
            kept = verdict and verdict.verdict in (VerdictKind.KNOWN, VerdictKind.IGNORE)
            if verdict and kept and incident.kind in EXPECTABLE:
                found.append(
                    JudgedPlace(
                        f"{run.name}/{incident.incident_id}",
                        verdict.verdict,
                        incident.kind,
                        incident.x_m,
                        incident.y_m,
                        incident.length_m,
                        incident.width_m,
                        verdict.hours,
                        verdict.who,
                        verdict.why,
                        verdict.stamp_s,
                    )
                )
    return tuple(found)


def merged(
    old: Iterable[JudgedPlace], new: Iterable[JudgedPlace], runs: Collection[str]
) -> tuple[JudgedPlace, ...]:
    """New places, and old ones of runs that were not read this time: their records may be gone."""
    kept = (place for place in old if place.source.rpartition("/")[0] not in runs)
    return (*kept, *new)


def place_to_document(place: JudgedPlace) -> dict[str, Any]:
    """As YAML takes it."""
    names = JudgedPlace.__slots__
    values = {name: getattr(place, name) for name in names}
    return values | {"verdict": place.verdict.value, "what": place.what.value}


def place_from_document(document: Mapping[str, Any]) -> JudgedPlace:
    """Raises ValueError, KeyError or TypeError where it is none."""
    if document["hours"] and hours_of(document["hours"]) is None:
        raise ValueError(f"hours '{document['hours']}'")
    enums = {
        "verdict": VerdictKind(document["verdict"]),
        "what": FindingKind(document["what"]),
    }
    return JudgedPlace(**{**document, **enums})
