"""Which patrols the records hold, and what became of scheduled ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_records.reader import RecordReader


@dataclass(frozen=True, slots=True)
class PatrolStart:
    """A patrol that has begun."""

    patrol_id: str
    start_s: float


@dataclass(frozen=True, slots=True)
class ScheduleEvent:
    """What was told of a scheduled run: `word` is done, missed, blackout..."""

    stamp_s: float
    patrol_id: str
    word: str
    message: str


def patrol_starts(
    reader: RecordReader, start_s: float = -math.inf, end_s: float = math.inf
) -> list[PatrolStart]:
    """Patrols that began between two stamps, both included, in order of their start."""
    rows = reader.rows(
        "SELECT patrol_id, min(stamp_s) AS start_s FROM patrol_events "
        "WHERE kind = 'patrol_started' AND stamp_s BETWEEN ? AND ? "
        "GROUP BY patrol_id ORDER BY start_s, patrol_id",
        start_s,
        end_s,
    )
    return [PatrolStart(row["patrol_id"], row["start_s"]) for row in rows]


def schedule_events(reader: RecordReader, start_s: float, end_s: float) -> list[ScheduleEvent]:
    """What was told of scheduled runs between two stamps, in order of time."""
    rows = reader.rows(
        "SELECT stamp_s, patrol_id, substr(kind, 10) AS word, message FROM patrol_events "
        "WHERE stamp_s BETWEEN ? AND ? AND substr(kind, 1, 9) = 'schedule_' ORDER BY stamp_s",
        start_s,
        end_s,
    )
    return [ScheduleEvent(**dict(row)) for row in rows]
