"""Which scheduled run is to start now, and what becomes of each. Pure: time is an argument.

A run waits from its planned moment on, and leaves in one of two ways: it starts and later ends, or
its time passes. Both end in one account. The memory between two steps is all the state there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from patrol_core.site.schedules import Schedule
from patrol_mission.schedule.accounts import Account, Ending, Memory, UnderWay
from patrol_mission.schedule.plan import Plan, ScheduledRun

DAY_S = 86400.0
KEPT_S = 100.0 * DAY_S
"""Accounts are listed so long after their run; the clock may go back no further."""
BELIEVED_GAP_S = 90.0 * DAY_S
"""A clock that is further ahead of what is remembered is not believed."""
EARLIEST_S = 1_704_067_200.0
"""2024-01-01: a clock that says less has not been set."""
_BATCH_S = 7.0 * DAY_S
_BACK_S = 60.0
_AGAIN_S = 60.0
_LEARN_FROM = 5
UNSEEN = "the robot was off at its time, or its clock was not right"


class Timetable:
    """The runs of one robot. `lap_s`: what a lap of each route takes, until runs have shown it.

    `grace_s`: how late a run may start that has no patience: a restart must fit in.
    """

    def __init__(
        self, plan: Plan, memory: Memory, lap_s: Mapping[str, float], grace_s: float
    ) -> None:
        self.plan = plan
        self.memory = memory
        self._lap_s, self._grace_s = lap_s, grace_s
        self._reasons: dict[str, tuple[str, bool]] = {}
        self._refused_s: dict[str, float] = {}

    def heed(self, plan: Plan, lap_s: Mapping[str, float]) -> None:
        """Go by other schedules from now on. A run under way goes on; one that waits and that
        they do not have is accounted for."""
        self.plan, self._lap_s = plan, lap_s

    def doubt(self, now_s: float) -> str:
        """Why the clock cannot be right, by what is remembered; empty: it may be."""
        if now_s < EARLIEST_S:
            return "the clock has not been set"
        if now_s < self.memory.floor_s:
            return "the clock says a time long before the last scheduled runs"
        if now_s > self.memory.seen_s + BELIEVED_GAP_S:
            return (
                f"the clock says more than {BELIEVED_GAP_S / DAY_S:.0f} days after the last look"
            )
        return ""

    def advance(self, now_s: float) -> list[ScheduledRun]:
        """Take in the runs whose moment has come, a week at most, and account for those whose
        time has passed. `now_s` must not be in doubt.

        Gives back the runs that are open again because the clock had been ahead.
        """
        seen_s = self.memory.seen_s
        if now_s < seen_s - _BACK_S:
            seen_s = now_s
        end_s = max(seen_s, min(now_s, seen_s + _BATCH_S))
        reopened = self._take_in(seen_s, end_s, now_s)
        floor_s = max(self.memory.floor_s, end_s - KEPT_S)
        kept = tuple(a for a in self.memory.accounts if a.run.planned_s >= floor_s)
        self.memory = replace(self.memory, seen_s=end_s, floor_s=floor_s, accounts=kept)
        for run in self.memory.waiting:
            self._close_if_over(run, now_s)
        return reopened

    def _take_in(self, start_s: float, end_s: float, now_s: float) -> list[ScheduledRun]:
        reopened: list[ScheduledRun] = []
        known = {account.run.key: account for account in self.memory.accounts}
        open_keys = {run.key for run in self.memory.waiting}
        if self.memory.under_way is not None:
            open_keys.add(self.memory.under_way.run.key)
        for run in self.plan.between(start_s, end_s):
            account, rest = known.get(run.key), self.plan.blackout(run)
            if run.key in open_keys:
                continue
            if account is not None:
                if account.started_s is not None or account.ended_s <= now_s:
                    continue
                kept = tuple(a for a in self.memory.accounts if a is not account)
                self.memory = replace(self.memory, accounts=kept)
                reopened.append(run)
            if rest is not None:
                self._account(run, Ending.BLACKOUT, rest.reason, now_s)
            else:
                self.memory = replace(self.memory, waiting=(*self.memory.waiting, run))
        return reopened

    def _close_if_over(self, run: ScheduledRun, now_s: float) -> None:
        """Account for a waiting run that can no longer start."""
        schedule = self.plan.schedules.get(run.schedule_id)
        if schedule is None or not self.plan.has(run):
            self._account(run, Ending.MISSED, "the site asks for it no more", now_s)
            return
        later = [
            other
            for other in self.memory.waiting
            if other.schedule_id == run.schedule_id and run.planned_s < other.planned_s
            if other.due_s <= now_s
        ]
        reason, by_other = self._reasons.get(run.key, (UNSEEN, False))
        if now_s > run.due_s + max(schedule.patience_s, self._grace_s):
            self._account(run, Ending.REPLACED if by_other else Ending.MISSED, reason, now_s)
        elif later:
            why = f"its next run, {later[0].key}, is due; until then: {reason}"
            self._account(run, Ending.REPLACED, why, now_s)

    def choose(self, now_s: float, obstacle: str) -> ScheduledRun | None:
        """The run to start now, if any. `obstacle`: what keeps the robot from all; empty: nothing.

        Every waiting run that is due and not chosen has its reason noted. None while there are
        older runs to be taken in.
        """
        if self.memory.seen_s < now_s:
            return None
        due = [run for run in self.memory.waiting if run.due_s <= now_s]
        chosen: ScheduledRun | None = None
        for run in sorted(due, key=self.plan.rank):
            if chosen is not None:
                self._reasons[run.key] = f"{chosen.key} had the robot", True
                continue
            if now_s < self._refused_s.get(run.key, now_s):
                continue
            reason, by_other = self._hindrance(run, now_s, obstacle)
            if reason:
                self._reasons[run.key] = reason, by_other
            else:
                chosen = run
        return chosen

    def _hindrance(self, run: ScheduledRun, now_s: float, obstacle: str) -> tuple[str, bool]:
        """Why a run cannot start now (empty: it can), and whether another schedule is why."""
        running = self.memory.under_way
        if running is not None:
            return f"{running.run.key} had the robot", True
        if obstacle:
            return obstacle, False
        schedule = self.plan.schedules[run.schedule_id]
        rest_s = self._rested_from_s(schedule, now_s) - now_s
        if rest_s > 0.0:
            return f"{schedule.spacing_s / 60.0:.0f} min of rest after the run before", True
        ahead = self._in_the_way(run, schedule, now_s)
        if ahead is not None:
            return f"{ahead.key} is more important and due before it would end", True
        return "", False

    def _in_the_way(
        self, run: ScheduledRun, schedule: Schedule, now_s: float
    ) -> ScheduledRun | None:
        """A run of higher priority that would have to start before this one ended."""
        end_s = now_s + self.expected_s(schedule)
        coming = self.plan.between(max(self.memory.seen_s, now_s), end_s)
        for other in sorted((*self.memory.waiting, *coming), key=self.plan.rank):
            theirs = self.plan.schedules.get(other.schedule_id)
            if theirs is None or theirs.priority <= schedule.priority or other.key == run.key:
                continue
            if self.plan.blackout(other) or now_s < self._refused_s.get(other.key, now_s):
                continue
            if max(other.due_s, self._rested_from_s(theirs, now_s)) < end_s:
                return other
        return None

    def _rested_from_s(self, schedule: Schedule, now_s: float) -> float:
        """When the robot has rested long enough for a run of that schedule."""
        ran = (a for a in self.memory.accounts if a.started_s is not None)
        ends = [account.ended_s for account in ran if account.ended_s <= now_s]
        return max(ends, default=float("-inf")) + schedule.spacing_s

    def expected_s(self, schedule: Schedule) -> float:
        """How long a run takes: as its last ones that were done, else by its route."""
        took_s = [
            account.ended_s - account.started_s
            for account in self.memory.accounts
            if account.run.schedule_id == schedule.schedule_id
            if account.ending is Ending.DONE and account.started_s is not None
            if account.started_s < account.ended_s
        ][-_LEARN_FROM:]
        if took_s:
            return sum(took_s) / len(took_s)
        return schedule.for_s or schedule.laps * self._lap_s.get(schedule.route_id, 0.0)

    def held_up(self, now_s: float) -> list[tuple[ScheduledRun, str]]:
        """Runs that are due and wait, with their reasons."""
        return [
            (run, self._reasons[run.key][0])
            for run in self.memory.waiting
            if run.due_s <= now_s and run.key in self._reasons
        ]

    def refused(self, run: ScheduledRun, why: str, now_s: float) -> None:
        """The executive did not take it: it waits on, and is tried again in a minute."""
        self._reasons[run.key] = why, False
        self._refused_s[run.key] = now_s + _AGAIN_S

    def begun(self, run: ScheduledRun, now_s: float) -> None:
        """The executive has taken it."""
        self._drop(run)
        self.memory = replace(self.memory, under_way=UnderWay(run, now_s))

    def ended(self, ending: Ending, why: str, now_s: float) -> None:
        """The run under way has ended."""
        running = self.memory.under_way
        assert running is not None
        self.memory = replace(self.memory, under_way=None)
        self._account(running.run, ending, why, now_s, running.started_s)

    def _account(
        self,
        run: ScheduledRun,
        ending: Ending,
        why: str,
        now_s: float,
        started_s: float | None = None,
    ) -> None:
        self._drop(run)
        account = Account(run, ending, why, started_s, now_s)
        self.memory = replace(self.memory, accounts=(*self.memory.accounts, account))

    def _drop(self, run: ScheduledRun) -> None:
        waiting = tuple(other for other in self.memory.waiting if other.key != run.key)
        self.memory = replace(self.memory, waiting=waiting)
        self._reasons.pop(run.key, None)
        self._refused_s.pop(run.key, None)

    def tell(self, limit: int) -> tuple[UnderWay | None, list[Account]]:
        """What has not been told yet: the run that began, and accounts, `limit` at most. From
        now on it counts as told."""
        running, accounts = self.memory.under_way, self.memory.accounts
        news = [account for account in accounts if not account.told][:limit]
        began = running if running is not None and not running.told else None
        if news or began is not None:
            told = tuple(replace(a, told=True) if a in news else a for a in accounts)
            on_way = None if running is None else replace(running, told=True)
            self.memory = replace(self.memory, accounts=told, under_way=on_way)
        return began, news
