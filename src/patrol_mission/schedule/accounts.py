"""What became of scheduled runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from patrol_mission.schedule.plan import ScheduledRun


class Ending(Enum):
    """How a scheduled run is accounted for: each ends in exactly one of these."""

    DONE = "done"
    ENDED_EARLY = "ended_early"
    MISSED = "missed"
    BLACKOUT = "blackout"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Account:
    """The end of a run, with the reason. `started_s`: None where it never started.

    `told`: its event has been published.
    """

    run: ScheduledRun
    ending: Ending
    why: str
    started_s: float | None
    ended_s: float
    told: bool = False


@dataclass(frozen=True, slots=True)
class UnderWay:
    """The run that the robot is on. `told`: its event has been published."""

    run: ScheduledRun
    started_s: float
    told: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """All that a timetable must know after a restart. Times are Unix times [s].

    Every run that was planned before `seen_s` is waiting, under way, or accounted for; those from
    before `floor_s` are accounted for without being listed. `seed` draws the jitter.
    """

    seed: int
    seen_s: float
    floor_s: float
    waiting: tuple[ScheduledRun, ...] = ()
    under_way: UnderWay | None = None
    accounts: tuple[Account, ...] = ()
