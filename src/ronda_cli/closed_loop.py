"""Simulator and components in one process, no middleware: deterministic from a seed.

The components, their parameters and their rates are those of the ROS graph; only the transport
differs. Sensors reach everybody at once; what a process publishes reaches the others one
simulator step (20 ms) later, which is more than DDS takes on one machine.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from patrol_core.actions import PATROL
from patrol_core.bus import Bus, Mailbox
from patrol_core.component import Outputs, ProcessContext
from patrol_core.hosting import HostedProcess
from patrol_core.learned import learned_values
from patrol_core.params import ParamValue, make_params, read_param_file
from patrol_core.processes import BASE, CONSOLE, GATE, PROCESSES, Process
from patrol_core.site.local_time import site_local_time
from patrol_core.topics import AMCL_POSE, CMD_VEL, PATROL_STATUS, Topic
from patrol_core.types.mission import GoalResult, PatrolGoal, PatrolState, PatrolStatus
from patrol_core.types.motion import PoseEstimate
from patrol_core.wire import Wire
from patrol_gate.gate import Gate
from patrol_gate.latch import MemoryLatchStore
from patrol_gate.params import GateParams
from patrol_sim.stage import Stage
from ronda_cli.environment.paths import ROOT

T = TypeVar("T")
ParamsByProcess = Mapping[str, Mapping[str, ParamValue]]

STEP_S = 0.02
CONFIG = ROOT / "launch" / "config"
PATROL_ID = f"{1:032x}"
UNATTENDED = tuple(process for process in PROCESSES if process is not CONSOLE)
"""Nobody sits before a console."""


class ClosedLoop:
    """One robot's processes around a simulator.

    `overrides`: parameters by process and name, over all others; `own_params`: the same, of a
    robot's own folder, over those shipped and under those that the site has learned.
    `processes`: the rows of the process table that run; base and gate always do. `wire`: makes
    bytes for components that take messages as bytes; without it these do nothing. `namespace`:
    which of the simulator's robots this is, where there are several; `step_together` steps them.
    """

    def __init__(
        self,
        simulator: Stage,
        context: ProcessContext,
        overrides: ParamsByProcess | None = None,
        processes: Sequence[Process] = UNATTENDED,
        wire: Wire | None = None,
        namespace: str = "",
        own_params: ParamsByProcess | None = None,
    ) -> None:
        self.simulator = simulator
        self.robot = simulator.robot(namespace)
        self._bus = Bus(STEP_S)
        self._sensors = Bus()
        values = (own_params or {}, overrides or {})
        self._gate = _GateProcess(context, _params(GATE, *values))
        self._hosted: list[tuple[float, HostedProcess]] = []
        for process in processes:
            if process.assembly:
                assembly = importlib.import_module(process.assembly)
                folder = context.site.folder
                params = _params(process, *values, folder)
                hosted = HostedProcess(process.name, assembly.build(context, params))
                self._hosted.append((1.0 / process.rate_hz, hosted))
        self._next_s = {hosted.name: 0.0 for _, hosted in self._hosted}
        self._watcher = Mailbox((CMD_VEL, PATROL_STATUS, PATROL.result, AMCL_POSE))
        for _, hosted in self._hosted:
            for mailbox in hosted.mailboxes:
                self.attach(mailbox, hosted.name)
            if wire is not None and hosted.hears:
                hosted.connect(wire)
                self.attach(_Tap(hosted, wire), hosted.name)
        self.attach(self._gate.mailbox, GATE.name)
        self.attach(self._watcher, BASE.name)
        self.pose: PoseEstimate | None = None
        self.status: PatrolStatus | None = None
        self.result: GoalResult | None = None

    def attach(self, mailbox: Mailbox, process: str) -> None:
        """Let a mailbox hear what all others say to `process`, sensors and people."""
        self._bus.attach(mailbox, process)
        self._sensors.attach(mailbox, process)

    @property
    def now_s(self) -> float:
        return self.simulator.now_s

    def due(self, period_s: float) -> bool:
        """Whether a period, counted from the start, ends at this step."""
        return round(self.now_s / STEP_S) % round(period_s / STEP_S) == 0

    def setup(self) -> None:
        """Open what the components need (the record store)."""
        for _, hosted in self._hosted:
            hosted.setup()

    def close(self) -> None:
        for _, hosted in self._hosted:
            hosted.close()

    def start_patrol(self, route_id: str, laps: int) -> None:
        """Ask the mission for a patrol."""
        self._bus.publish(PATROL.goal, PatrolGoal(PATROL_ID, route_id, laps), self.now_s, "cli")

    def publish(self, topic: Any, value: Any) -> None:
        """Say something as a person or a tool would."""
        self._bus.publish(topic, value, self.now_s, "cli")

    def step(self) -> None:
        """Advance everything by `STEP_S`."""
        self.simulator.step(STEP_S)
        self.think()

    def think(self) -> None:
        """What the processes do after a step of the simulator."""
        now_s = self.now_s
        for topic, value in self.robot.outputs():
            self._sensors.publish(topic, value, now_s, BASE.name)
        self._sensors.deliver(now_s)
        self._bus.deliver(now_s)
        self._publish(GATE.name, self._gate.tick(now_s), now_s)
        for period_s, hosted in self._hosted:
            if now_s >= self._next_s[hosted.name] - 1e-9:
                self._next_s[hosted.name] = max(self._next_s[hosted.name] + period_s, now_s)
                for topic, value in hosted.tick(now_s):
                    self._bus.publish(topic, value, now_s, hosted.name)
        self._listen(now_s)

    def _publish(self, process: str, outputs: Outputs, now_s: float) -> None:
        for topic, value in outputs:
            self._bus.publish(topic, value, now_s, process)

    def _listen(self, now_s: float) -> None:
        heard = self._watcher.snapshot()
        command = heard.sample(CMD_VEL)
        if command is not None and command.received_s >= now_s - 1e-9:
            self.robot.apply(command.value, now_s)
        self.pose = heard.latest(AMCL_POSE)
        self.status = heard.latest(PATROL_STATUS)
        for result in heard.events(PATROL.result):
            self.result = result

    def parts(self) -> list[tuple[str, object, str]]:
        """Name, owner and method of everything that works at a step, for those who measure."""
        hosted = [(process.name, process, "tick") for _, process in self._hosted]
        return [("simulator", self.simulator, "step"), (GATE.name, self._gate, "tick"), *hosted]

    def finished(self) -> bool:
        """Whether the patrol has ended, well or not."""
        ended = self.status is not None and self.status.state in (
            PatrolState.FINISHED,
            PatrolState.FAILED,
        )
        return self.result is not None and ended


def step_together(loops: Sequence[ClosedLoop]) -> None:
    """Advance robots in one simulator by `STEP_S`."""
    loops[0].simulator.step(STEP_S)
    for loop in loops:
        loop.think()


class _Tap(Mailbox):
    """Hands values on as bytes, at once."""

    def __init__(self, hosted: HostedProcess, wire: Wire) -> None:
        super().__init__(hosted.hears)
        self._hosted, self._wire = hosted, wire

    def store(self, topic: Topic[T], value: T, received_s: float) -> None:
        self._hosted.hear(topic, self._wire.encode(topic, value), received_s)


class _GateProcess:
    """The gate ticks at every step; in simulation its steady clock is simulated time."""

    def __init__(self, context: ProcessContext, params: GateParams) -> None:
        clock = site_local_time(context.site.timezone, context.epoch_s)
        self._gate = Gate(params, context.robot, context.site, MemoryLatchStore(), clock)
        self.mailbox = Mailbox(self._gate.reads)

    def tick(self, now_s: float) -> Outputs:
        return self._gate.step(self.mailbox.snapshot(), now_s, now_s)


def params_type(process: Process) -> type[Any] | None:
    """The parameters of a process; None of one that does not run in the closed loop."""
    if process is GATE:
        return GateParams
    if process not in UNATTENDED or not process.assembly:
        return None
    return cast("type[Any]", importlib.import_module(process.assembly).PARAMS)


def _params(
    process: Process,
    own_params: ParamsByProcess,
    overrides: ParamsByProcess,
    site_folder: Path | None = None,
) -> Any:
    """Shipped values, the robot's own over them, what the site has learned over these, and
    overrides over all."""
    kind = params_type(process)
    assert kind is not None
    path = CONFIG / f"{process.name}.yaml"
    values = dict(read_param_file(path)) if path.is_file() else {}
    values |= own_params.get(process.name, {})
    if site_folder is not None:
        values |= learned_values(site_folder, process.name, kind)
    return make_params(kind, values | dict(overrides.get(process.name, {})))
