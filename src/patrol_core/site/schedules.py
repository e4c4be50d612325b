"""When a site is to be patrolled: schedules, and the days on which they rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Schedule:
    """Patrols at local times `starts_s` (seconds after midnight, ascending) on `weekdays` (0
    Monday), from `first_day` to `last_day`, both included; None: without bound.

    `laps` is 0 where it goes on for `for_s`. The higher `priority` goes first. `patience_s`: how
    late a run that was held up may still start; 0: not at all; infinity: until the schedule's next
    run. `spacing_s`: rest after the scheduled run before. `jitter_s`: each run starts up to so
    much later than its time says, drawn anew.
    """

    schedule_id: str
    route_id: str
    weekdays: tuple[int, ...]
    starts_s: tuple[int, ...]
    laps: int
    for_s: float = 0.0
    first_day: date | None = None
    last_day: date | None = None
    priority: int = 0
    patience_s: float = 0.0
    spacing_s: float = 0.0
    jitter_s: float = 0.0

    def is_on(self, day: date) -> bool:
        """Whether it runs on a local date, blackouts aside."""
        return (
            day.weekday() in self.weekdays
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
        )


@dataclass(frozen=True, slots=True)
class Blackout:
    """Local dates, both included, on which schedules rest; no `schedule_ids`: all of them."""

    first_day: date
    last_day: date
    reason: str
    schedule_ids: tuple[str, ...] = ()

    def holds(self, schedule_id: str, day: date) -> bool:
        named = not self.schedule_ids or schedule_id in self.schedule_ids
        return named and self.first_day <= day <= self.last_day
