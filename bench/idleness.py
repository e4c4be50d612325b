"""Patrols of a graph by one robot: how long do places wait, predictable and less so?

The best cycle is the shortest closed way past all vertices, proven by an integer programme: for
one robot no patrol has a lower longest idleness (Chevaleyre 2004). Ours at level 0 drives the tour
of `patrol_mission`; at higher levels it turns round on it by chance, with a bound of ten laps.
Beside it in the same run: cyclic on a plain heuristic tour, random, conscientious reactive, and
the Markov chain with the lowest mean time from place to place (after Patel, Agharkar and Bullo
2015). The chance of meeting is seen in longer runs: the lowest share, over vertices and over how
long the robot has been away, of absences that end within 30 % of the best cycle. Seeds 0 and up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, Kept, begin, options_parser
from _patrol_graphs import PatrolGraph, load_graph
from _patrollers import (
    Coming,
    Idleness,
    chain_walk,
    conscientious_reactive,
    cyclic,
    cyclic_way,
    fast_chain,
    idleness,
    on_ring,
    proven_tour,
    random_walk,
    seen_chance,
)

from patrol_core.errors import ConfigError, RondaError
from patrol_mission.unpredictable.params import PolicyParams
from patrol_mission.unpredictable.policy import solve_policy
from patrol_mission.unpredictable.tour import best_tour, tour_ring
from patrol_sim.rng import stream
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

FOLDER = ROOT.parent / "shared" / "data" / "patrol_graphs"
LEVELS, QUICK_LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0), (0.0, 0.5, 1.0)
DAY_S, LAPS, QUICK_LAPS = 86400.0, 3000, 1000
STAY, HORIZON_LAPS, NEAR = 0.3, 1.5, 1.1
BEST, OTHERS = "best cycle", ("cyclic", "random", "conscientious reactive", "fastest chain")
COLOURS = {"best cycle": "#333333", "cyclic": "#8593a3", "random": "#c8321f",
           "conscientious reactive": "#d9a441", "fastest chain": "#7d5ba6"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """One way to patrol one graph; chance: of meeting, as seen."""

    graph: str
    method: str
    idle: Idleness
    chance: float


def ours(level: float) -> str:
    return f"ours, level {level:g}"


class Patrols:
    """All patrols of a graph."""

    def __init__(self, graph: PatrolGraph, speed_mps: float, seed: int, laps: int) -> None:
        self.graph, self._laps = graph, laps
        self._seed = seed
        self._times_s = graph.edges_m / speed_mps
        self._best_way, best_m = proven_tour(graph.edges_m)
        self.best_s = best_m / speed_mps
        way = best_tour(graph.edges_m, np.random.default_rng(0))
        self._ring = tour_ring(way, graph.edges_m, speed_mps)

    def measured(self, method: str) -> Result:
        """A day of it, and as many laps as are wanted for the chance."""
        count = len(self._times_s)
        until_s = max(self._laps * self.best_s, DAY_S)
        comings = list(takewhile(lambda c: c[0] <= until_s, self._driven(method)))
        idle = idleness(comings, count, DAY_S)
        horizon_s = HORIZON_LAPS * self.best_s
        chance = seen_chance(comings, count, STAY * self.best_s, horizon_s)
        return Result(self.graph.name, method, idle, chance)

    def _driven(self, method: str) -> Iterator[Coming]:
        rng = stream(self._seed, "bench", "idleness", self.graph.name, method)
        times_s = self._times_s
        if method == BEST:
            return cyclic(self._best_way, times_s)
        if method == "cyclic":
            return cyclic(cyclic_way(self.graph.edges_m), times_s)
        if method == "random":
            return random_walk(times_s, rng)
        if method == "conscientious reactive":
            return conscientious_reactive(times_s)
        if method == "fastest chain":
            return chain_walk(fast_chain(times_s), times_s, rng)
        level = float(method.rsplit(" ", 1)[1])
        return on_ring(self._ring, solve_policy(self._ring, PolicyParams(level=level)), rng)


def rows(results: Sequence[Result]) -> list[Row]:
    """The figures; ours when predictable against the best cycle first."""
    best = {r.graph: r.idle for r in results if r.method == BEST}
    out = []
    for r in results:
        if r.method == ours(0.0):
            mean, longest = (
                r.idle.mean_s / best[r.graph].mean_s, r.idle.longest_s / best[r.graph].longest_s
            )  # fmt: skip
            for what, ratio in (("mean", mean), ("longest", longest)):
                said = f"{r.graph}: predictable, {what} idleness by that of the best cycle"
                out.append(Row(said, ratio, "", goal=NEAR, better="lower"))
    for r in results:
        said = f"{r.graph}, {r.method}: "
        out += [
            Row(f"{said}idleness, mean", r.idle.mean_s, "s", better="lower"),
            Row(f"{said}idleness, median", r.idle.median_s, "s", better="lower"),
            Row(f"{said}idleness, standard deviation", r.idle.sd_s, "s", better="lower"),
            Row(f"{said}idleness, longest", r.idle.longest_s, "s", better="lower"),
            Row(f"{said}since the last visit, mean", r.idle.since_s, "s", better="lower"),
            Row(f"{said}watcher met in 30 % of the best cycle", 100.0 * r.chance, "%"),
        ]  # fmt: skip
    return out


def draw(results: Sequence[Result], path: Path) -> None:
    """What each level costs and gives, beside the others, for each graph; in best cycles."""
    graphs = list(dict.fromkeys(r.graph for r in results))
    figure, axes = plt.subplots(
        2, len(graphs), figsize=(4.3 * len(graphs) + 0.6, 8.2), layout="constrained",
        squeeze=False, sharey="row",
    )  # fmt: skip
    for column, graph in enumerate(graphs):
        mine = [r for r in results if r.graph == graph]
        lap_s = next(r.idle.longest_s for r in mine if r.method == BEST)
        for panel, name in ((axes[0, column], "longest_s"), (axes[1, column], "since_s")):
            line = [r for r in mine if r.method.startswith("ours")]
            xs = [100.0 * r.chance for r in line]
            ys = [getattr(r.idle, name) / lap_s for r in line]
            panel.plot(xs, ys, "o-", color="#0b6bcb", label="ours, by level")
            for x, y, r in zip(xs, ys, line, strict=True):
                level = r.method.rsplit(" ", 1)[1]
                panel.annotate(level, (x, y), (4, -11), textcoords="offset points", fontsize=8)
            for r in mine:
                if r.method in COLOURS:
                    panel.plot(100.0 * r.chance, getattr(r.idle, name) / lap_s, "D",
                               color=COLOURS[r.method], label=r.method, alpha=0.8)  # fmt: skip
            panel.set(yscale="log", xlim=(-1.0, 32.0))
            panel.grid(alpha=0.3, which="both")
        axes[0, column].set_title(f"{graph}: best cycle {lap_s:.0f} s")
        axes[1, column].set_xlabel("watcher met in 30 % of a cycle [%]; none exceeds 30")
    axes[0, 0].set_ylabel("longest idleness [best cycles]")
    axes[1, 0].set_ylabel("since the last visit, mean [best cycles]")
    axes[0, 0].legend(frameon=False, fontsize=9)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def measure(bench: Bench, kept: Kept, graph: PatrolGraph) -> list[Result]:
    """Every way to patrol it, each kept."""
    options, results = bench.options, []
    laps = QUICK_LAPS if options.quick else LAPS
    levels = QUICK_LEVELS if options.quick else LEVELS
    patrols = Patrols(graph, options.speed, options.seed, laps)
    for method in (BEST, *map(ours, levels), *OTHERS):
        known = kept.get((graph.name, method, laps))
        if known is None:
            known = asdict(patrols.measured(method))
            kept.keep((graph.name, method, laps), known)
        result = Result(**(known | {"idle": Idleness(**known["idle"])}))
        results.append(result)
        bench.console.print(
            f"{graph.name}, {method}: mean {result.idle.mean_s:.0f} s, longest "
            f"{result.idle.longest_s:.0f} s, watcher met {result.chance:.1%}"
        )
    return results


def main() -> int:
    parser = options_parser()
    parser.add_argument(
        "graphs", nargs="*", type=Path, metavar="GRAPH",
        help="files of patrolling_sim's format; default: those in ../shared/data/patrol_graphs",
    )  # fmt: skip
    parser.add_argument("--speed", type=float, default=1.0, help="of the robot [m/s]")
    parser.add_argument("--seed", type=int, default=0, help="of the walks")
    bench = begin("idleness", __doc__, parser, "two graphs, three levels, shorter runs")
    options = bench.options
    try:
        files = options.graphs or sorted(FOLDER.glob("*.graph"))[: 2 if options.quick else None]
        if not files:
            raise ConfigError(f"no patrol graphs in {FOLDER}", remedy="name some: GRAPH ...")
        if not options.speed > 0.0:
            raise RondaError(f"a speed of {options.speed:g} m/s", expected="more than 0")
        graphs = [load_graph(file) for file in files]
        kept = bench.kept(options.speed, options.seed, [g.edges_m.tolist() for g in graphs])
        results = [result for graph in graphs for result in measure(bench, kept, graph)]
    except RondaError as error:
        return bench.fail(error)
    draw(results, bench.picture)
    return bench.answer(rows(results))


if __name__ == "__main__":
    sys.exit(main())
