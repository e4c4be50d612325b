"""Records of made-up patrols: things of every kind, with verdicts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from patrol_core.types.learning import Candidate, IncidentVerdict, SpotNumbers, VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_perception.learning.things import PatrolSpan, RunRecords
from patrol_records.entries import StoredIncident

GOOD = SpotNumbers(40, 30, 0, 30, 5.0, 2.0, 1.0, 2.0, 0.4, 0.3)
"""A box, seen well: told with the shipped thresholds."""
SCRAP = dataclasses.replace(GOOD, length_m=0.12, width_m=0.1, standing_s=9.0)
"""The same, smaller than anything that matters."""
START_S = 1_780_000_000.0
HOUR_S = 3600.0


def candidate(
    name: str, look: SpotNumbers, x_m: float = 0.0, finding_id: str = "", **more: Any
) -> Candidate:
    values = {"stamp_s": START_S + 60.0, "first_seen_s": START_S + 50.0, "moved": False} | more
    return Candidate(
        values["stamp_s"], name, finding_id, values["first_seen_s"], x_m, 0.0, values["moved"],
        (look,),
    )  # fmt: skip


def verdict(kind: VerdictKind, incident_id: int, x_m: float = 0.0) -> IncidentVerdict:
    return IncidentVerdict(
        START_S + 900.0, f"{kind.value} {incident_id} {x_m}", incident_id, kind, "ann", "saw it",
        x_m, 0.0,
    )  # fmt: skip


def incident(number: int, x_m: float, said: VerdictKind | None) -> StoredIncident:
    verdicts = () if said is None else (verdict(said, number, x_m),)
    return StoredIncident(
        number, START_S + 60.0, f"f{number}", 1, START_S + 60.0, START_S + 50.0,
        FindingKind.OBJECT, x_m, 0.0, 0.4, 0.3, 0.9, "stands there", (), None, None, "", verdicts,
    )  # fmt: skip


def run_of(
    name: str,
    incidents: Sequence[StoredIncident] = (),
    candidates: Sequence[Candidate] = (),
    missed: Sequence[IncidentVerdict] = (),
) -> RunRecords:
    """A run of one patrol, which goes on until its end."""
    said = [v for i in incidents for v in i.verdicts]
    return RunRecords(
        name, (PatrolSpan("p", START_S, math.inf),), tuple(incidents), (*said, *missed),
        tuple(candidates),
    )  # fmt: skip


def patrols(count: int, scraps_told: bool) -> list[RunRecords]:
    """Runs with two boxes and two scraps each; scraps are told, or boxes are missed."""
    runs = []
    for number in range(count):
        looks = [dataclasses.replace(GOOD, length_m=0.35 + 0.01 * number), GOOD, SCRAP, SCRAP]
        told = (True, True, scraps_told, scraps_told)
        incidents = [
            incident(i, 5.0 * i, VerdictKind.TRUE if i <= 2 else VerdictKind.FALSE)
            for i, is_told in enumerate(told, 1)
            if is_told
        ]
        candidates = [
            candidate(f"c{i}", look, 5.0 * i, f"f{i}" if is_told else "")
            for i, (look, is_told) in enumerate(zip(looks, told, strict=True), 1)
        ]
        runs.append(run_of(f"yard-{number}", incidents, candidates))
    return runs
