"""From the command to a patrol that moves: how long it takes, and what on.

`./ronda sim` in a workspace that is built, at real time, as a person types it. Milestones: its
launcher has begun the processes; each process says for the first time that it is well; the patrol
is asked for; the robot moves. Of each process: when it began, when it first spoke, and how much of
a processor it had used by then. Beside it, as the baseline, as many nodes that do nothing but
speak, begun together: what rclpy, discovery and this machine take by themselves.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import matplotlib as mpl
import psutil
from _bench import Bench, begin, free_port, options_parser
from _patrol import MeasurementError

from patrol_core.errors import RondaError
from patrol_core.processes import PROCESSES
from patrol_sim.truth import truth_from_json
from ronda_cli.ending import end
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row
from ronda_cli.live.watcher import RobotWatcher
from ronda_cli.scorer import TruthListener
from ronda_cli.session import claimed_domain, refuse_second_clock
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

GOAL_S = 5.0
LIMIT_S = 120.0
MOVES_MPS = 0.02
NAMES = tuple(process.name for process in PROCESSES)
EMPTY_NODE = """
import sys, rclpy
from std_msgs.msg import String
rclpy.init()
node = rclpy.create_node(sys.argv[1])
say = node.create_publisher(String, "start_bench", 10)
node.create_timer(0.1, lambda: say.publish(String(data=sys.argv[1])))
rclpy.spin(node)
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """One process, in seconds since the command: its start, its first word, its CPU by then."""

    name: str
    began_s: float
    spoke_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in seconds since the command. `empty_s`: the nodes that do nothing."""

    processes: tuple[Begun, ...]
    asked_s: float
    moved_s: float
    empty_s: float

    @property
    def launched_s(self) -> float:
        return min(process.began_s for process in self.processes)

    @property
    def complete_s(self) -> float:
        return max(process.spoke_s for process in self.processes)


class Onlooker:
    """Notes when things come to be known, on the clock of `time.time`."""

    def __init__(self, watcher: RobotWatcher, command: psutil.Process, started_s: float) -> None:
        self._watcher, self._command, self._started_s = watcher, command, started_s
        self._born: dict[str, psutil.Process] = {}
        self.processes: dict[str, Begun] = {}
        self.asked_s = self.moved_s = 0.0
        watcher.on_text(TruthListener.topic, self._on_truth)

    def look(self) -> None:
        """Take in what has come, for a moment."""
        self._watcher.spin(0.02)
        for child in self._command.children(recursive=True):
            self._note(child)
        for name in self._watcher.state.health.keys() & self._born.keys() - self.processes.keys():
            process = self._born[name]
            times = process.cpu_times()
            self.processes[name] = Begun(
                name, process.create_time() - self._started_s, self._since(),
                times.user + times.system,
            )  # fmt: skip
        patrol = self._watcher.state.patrol
        if not self.asked_s and patrol is not None and patrol.patrol_id:
            self.asked_s = self._since()

    def _note(self, child: psutil.Process) -> None:
        try:
            words = " ".join(child.cmdline())
        except psutil.Error:
            return
        for name in NAMES:
            if name not in self._born and f"__node:={name}" in words:
                self._born[name] = child

    def _on_truth(self, text: str) -> None:
        robot = truth_from_json(text).robots[0]
        if not self.moved_s and abs(robot.linear_mps) > MOVES_MPS:
            self.moved_s = self._since()

    def _since(self) -> float:
        return time.time() - self._started_s


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[tuple[psutil.Process, float]]:
    """A command, since when it runs; ended as by Ctrl-C."""
    with log.open("w") as out:
        started_s = time.time()
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield psutil.Process(process.pid), started_s
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=LIMIT_S)


def until(condition: Callable[[], bool], step: Callable[[], None], problem: str) -> None:
    end_s = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end_s:
            raise MeasurementError(problem)
        step()


def measure_start(site: str, seed: int, log: Path) -> tuple[tuple[Begun, ...], float, float]:
    """One start of the system: its processes, when it was asked, when it moved."""
    watcher = RobotWatcher()
    try:
        refuse_second_clock(watcher)
        watcher.listen()
        ports = [str(free_port()), str(free_port())]
        words = ["--site", site, "--seed", str(seed), "--headless", "--kiosk-port", ports[0]]
        command = [str(ROOT / "ronda"), "sim", *words, "--console-port", ports[1]]
        with running(command, log) as (process, started_s):
            onlooker = Onlooker(watcher, process, started_s)

            def moves() -> bool:
                if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                    raise MeasurementError(log.read_text().strip().rpartition("\n")[2])
                return onlooker.moved_s > 0.0 and len(onlooker.processes) == len(NAMES)

            until(moves, onlooker.look, "the robot does not move")
            found = tuple(onlooker.processes[name] for name in NAMES)
            return found, onlooker.asked_s, onlooker.moved_s
    finally:
        watcher.close()


def measure_empty() -> float:
    """How long as many nodes take, that do nothing but speak."""
    watcher, heard = RobotWatcher(), set[str]()
    started_s = time.monotonic()
    nodes = [
        subprocess.Popen([sys.executable, "-c", EMPTY_NODE, f"empty_{name}"]) for name in NAMES
    ]
    try:
        watcher.on_text("start_bench", heard.add)
        until(lambda: len(heard) == len(NAMES), lambda: watcher.spin(0.02), "nodes do not speak")
        return time.monotonic() - started_s
    finally:
        for node in nodes:
            node.kill()
            node.wait()
        watcher.close()


def measure(bench: Bench) -> list[Start]:
    """The starts, one after the other; the first warms up what the system keeps of files."""
    options, starts = bench.options, []
    for run in range(2 if options.quick else options.runs + 1):
        log = bench.picture.with_suffix(".log")
        found = measure_start(options.site, options.seed, log)
        start = Start(*found, measure_empty())
        told = "warming up" if run == 0 else f"{run}"
        bench.console.print(
            f"{told}: launched after {start.launched_s:.2f} s, complete {start.complete_s:.2f} s, "
            f"asked {start.asked_s:.2f} s, moves {start.moved_s:.2f} s; "
            f"empty nodes {start.empty_s:.2f} s"
        )
        starts += [start] if run else []
    return starts


def rows(starts: Sequence[Start]) -> list[Row]:
    """The milestones, and what each process used until it spoke."""

    def middle(value: Callable[[Start], float]) -> float:
        return median(value(start) for start in starts)

    def cpu_s(number: int) -> float:
        return middle(lambda start: start.processes[number].cpu_s)

    return [
        Row("from the command until the robot moves", middle(lambda s: s.moved_s), "s",
            goal=GOAL_S, better="lower"),
        Row("of it until the processes begin", middle(lambda s: s.launched_s), "s"),
        Row("of it until all of them have spoken", middle(lambda s: s.complete_s), "s"),
        Row("of it until the patrol is asked for", middle(lambda s: s.asked_s), "s"),
        *(Row(f"{name}: CPU until it speaks", cpu_s(number), "s")
          for number, name in enumerate(NAMES)),
        Row("as many nodes that do nothing, until all have spoken", middle(lambda s: s.empty_s),
            "s"),
    ]  # fmt: skip


def draw(start: Start, target: Path) -> None:
    """One start as bars: a process from its beginning to its first word."""
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    began_s = [process.began_s for process in start.processes]
    took_s = [process.spoke_s - process.began_s for process in start.processes]
    used_s = [process.cpu_s for process in start.processes]
    axes.barh(NAMES, took_s, left=began_s, color="#8fb8de", label="until its first word")
    axes.barh(NAMES, used_s, left=began_s, height=0.3, color="#0b6bcb",
              label="processor used by then")  # fmt: skip
    for at_s, what, color in (
        (start.asked_s, "patrol asked for", "#2e7d32"), (start.moved_s, "moves", "#c8321f"),
    ):  # fmt: skip
        axes.axvline(at_s, color=color, label=f"{what}: {at_s:.1f} s")
    axes.axvline(GOAL_S, color="black", ls="--", lw=1.0, label="goal")
    axes.set(xlabel="seconds since the command")
    axes.invert_yaxis()
    axes.set_xlim(left=0.0)
    figure.legend(loc="outside lower center", ncols=5, fontsize=8)
    axes.set_title(f"`./ronda sim` on {os.cpu_count()} cores")
    figure.savefig(target, dpi=120)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=5, help="starts, after one to warm up")
    bench = begin("start", __doc__, parser, "one start, after one to warm up")
    try:
        load_setting(bench.options.site)
        with claimed_domain():
            pass  # nobody runs here; from now on the command that is measured claims it
        starts = measure(bench)
    except (RondaError, MeasurementError) as error:
        return bench.fail(error)
    draw(sorted(starts, key=lambda start: start.moved_s)[len(starts) // 2], bench.picture)
    return bench.answer(rows(starts), starts=[asdict(start) for start in starts])


if __name__ == "__main__":
    end(main())
