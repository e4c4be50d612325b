"""The runs that a site's schedules ask for, as instants.

A wall-clock time is read as in RFC 5545, section 3.3.5: one that the clocks pass twice is the
first of the two; one that they skip counts with the offset before the change (02:30 becomes
03:30). Both are what PEP 495 calls `fold=0`. So every run has one instant, and happens once.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import numpy as np

from patrol_core.site.schedules import Blackout, Schedule

_MARGIN = timedelta(days=1)
"""Beside the dates of a span: a date that a zone leaves out (Apia, 2011-12-30) is on the next."""


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """One run of a schedule: of local date `day`, at `start_s` of its wall clock.

    `planned_s` is that moment and `due_s` the start with its jitter, both in Unix time.
    """

    schedule_id: str
    day: date
    start_s: int
    planned_s: float
    due_s: float

    @property
    def key(self) -> str:
        """Its name for people and in files, e.g. `night 2026-03-29 02:30`."""
        return f"{self.schedule_id} {self.day} {clock_text(self.start_s)}"

    @property
    def patrol_id(self) -> str:
        """The id of its goal: 32 hexadecimal digits, the same however often it is asked for."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"schedule {self.key}").hex


class Wall(Enum):
    """How often the wall clock shows a time on a date."""

    ONCE = "once"
    TWICE = "twice"
    NEVER = "never"


class Plan:
    """The schedules and blackouts of a site in its time zone. `seed` draws the jitter."""

    def __init__(
        self,
        schedules: Sequence[Schedule],
        blackouts: Sequence[Blackout],
        timezone: str,
        seed: int,
    ) -> None:
        self.zone = ZoneInfo(timezone)
        self.schedules = {schedule.schedule_id: schedule for schedule in schedules}
        self._blackouts = tuple(blackouts)
        self._seed = seed

    def between(self, start_s: float, end_s: float) -> list[ScheduledRun]:
        """All runs with `start_s <= planned_s < end_s`, blacked out or not, in order of time;
        of the same moment, the highest priority first."""
        first = datetime.fromtimestamp(start_s, self.zone).date() - _MARGIN
        last = datetime.fromtimestamp(end_s, self.zone).date() + _MARGIN
        days = (first + timedelta(days=step) for step in range((last - first).days + 1))
        runs = [run for day in days for run in self._on(day, start_s, end_s)]
        return sorted(runs, key=lambda run: (run.planned_s, *self.rank(run)))

    def _on(self, day: date, from_s: float, to_s: float) -> Iterator[ScheduledRun]:
        for name, schedule in self.schedules.items():
            if not schedule.is_on(day):
                continue
            for start_s in schedule.starts_s:
                planned_s = instant_s(day, start_s, self.zone)
                if from_s <= planned_s < to_s:
                    jitter_s = self._jitter_s(schedule, day, start_s)
                    yield ScheduledRun(name, day, start_s, planned_s, planned_s + jitter_s)

    def _jitter_s(self, schedule: Schedule, day: date, start_s: int) -> float:
        """Whole seconds, drawn for this run alone: restarts and other runs change nothing."""
        if schedule.jitter_s <= 0.0:
            return 0.0
        name = zlib.crc32(schedule.schedule_id.encode())
        rng = np.random.default_rng([self._seed, name, day.toordinal(), start_s])
        return float(rng.integers(0, int(schedule.jitter_s), endpoint=True))

    def rank(self, run: ScheduledRun) -> tuple[int, float, str]:
        """Sorts runs: who goes first, the smallest."""
        schedule = self.schedules.get(run.schedule_id)
        return (0 if schedule is None else -schedule.priority, run.due_s, run.schedule_id)

    def blackout(self, run: ScheduledRun) -> Blackout | None:
        """Why it rests on its date, if it does."""
        holds = (rest for rest in self._blackouts if rest.holds(run.schedule_id, run.day))
        return next(holds, None)

    def has(self, run: ScheduledRun) -> bool:
        """Whether the site still asks for it."""
        schedule = self.schedules.get(run.schedule_id)
        return (
            schedule is not None and run.start_s in schedule.starts_s and schedule.is_on(run.day)
        )


def clock_text(second_of_day: int) -> str:
    """`HH:MM`."""
    return f"{second_of_day // 3600:02d}:{second_of_day // 60 % 60:02d}"


def instant_s(day: date, second_of_day: int, zone: ZoneInfo) -> float:
    """Unix time of a moment of a wall clock, by the rule of this module."""
    return _wall(day, second_of_day).replace(tzinfo=zone).timestamp()


def shown(day: date, second_of_day: int, zone: ZoneInfo) -> Wall:
    """How often the wall clock shows that time on that date."""
    wall = _wall(day, second_of_day)
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return Wall.ONCE
    read_back = datetime.fromtimestamp(instant_s(day, second_of_day, zone), zone)
    return Wall.TWICE if read_back.replace(tzinfo=None) == wall else Wall.NEVER


def _wall(day: date, second_of_day: int) -> datetime:
    return datetime.combine(day, time.min) + timedelta(seconds=second_of_day)
