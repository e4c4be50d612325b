"""What the stack costs on a patrol at real time: CPU and memory of every process.

The real graph at real time, camera off, with the site's own scenario; the simulator takes the
place of the robot and does not count. CPU is user and system time by wall time; memory is PSS
(shared pages divided among those who share them), its largest sample. A tick is missed where the
next one comes a period late, as every process says of itself once a second.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _patrol import MeasurementError, RunningPatrol

from patrol_core import topics
from patrol_core.errors import RondaError
from patrol_core.processes import BASE, GATE, PROCESSES
from patrol_core.types.status import Health
from ronda_cli.ending import end
from ronda_cli.evaluation.statistics import Row
from ronda_cli.session import claimed_domain
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

STACK = tuple(process.name for process in PROCESSES if process is not BASE)
NAV = "nav"
PERIOD_S = 2.0
CORE_GOAL = 0.8
MEMORY_GOAL_MIB = 1.2 * 1024.0


def cpu_s(pid: int) -> float:
    """User and system time of a process so far (proc(5), stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / float(os.sysconf("SC_CLK_TCK"))


def pss_mib(pid: int) -> float:
    """Proportional set size of a process (proc(5), smaps_rollup)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024.0
    raise MeasurementError("the kernel does not tell the PSS")


class Deadlines:
    """Ticks that the processes made, and missed."""

    def __init__(self) -> None:
        self.made = dict.fromkeys(STACK, 0)
        self.missed = dict.fromkeys(STACK, 0)

    def take(self, health: Health) -> None:
        """One report of a process on itself."""
        if health.name in self.made:
            values = dict(health.values)
            self.made[health.name] += int(values["ticks"])
            self.missed[health.name] += int(values["missed"])


def measure(
    bench: Bench, setting: Setting, seconds: float
) -> tuple[dict[str, list[float]], dict[str, list[float]], Deadlines]:
    """Cores, and memory [MiB], of every process: a sample a period; and their deadlines."""
    deadlines = Deadlines()
    cores, memory = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    with tempfile.TemporaryDirectory(prefix="ronda-resources-") as folder, claimed_domain():
        patrol = RunningPatrol(setting, bench.options.seed, Path(folder))
        try:
            patrol.drive()
            pids = {name: patrol.launch.pid(name) for name in STACK}
            patrol.watcher.on(topics.DIAGNOSTICS, deadlines.take)
            begun_s = time.monotonic()
            while time.monotonic() - begun_s < seconds:
                before = {name: cpu_s(pid) for name, pid in pids.items() if pid}
                sampled_s = time.monotonic()
                patrol.spin(PERIOD_S)
                passed_s = time.monotonic() - sampled_s
                for name, pid in pids.items():
                    if pid is None or patrol.launch.pid(name) != pid:
                        raise MeasurementError(f"{name} does not run")
                    cores[name].append((cpu_s(pid) - before[name]) / passed_s)
                    memory[name].append(pss_mib(pid))
        finally:
            patrol.close()
    return cores, memory, deadlines


def rows(
    cores: dict[str, list[float]], memory: dict[str, list[float]], deadlines: Deadlines
) -> list[Row]:
    """Each process, and all together."""
    table = [
        row
        for name in STACK
        for row in (
            Row(f"{name}: CPU", float(np.mean(cores[name])), "cores", better="lower"),
            Row(f"{name}: memory", max(memory[name]), "MiB", better="lower"),
        )
    ]
    whole = float(np.sum([np.mean(samples) for samples in cores.values()]))
    most = float(np.sum(list(memory.values()), axis=0).max())
    return [
        *table,
        Row(
            "nav: control ticks missed",
            deadlines.missed[NAV],
            f"of {deadlines.made[NAV]}",
            goal=0.0,
            better="lower",
        ),
        Row(
            "gate: ticks missed",
            deadlines.missed[GATE.name],
            f"of {deadlines.made[GATE.name]}",
            better="lower",
        ),
        Row("stack: CPU", whole, "cores", goal=CORE_GOAL, better="lower"),
        Row("stack: memory, PSS", most, "MiB", goal=MEMORY_GOAL_MIB, better="lower"),
    ]


def draw(cores: dict[str, list[float]], memory: dict[str, list[float]], target: Path) -> None:
    """CPU and memory over time, stacked."""
    figure, plots = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
    for axes, samples, goal, label in (
        (plots[0], cores, CORE_GOAL, "cores"),
        (plots[1], memory, MEMORY_GOAL_MIB, "MiB (PSS)"),
    ):
        times = PERIOD_S * np.arange(len(samples[STACK[0]]))
        axes.stackplot(times, [samples[name] for name in STACK], labels=STACK)
        axes.axhline(goal, color="#c8321f", lw=1.0)
        axes.set(xlabel="time [s]", ylabel=label, ylim=(0.0, None))
    plots[0].legend(fontsize=8, ncols=2, frameon=False)
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot")
    parser.add_argument("--seconds", type=float, default=180.0, help="wall time to watch")
    parser.add_argument("--seed", type=int, default=0)
    bench = begin("resources", __doc__, parser, "30 seconds")
    options = bench.options
    try:
        setting = load_setting(options.site)
        cores, memory, deadlines = measure(
            bench, setting, 30.0 if options.quick else options.seconds
        )
    except (MeasurementError, RondaError) as error:
        return bench.fail(error)
    draw(cores, memory, bench.picture)
    return bench.answer(rows(cores, memory, deadlines))


if __name__ == "__main__":
    end(main())
