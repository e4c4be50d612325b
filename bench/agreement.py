"""The same scenarios in closed loop and in the ROS graph: do their outcomes agree?

Each seed draws people, a stray thing and a planted object. It is patrolled once in closed loop
and once in the graph, every part in its own process. An outcome is: completed, things touched,
planted objects found, false alarms, obstructions. An interrupted run resumes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser

from patrol_core.errors import RondaError
from ronda_cli.ending import end
from ronda_cli.evaluation.campaign import verdict_from_json
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import TrialOptions, TrialRunner
from ronda_cli.scorer import Verdict
from ronda_cli.session import StoppedError, claimed_domain
from ronda_cli.simulation import SimOptions, SimulatedPatrol

mpl.use("Agg")
from matplotlib import pyplot as plt

Outcome = tuple[bool, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """One scenario in both harnesses."""

    seed: int
    loop: Verdict
    graph: Verdict

    @property
    def agrees(self) -> bool:
        return outcome(self.loop) == outcome(self.graph)


def outcome(verdict: Verdict) -> Outcome:
    """What must be the same."""
    return (
        verdict.completed,
        verdict.contacts,
        verdict.found,
        verdict.false_alarms,
        verdict.obstructions,
    )


def measure(bench: Bench, site: str, seeds: Sequence[int]) -> list[Pair]:
    """Every seed in both harnesses, told as it comes."""
    runner, kept = TrialRunner(TrialOptions(site)), bench.kept(site)
    pairs = []
    for seed in seeds:
        known = kept.get(seed)
        if known is None:
            pair = _drive(runner, seed)
            kept.keep(seed, {"loop": asdict(pair.loop), "graph": asdict(pair.graph)})
        else:
            pair = Pair(seed, verdict_from_json(known["loop"]), verdict_from_json(known["graph"]))
        pairs.append(pair)
        bench.console.print(
            f"seed {seed}: loop {outcome(pair.loop)}, graph {outcome(pair.graph)}"
            f"{'' if pair.agrees else '  DIFFERENT'}"
        )
    return pairs


def _drive(runner: TrialRunner, seed: int) -> Pair:
    loop = runner.run(seed, time.perf_counter).verdict
    with tempfile.TemporaryDirectory(prefix="ronda-agreement-") as folder, claimed_domain():
        options = SimOptions(headless=True, speed=0.0, seed=seed, camera=False)
        graph = SimulatedPatrol(runner.setting, options, Path(folder)).run()
    return Pair(seed, loop, graph)


def rows(pairs: Sequence[Pair]) -> list[Row]:
    """The share that agrees, and how lap times differ."""
    same, count = sum(pair.agrees for pair in pairs), len(pairs)
    ratio = float(np.nanmedian([pair.graph.lap_time_s / pair.loop.lap_time_s for pair in pairs]))
    return [
        Row("scenarios with the same outcome", same, f"of {count}", goal=count),
        Row("lap time in the graph by closed loop, median", ratio, "", better="lower"),
    ]


def draw(pairs: Sequence[Pair], target: Path) -> None:
    """Lap times against each other."""
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    times = np.array([(p.loop.lap_time_s, p.graph.lap_time_s) for p in pairs])
    colors = ["#0b6bcb" if pair.agrees else "#c8321f" for pair in pairs]
    axes.scatter(times[:, 0], times[:, 1], c=colors)
    longest = float(np.nanmax(times, initial=1.0)) * 1.1
    axes.plot([0, longest], [0, longest], color="#8593a3", lw=0.8)
    axes.set(xlabel="lap in closed loop [s]", ylabel="lap in the ROS graph [s]",
             xlim=(0, longest), ylim=(0, longest))  # fmt: skip
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--runs", type=int, default=20, help="scenarios")
    parser.add_argument("--site", default="yard")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    bench = begin("agreement", __doc__, parser, "two scenarios")
    options = bench.options
    seeds = range(options.seed, options.seed + (2 if options.quick else options.runs))
    try:
        pairs = measure(bench, options.site, seeds)
    except (RondaError, StoppedError) as error:
        return bench.fail(error)
    draw(pairs, bench.picture)
    return bench.answer(rows(pairs))


if __name__ == "__main__":
    end(main())
