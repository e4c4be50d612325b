"""The same scenarios in closed loop and in the ROS graph: do their outcomes agree?

Each seed draws people, a stray thing and a planted object. It is patrolled once in closed loop
and once in the graph, every part in its own process. An outcome is: completed, things touched,
planted objects found, false alarms, obstructions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from rich.console import Console
from rich.table import Table

from patrol_core.errors import RondaError
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.trial import TrialOptions, TrialRunner
from ronda_cli.scorer import Verdict
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


def measure(site: str, seeds: Sequence[int], console: Console) -> list[Pair]:
    """Every seed in both harnesses, told as it comes."""
    runner = TrialRunner(TrialOptions(site))
    pairs = []
    for seed in seeds:
        loop = runner.run(seed, time.perf_counter).verdict
        with tempfile.TemporaryDirectory(prefix="ronda-agreement-") as folder:
            options = SimOptions(headless=True, speed=0.0, seed=seed, camera=False)
            graph = SimulatedPatrol(runner.setting, options, Path(folder)).run()
        pair = Pair(seed, loop, graph)
        pairs.append(pair)
        console.print(
            f"seed {seed}: loop {outcome(loop)}, graph {outcome(graph)}"
            f"{'' if pair.agrees else '  DIFFERENT'}"
        )
    return pairs


def rows(pairs: Sequence[Pair]) -> list[dict[str, object]]:
    """The share that agrees, and how lap times differ."""
    share = sum(pair.agrees for pair in pairs) / len(pairs)
    ratios = [pair.graph.lap_time_s / pair.loop.lap_time_s for pair in pairs]
    return [
        {"what": "scenarios with the same outcome", "value": share, "unit": f"of {len(pairs)}",
         "goal": 1.0, "better": "higher", "holds": share >= 1.0},
        {"what": "lap time in the graph by closed loop, median",
         "value": round(float(np.nanmedian(ratios)), 3), "unit": "", "goal": None,
         "better": "lower", "holds": None},
    ]  # fmt: skip


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
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./ronda bench agreement", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="scenarios")
    parser.add_argument("--site", default="yard")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--quick", action="store_true", help="two scenarios")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "bench" / "agreement.png")
    options = parser.parse_args()
    console = Console(stderr=options.json, highlight=False, soft_wrap=True)
    seeds = range(options.seed, options.seed + (2 if options.quick else options.runs))
    started = time.monotonic()
    try:
        pairs = measure(options.site, seeds, console)
    except RondaError as error:
        sys.stderr.write(f"agreement: could not measure: {error}\n")
        return 1
    found = rows(pairs)
    draw(pairs, options.out)
    if options.json:
        document = {"bench": "agreement", "seconds": time.monotonic() - started, "rows": found}
        json.dump(document, sys.stdout, indent=1)
        return 0
    table = Table("what", "value", "goal")
    for row in found:
        goal = "" if row["goal"] is None else str(row["goal"])
        table.add_row(str(row["what"]), f"{row['value']} {row['unit']}", goal)
    console.print(table, f"picture: {options.out}", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
