"""Records of judged patrols in a small file: what learning reads, and no more."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from patrol_core.types.learning import Candidate, IncidentVerdict, SpotNumbers, VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_perception.learning.things import PatrolSpan, RunRecords
from patrol_records.entries import StoredIncident

DATA = Path(__file__).parent / "data"


def save_runs(runs: Sequence[RunRecords], path: Path) -> None:
    """Made once from the runs of `bench/learn.py`; the same runs give the same bytes."""
    document = [
        {
            "name": run.name,
            "patrols": [(p.patrol_id, p.start_s) for p in run.patrols],
            "incidents": [
                (i.incident_id, i.opened_s, i.finding_id, i.kind.value, i.x_m, i.y_m, i.length_m)
                for i in run.incidents
            ],
            "verdicts": [
                (v.stamp_s, v.verdict_id, v.incident_id, v.verdict.value, v.x_m, v.y_m)
                for v in run.verdicts
            ],
            "candidates": [
                (
                    c.stamp_s,
                    c.candidate_id,
                    c.finding_id,
                    c.first_seen_s,
                    c.x_m,
                    c.y_m,
                    c.moved,
                    [[_short(number) for number in astuple(look)] for look in c.looks],
                )
                for c in run.candidates
            ],
        }
        for run in runs
    ]
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(json.dumps(document).encode())


def _short(number: float) -> float:
    """Kept to a tenth of a millimetre or millisecond; counts stay whole."""
    return round(number, 4)


def load_runs(name: str) -> list[RunRecords]:
    """The runs in a file of `tests/replay/data`."""
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        return [_run(document) for document in json.load(file)]


def _run(document: dict[str, Any]) -> RunRecords:
    starts = document["patrols"]
    ends = [*(start_s for _, start_s in starts[1:]), math.inf]
    verdicts = [
        IncidentVerdict(stamp_s, key, number, VerdictKind(kind), "operator", "", x_m, y_m)
        for stamp_s, key, number, kind, x_m, y_m in document["verdicts"]
    ]
    return RunRecords(
        document["name"],
        tuple(
            PatrolSpan(name, start_s, end_s)
            for (name, start_s), end_s in zip(starts, ends, strict=True)
        ),
        tuple(_incident(row, verdicts) for row in document["incidents"]),
        tuple(verdicts),
        tuple(map(_candidate, document["candidates"])),
    )


def _incident(row: Sequence[Any], verdicts: Sequence[IncidentVerdict]) -> StoredIncident:
    number, opened_s, finding_id, kind, x_m, y_m, length_m = row
    return StoredIncident(
        number, opened_s, finding_id, 1, opened_s, opened_s, FindingKind(kind), x_m, y_m, length_m,
        0.0, 1.0, "", (), None, None, "", tuple(v for v in verdicts if v.incident_id == number),
    )  # fmt: skip


def _candidate(row: Sequence[Any]) -> Candidate:
    stamp_s, key, finding_id, first_seen_s, x_m, y_m, moved, looks = row
    numbers = tuple(SpotNumbers(*look) for look in looks)
    return Candidate(stamp_s, key, finding_id, first_seen_s, x_m, y_m, moved, numbers)
