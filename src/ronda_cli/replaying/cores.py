"""The cores of a process as they were started, without a graph around them."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.errors import ConfigError
from patrol_core.hosting import by_namespace
from patrol_core.params import make_params, param_specs
from patrol_core.processes import GATE, MISSION, NAV, PERCEPTION, Process
from patrol_core.robot import load_robot
from patrol_core.site.history import open_site
from patrol_core.site.local_time import site_local_time
from patrol_core.tick_log import Life, Tick
from patrol_core.topics import CMD_VEL, Topic
from patrol_gate.gate import Gate
from patrol_gate.latch import FileLatchStore
from patrol_gate_ros.gate_node import LATCH_FILE
from patrol_gate_ros.params import GateNodeParams
from patrol_host_ros.parameters import HostSettings

REPLAYED: tuple[Process, ...] = (GATE, NAV, PERCEPTION, MISSION)
"""Those that decide."""
Words = list[tuple[Topic[Any], Any]]


class Core(Protocol):
    """What both kinds of process are to a replay."""

    reads: tuple[Topic[Any], ...]

    def store(self, topic: Topic[Any], value: Any, at_s: float) -> None: ...

    def tick(self, tick: Tick) -> Words:
        """What it says at the time of a tick."""
        ...

    def seen(self) -> dict[str, dict[str, int]]:
        """Sequence numbers of states at the last tick, by component."""
        ...

    def close(self) -> None: ...


def start(life: Life, folder: Path) -> Core:
    """As the process was started; what it writes goes below `folder`.

    Raises ConfigError where the log's parameters are no longer those of the process.
    """
    process = next((one for one in REPLAYED if one.name == life.process), None)
    if process is None:
        known = ", ".join(one.name for one in REPLAYED)
        raise ConfigError(f"process '{life.process}' is not replayed", expected=known)
    given = dict(life.given)
    own = {spec.name for spec in param_specs(HostSettings)}
    settings = make_params(HostSettings, {n: v for n, v in given.items() if n in own})
    run_folder = folder / (Path(settings.run_folder).name or "run")
    run_folder.mkdir(parents=True, exist_ok=True)
    for name, text in life.state.items():
        (run_folder / Path(name).name).write_text(text, encoding="utf-8")
    robot = load_robot(Path(settings.robot))
    site = open_site(Path(settings.site), robot.body.width_m / 2.0)
    context = ProcessContext(site, robot, run_folder, settings.seed, settings.epoch_s)
    rest = {n: v for n, v in given.items() if n not in own}
    if process is GATE:
        return _GateCore(context, make_params(GateNodeParams, rest))
    return _HostedCore(process, context, rest)


class _HostedCore:
    def __init__(self, process: Process, context: ProcessContext, given: dict[str, Any]) -> None:
        assembly = importlib.import_module(process.assembly)
        params = make_params(assembly.PARAMS, _at_home(given))
        parts = assembly.build(context, params)
        self._names = [part.name for part in parts]
        (_, self._hosted), *others = by_namespace(process.name, parts)
        if others:
            raise ConfigError(f"'{process.name}' stands in several namespaces: not replayed")
        self.reads = self._hosted.reads
        self._seen: dict[str, dict[str, int]] = {}
        self._hosted.setup()

    def store(self, topic: Topic[Any], value: Any, at_s: float) -> None:
        self._hosted.store(topic, value, at_s)

    def tick(self, tick: Tick) -> Words:
        def note(part: Any, inputs: Any) -> None:
            self._seen[part.name] = inputs.sequences()

        return self._hosted.tick(tick.now_s, note)

    def seen(self) -> dict[str, dict[str, int]]:
        return self._seen

    def close(self) -> None:
        self._hosted.close()


class _GateCore:
    def __init__(self, context: ProcessContext, params: GateNodeParams) -> None:
        store = FileLatchStore(context.run_folder / LATCH_FILE)
        local_time = site_local_time(context.site.timezone, context.epoch_s)
        self._gate = Gate(params, context.robot, context.site, store, local_time)
        self._mailbox = Mailbox(self._gate.reads)
        self._command = replace(CMD_VEL, ros_type=f"geometry_msgs/msg/{params.cmd_vel_type}")
        self.reads = self._gate.reads

    def store(self, topic: Topic[Any], value: Any, at_s: float) -> None:
        self._mailbox.store(topic, value, at_s)

    def tick(self, tick: Tick) -> Words:
        outputs = self._gate.step(self._mailbox.snapshot(), tick.now_s, tick.steady_s)
        return [(self._command if row is CMD_VEL else row, value) for row, value in outputs]

    def seen(self) -> dict[str, dict[str, int]]:
        return {}

    def close(self) -> None:
        """It has nothing open."""


def _at_home(given: dict[str, Any]) -> dict[str, Any]:
    """Folders in which a process keeps what outlives a run are not touched by a replay."""
    kept = ("journal_folder", "scheduler.folder")
    return {name: "" if name in kept else value for name, value in given.items()}
