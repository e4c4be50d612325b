"""200 visitors at once on the kiosk's server: is everybody answered, and in time?

Real sockets on loopback, the server with the whole dialogue in a process of its own. Visitors come
from addresses of their own, open a conversation, read on, say something every few seconds on a new
connection each time, and leave. Then others send bad JSON and huge bodies, read nothing, drip
bytes, and open 10 000 connections, from a process of their own, while some visitors go on; what
these meet is reported apart.
The shipped limits hold throughout. Beside it: one visitor at a time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
import numpy as np
import psutil
from _bench import begin, options_parser
from _load_attacks import ATTACKS, in_a_process, raise_limit
from _load_clients import Server, Tally, percentile_ms, visit

from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

VISITORS, TURNS, PAUSE_S = 200, 10, (4.0, 8.0)
BESIDE, LIMIT_MS = 20, 300.0
BLUE, RED, GREY = "#0b6bcb", "#c8321f", "#8593a3"


@dataclass(slots=True)
class Phase:
    """What a part of the run showed; `cpu`: cores that the server was busy on."""

    name: str
    tally: Tally = field(default_factory=Tally)
    began_s: float = 0.0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def turns_per_s(self) -> float:
        stamps = [stamp for stamp, _ in self.tally.answers]
        return len(stamps) / max(max(stamps, default=0.0) - min(stamps, default=0.0), 1e-3)


@contextmanager
def measured(phase: Phase, server: psutil.Process) -> Iterator[Tally]:
    """Time and processor time of a part of the run."""
    before, phase.began_s = server.cpu_times(), time.monotonic()
    yield phase.tally
    after = server.cpu_times()
    phase.seconds = time.monotonic() - phase.began_s
    phase.cpu = (after.user + after.system - before.user - before.system) / phase.seconds


async def crowd(server: Server, tally: Tally, count: int, turns: int, network: str) -> None:
    """Visitors at once, each from an address of its own."""
    rngs = np.random.default_rng(0).spawn(count)
    await asyncio.gather(*(
        visit(server, f"{network}.{index // 250}.{index % 250 + 1}", turns, PAUSE_S, rng, tally)
        for index, rng in enumerate(rngs)
    ))  # fmt: skip


async def alone(server: Server, tally: Tally, turns: int) -> None:
    """One visitor after the other, without pauses."""
    rng = np.random.default_rng(1)
    for index in range(max(turns, 2)):
        await visit(server, f"127.4.0.{index + 1}", 10, (0.0, 0.01), rng, tally)


@dataclass(slots=True)
class Run:
    """Everything that was measured."""

    one: Phase = field(default_factory=lambda: Phase("one visitor at a time"))
    many: Phase = field(default_factory=lambda: Phase("200 visitors at once"))
    attacked: Phase = field(default_factory=lambda: Phase("visitors during the attacks"))
    ended: dict[str, tuple[int, int]] = field(default_factory=dict)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    memory_mib: float = 0.0


async def measure(address: str, process: psutil.Process, share: float) -> Run:
    """All parts of the run; `share` of the turns and of the attacks."""
    host, _, port = address.strip().removeprefix("http://").strip("/").partition(":")
    server, run = Server(host, int(port)), Run()
    with measured(run.one, process) as tally:
        await alone(server, tally, int(10 * share))
    turns = max(int(TURNS * share), 2)
    with measured(run.many, process) as tally:
        await crowd(server, tally, VISITORS, turns, "127.1")
    with measured(run.attacked, process) as tally:
        beside = asyncio.create_task(go_on(server, tally))
        for number, attack in enumerate(ATTACKS):
            began_s = time.monotonic()
            run.ended[attack.name] = await in_a_process(server, number, share)
            run.spans[attack.name] = (began_s, time.monotonic())
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
    run.memory_mib = process.memory_info().rss / 2**20
    return run


async def go_on(server: Server, tally: Tally) -> None:
    """Some visitors, and again some, until it is broken off."""
    while True:
        await crowd(server, tally, BESIDE, 5, "127.3")


def rows(run: Run) -> list[Row]:
    """The figures."""
    one, many, attacked = run.one.tally, run.many.tally, run.attacked.tally
    return [
        Row("visitors at once", VISITORS, ""),
        Row("turns", len(many.answers), ""),
        Row("load", run.many.turns_per_s, "turns/s"),
        Row("server's processor time", run.many.cpu, "cores"),
        Row("errors", len(many.errors), "", goal=0.0, better="lower"),
        Row("lines that did not come by themselves", many.missed_lines, "", goal=0.0,
            better="lower"),
        Row("answer, median", percentile_ms(many.answers, 50.0), "ms"),
        Row("answer, 99th percentile", percentile_ms(many.answers, 99.0), "ms", goal=LIMIT_MS,
            better="lower"),
        *(Row(f"{name}: ended as they should", ended, f"of {count}", goal=count)
          for name, (ended, count) in run.ended.items()),
        Row("turns of visitors during the attacks", len(attacked.answers), ""),
        Row("their errors", len(attacked.errors), "", goal=0.0, better="lower"),
        Row("their answer, 99th percentile", percentile_ms(attacked.answers, 99.0), "ms",
            goal=LIMIT_MS, better="lower"),
        Row("server's memory at the end", run.memory_mib, "MiB"),
        Row("one visitor at a time: answer, median", percentile_ms(one.answers, 50.0), "ms"),
        Row("one visitor at a time: answer, 99th percentile", percentile_ms(one.answers, 99.0),
            "ms"),
    ]  # fmt: skip


def draw(run: Run, path: Path) -> None:
    """How long answers took, and when."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5.2), layout="constrained")
    for phase, colour in ((run.one, GREY), (run.many, BLUE), (run.attacked, RED)):
        times_ms = np.sort([seconds * 1000.0 for _, seconds in phase.tally.answers])
        if len(times_ms):
            shares = np.arange(1, len(times_ms) + 1) / len(times_ms)
            left.step(times_ms, shares * 100.0, where="post", color=colour,
                      label=f"{phase.name} ({len(times_ms)} turns)")  # fmt: skip
    left.axvline(LIMIT_MS, color="#333333", ls="--", lw=1.0)
    left.axhline(99.0, color="#333333", ls=":", lw=1.0)
    left.set(xscale="log", xlabel="answer within [ms]", ylabel="of the turns [%]", ylim=(0, 101))
    left.set_title("How long visitors wait (dashed: 300 ms, dotted: 99 %)")
    left.grid(alpha=0.3)
    left.legend(loc="upper left", framealpha=1.0)
    zero_s = run.many.began_s
    for phase, colour in ((run.many, BLUE), (run.attacked, RED)):
        at = np.array(phase.tally.answers).reshape(-1, 2)
        right.plot(at[:, 0] - zero_s, at[:, 1] * 1000.0, ".", ms=4, color=colour, alpha=0.5)
    for index, (name, (begin_s, end_s)) in enumerate(run.spans.items()):
        right.axvspan(begin_s - zero_s, end_s - zero_s, alpha=0.12 + 0.1 * (index % 2),
                      color="#d9a441", lw=0)  # fmt: skip
        right.annotate(
            name, ((begin_s + end_s) / 2.0 - zero_s, 0.99), xycoords=("data", "axes fraction"),
            rotation=90, va="top", ha="center", fontsize=8,
        )  # fmt: skip
    right.axhline(LIMIT_MS, color="#333333", ls="--", lw=1.0)
    right.set(yscale="log", xlabel="time [s]", ylabel="answer after [ms]")
    right.set_title(f"200 visitors, {run.many.turns_per_s:.0f} turns/s; then the attacks")
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    bench = begin("load", __doc__, parser, "a fifth of the turns, a tenth of the attacks")
    raise_limit()
    script = ROOT / "bench" / "_load_server.py"
    words: Sequence[str] = (sys.executable, str(script), bench.options.site)
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        address = child.stdout.readline()
        if not address:
            return bench.fail("the server did not start")
        share = 0.2 if bench.options.quick else 1.0
        run = asyncio.run(measure(address, psutil.Process(child.pid), share))
        child.stdin.close()
    draw(run, bench.picture)
    for errors in (run.many.tally.errors, run.attacked.tally.errors):
        for error in sorted(set(errors))[:10]:
            bench.console.print(error)
    return bench.answer(rows(run))


if __name__ == "__main__":
    sys.exit(main())
