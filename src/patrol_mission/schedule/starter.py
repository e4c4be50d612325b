"""Starts patrols when they are due, and sees to it that each is accounted for."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from patrol_core.actions import PATROL
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.site.model import Site
from patrol_core.site.site_watch import SiteWatch
from patrol_core.topics import AMCL_POSE, BATTERY_STATE, GATE_STATUS, PATROL_EVENTS, PATROL_STATUS
from patrol_core.types.mission import PatrolEvent, PatrolGoal, PatrolState, PatrolStatus
from patrol_core.types.status import Authority, GateState
from patrol_mission.outbox import EventOutbox, tell
from patrol_mission.schedule.accounts import Ending, Memory
from patrol_mission.schedule.errors import ScheduleMemoryError
from patrol_mission.schedule.lap_time import lap_times_s
from patrol_mission.schedule.memory_file import read_memory, write_memory
from patrol_mission.schedule.params import SchedulerParams
from patrol_mission.schedule.plan import Plan, ScheduledRun, clock_text
from patrol_mission.schedule.timetable import EARLIEST_S, KEPT_S, Timetable

LOOK_EVERY_S = 1.0
_JUMP_S = 5.0
_ANSWER_S = 5.0
_SAVE_EVERY_S = 600.0
_TOLD_AT_ONCE = 10
_OVER = (PatrolState.IDLE, PatrolState.FINISHED, PatrolState.FAILED)
_log = logging.getLogger(__name__)


class ScheduleStarter(Component):
    """Asks the executive for patrols as a person would. Must tick before it.

    `start_fraction`: charge below which no patrol starts; `draw_seed`: a fresh secret for jitter.
    Its events are told at least once: again, with the same stamp, where a restart left it unsure.
    """

    name = "schedule_starter"
    rate_hz = 10.0
    reads = (AMCL_POSE, BATTERY_STATE, GATE_STATUS, PATROL_EVENTS, PATROL_STATUS, PATROL.result)
    # The table grants a client both; a schedule does not cancel, for the robot would stay there.
    writes = (PATROL_EVENTS, PATROL.goal, PATROL.cancel)

    def __init__(
        self, site: Site, params: SchedulerParams, path: Path, epoch_s: float,
        lap_s: Mapping[str, float], start_fraction: float, draw_seed: Callable[[], int],
        outbox: EventOutbox | None = None,
    ) -> None:  # fmt: skip
        self._watch, self._params, self._path = SiteWatch(site), params, path
        self._epoch_s, self._lap_s = epoch_s, lap_s
        self._start_fraction, self._draw_seed = start_fraction, draw_seed
        self._outbox = outbox
        self._table: Timetable | None = None
        self._saved: Memory | None = None
        self._saved_s = self._looked_s = self._before_s = -math.inf
        self._steady_s = self._latched_s = self._named_s = -math.inf
        self._asked: tuple[ScheduledRun, float] | None = None
        self._noted: set[str] = set()
        self._doubt = ""
        self._damage = self._trouble = ""

    def setup(self) -> None:
        if not self._params.enabled:
            return
        try:
            self._saved = read_memory(self._path)
        except ScheduleMemoryError as error:
            self._damage = str(error)
            _log.error("%s", error)
            with suppress(OSError):
                self._path.replace(self._path.with_name(f"{self._path.name}.damaged"))

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        if not self._params.enabled:
            return outputs
        unix_s = now_s + self._epoch_s
        if not 0.0 <= unix_s - self._before_s <= _JUMP_S:
            self._steady_s = self._named_s = self._looked_s = unix_s
            self._asked = None
        self._before_s = unix_s
        if self._table is not None:
            self._hear(self._table, inputs, now_s)
        if unix_s - self._looked_s >= LOOK_EVERY_S - 1e-6:
            self._looked_s = unix_s
            self._look(inputs, outputs, now_s)
        return outputs

    def close(self) -> None:
        if self._table is not None:
            self._save(self._table.memory, self._before_s)

    def _hear(self, table: Timetable, inputs: Inputs, now_s: float) -> None:
        """What the executive says of the run that was asked for, or is under way."""
        unix_s = now_s + self._epoch_s
        status = inputs.fresh(PATROL_STATUS, now_s)
        started = [e.patrol_id for e in inputs.events(PATROL_EVENTS) if e.kind == "patrol_started"]
        if status is not None and status.state not in _OVER:
            started.append(status.patrol_id)
        for run in table.memory.waiting:
            if run.patrol_id in started and table.memory.under_way is None:
                table.begun(run, unix_s)
                self._named_s, self._asked = unix_s, None
        for outcome in inputs.events(PATROL.result):
            running = table.memory.under_way
            if running is not None and outcome.goal_id == running.run.patrol_id:
                ending = Ending.DONE if outcome.result.ok else Ending.ENDED_EARLY
                table.ended(ending, outcome.result.message, unix_s)
            elif self._asked is not None and outcome.goal_id == self._asked[0].patrol_id:
                table.refused(self._asked[0], outcome.result.message, unix_s)
                self._asked = None
        self._follow(table, status, unix_s)

    def _follow(self, table: Timetable, status: PatrolStatus | None, unix_s: float) -> None:
        """End the run under way by what the status says, where no result has come."""
        running = table.memory.under_way
        if running is None:
            return
        if status is not None and status.patrol_id == running.run.patrol_id:
            self._named_s = unix_s
            if status.state in _OVER:
                done = status.state is PatrolState.FINISHED and status.fraction_done >= 1.0
                table.ended(Ending.DONE if done else Ending.ENDED_EARLY, status.message, unix_s)
        elif unix_s - self._named_s > self._params.settle_s:
            why = "the mission process was started anew, and how the patrol ended is not known"
            table.ended(Ending.ENDED_EARLY, why, unix_s)

    def _look(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Once a second: what is due, what is over, what is to be told and kept."""
        unix_s = now_s + self._epoch_s
        if unix_s - self._steady_s < self._params.settle_s or unix_s < EARLIEST_S:
            return
        table = self._table
        if table is None:
            # What the executive is doing is heard before anything is judged.
            self._table, self._named_s = self._begin(unix_s), unix_s
            return
        if self._watch.refresh(unix_s):
            table.heed(self._plan(table.memory), lap_times_s(self._watch.site))
        self._tell_doubt(table.doubt(unix_s), inputs, outputs, now_s)
        if not self._doubt:
            self._start_what_is_due(table, inputs, outputs, now_s)
        self._keep(table.memory, unix_s)
        self._tell_news(table, inputs, outputs, unix_s)

    def _start_what_is_due(
        self, table: Timetable, inputs: Inputs, outputs: Outputs, now_s: float
    ) -> None:
        unix_s = now_s + self._epoch_s
        for run in table.advance(unix_s):
            why = "open again: the clock had been ahead of its time"
            self._tell("reopened", run, why, unix_s, inputs, outputs)
        chosen = table.choose(unix_s, self._obstacle(inputs, now_s))
        if self._asked is not None and unix_s - self._asked[1] > _ANSWER_S:
            table.refused(self._asked[0], "the executive has not answered", unix_s)
            self._asked = None
        elif chosen is not None and self._asked is None:
            schedule = table.plan.schedules[chosen.schedule_id]
            outputs.put(
                PATROL.goal,
                PatrolGoal(chosen.patrol_id, schedule.route_id, schedule.laps, schedule.for_s),
            )
            self._asked = chosen, unix_s

    def _begin(self, unix_s: float) -> Timetable:
        """The timetable, as remembered or from now on."""
        memory = self._saved or Memory(self._draw_seed(), unix_s, unix_s - KEPT_S)
        return Timetable(self._plan(memory), memory, self._lap_s, self._params.grace_s)

    def _plan(self, memory: Memory) -> Plan:
        site = self._watch.site
        return Plan(site.schedules, site.blackouts, site.timezone, memory.seed)

    def _obstacle(self, inputs: Inputs, now_s: float) -> str:
        """What keeps the robot from any patrol now; empty: nothing."""
        unix_s = now_s + self._epoch_s
        gate = inputs.fresh(GATE_STATUS, now_s)
        status = inputs.fresh(PATROL_STATUS, now_s)
        battery = inputs.latest(BATTERY_STATE)
        if gate is None:
            return "the gate is silent"
        if gate.state is GateState.LATCHED:
            self._latched_s = unix_s
        if 0.0 <= unix_s - self._latched_s <= self._params.settle_s:
            return f"a stop is latched, or was a moment ago: {', '.join(gate.reasons)}".rstrip(
                ": "
            )
        if gate.authority is Authority.TELEOP:
            return "an operator drives by hand"
        if status is None:
            return "the executive is silent"
        if status.state not in _OVER:
            return "another patrol was under way"
        if battery is not None and battery.charge_fraction < self._start_fraction:
            return (
                f"battery at {battery.charge_fraction:.0%}: a patrol starts from "
                f"{self._start_fraction:.0%}"
            )
        return ""

    def _keep(self, memory: Memory, unix_s: float) -> None:
        """Write the memory down where it has changed, and now and then how far time has come."""
        saved = self._saved
        if (
            saved is None
            or unix_s - self._saved_s >= _SAVE_EVERY_S
            or (saved.waiting, saved.under_way, saved.accounts)
            != (memory.waiting, memory.under_way, memory.accounts)
        ):
            self._save(memory, unix_s)

    def _save(self, memory: Memory, unix_s: float) -> None:
        """A full disk keeps nobody from patrolling: it is tried again at the next look."""
        try:
            write_memory(self._path, memory)
        except OSError as error:
            if str(error) != self._trouble:
                _log.warning("what became of scheduled runs is not kept: %s", error)
            self._trouble = str(error)
            return
        self._saved, self._saved_s, self._trouble = memory, unix_s, ""

    def _tell_news(
        self, table: Timetable, inputs: Inputs, outputs: Outputs, unix_s: float
    ) -> None:
        began, accounts = table.tell(_TOLD_AT_ONCE)
        if began is not None:
            late_s = max(began.started_s - began.run.planned_s, 0.0)
            why = f"started {late_s / 60.0:.0f} min after its time"
            self._tell("started", began.run, why, began.started_s, inputs, outputs)
            self._noted.discard(began.run.key)
        for account in accounts:
            ending, run = account.ending.value, account.run
            self._tell(ending, run, account.why, account.ended_s, inputs, outputs)
            self._noted.discard(run.key)
        for run, why in table.held_up(unix_s):
            if run.key not in self._noted:
                self._noted.add(run.key)
                self._tell("waits", run, why, unix_s, inputs, outputs)

    def _tell(
        self, what: str, run: ScheduledRun, why: str, unix_s: float,
        inputs: Inputs, outputs: Outputs,
    ) -> None:  # fmt: skip
        message = f"planned for {run.day} {clock_text(run.start_s)}: {why}"
        self._put(outputs, inputs, (unix_s, run.patrol_id, what, run.schedule_id, message))

    def _tell_doubt(self, doubt: str, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        unix_s = now_s + self._epoch_s
        if doubt and doubt != self._doubt:
            why = (
                f"nothing starts by itself: {doubt}. To do: set the clock; if it is right, remove "
                f"{self._path.name} from the folder '{self._path.parent.name}' and start anew"
            )
            self._put(outputs, inputs, (unix_s, "", "held", "clock", why))
        if self._damage:
            self._put(outputs, inputs, (unix_s, "", "forgot", "memory", self._damage))
        self._doubt, self._damage = doubt, ""

    def _put(
        self, outputs: Outputs, inputs: Inputs, said: tuple[float, str, str, str, str]
    ) -> None:
        unix_s, patrol_id, what, subject, message = said
        estimate = inputs.latest(AMCL_POSE)
        pose = Pose2(math.nan, math.nan, math.nan) if estimate is None else estimate.pose
        stamp_s = unix_s - self._epoch_s
        event = PatrolEvent(stamp_s, patrol_id, f"schedule_{what}", subject, message, pose)
        tell(event, outputs, self._outbox)
