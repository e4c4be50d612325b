"""How fast the closed loop runs on one core, and what the time goes to.

A patrol of the depot among ten people, camera off, from the dock on, beside the simulator alone;
CPU time of this process, without set-up. Cost grows with simulated time and hardly with anything
else: ticks have fixed rates.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from _bench import begin, options_parser

from patrol_core.component import ProcessContext
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import EPOCH_S, START_S, TrialOptions, TrialRunner

mpl.use("Agg")
from matplotlib import pyplot as plt

GOALS = {"mppi": 4.0, "pure_pursuit": 10.0}
WARM_UP_S = 5.0


class Meter:
    """CPU seconds by part, taken around calls."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def around(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any) -> Any:
            started = time.process_time()
            result = call(*arguments)
            self.seconds[part] += time.process_time() - started
            return result

        return measured


def measure(
    runner: TrialRunner, controller: str, seconds: float, seed: int
) -> tuple[float, dict[str, float]]:
    """Simulated seconds by CPU second, and the parts' CPU milliseconds a simulated second."""
    setting = runner.setting
    docks = tuple(dock.pose for dock in setting.site.docks)
    simulator = Simulator(
        setting.world, [setting.setup()], runner.scenario(seed), seed, docks=docks
    )
    with tempfile.TemporaryDirectory(prefix="ronda-loop-") as folder:
        context = ProcessContext(setting.site, setting.robot, Path(folder), seed, EPOCH_S)
        loop = ClosedLoop(simulator, context, {"nav": {"controller": controller}})
        loop.setup()
        _run(loop, START_S)
        loop.start_patrol(setting.site.routes[0].route_id, 1)
        _run(loop, WARM_UP_S)
        meter = Meter()
        for part, owner, name in loop.parts():
            setattr(owner, name, meter.around(part, getattr(owner, name)))
        started, begun_s = time.process_time(), loop.now_s
        _run(loop, WARM_UP_S + seconds)
        cpu_s, simulated_s = time.process_time() - started, loop.now_s - begun_s
        loop.close()
    simulator.close()
    parts = {part: 1e3 * cost / simulated_s for part, cost in meter.seconds.items()}
    return simulated_s / cpu_s, parts


def _run(loop: ClosedLoop, until_s: float) -> None:
    while loop.now_s < until_s and not loop.finished():
        loop.step()


def draw(costs: dict[str, dict[str, float]], target: Path) -> None:
    """Stacked bars, a controller a bar."""
    figure, axes = plt.subplots(figsize=(8, 2.4), layout="constrained")
    left = dict.fromkeys(costs, 0.0)
    for part in next(iter(costs.values())):
        values = [parts[part] for parts in costs.values()]
        axes.barh(list(costs), values, left=list(left.values()), label=part)
        left = {name: left[name] + value for name, value in zip(left, values, strict=True)}
    axes.set(xlabel="CPU milliseconds a simulated second")
    axes.legend(ncols=6, loc="upper center", bbox_to_anchor=(0.5, 1.35), frameon=False)
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot")
    parser.add_argument("--seconds", type=float, default=200.0, help="simulated seconds")
    parser.add_argument("--seed", type=int, default=0)
    bench = begin("loop", __doc__, parser, "30 simulated seconds")
    options = bench.options
    runner = TrialRunner(TrialOptions(options.site))
    rows: list[Row] = []
    costs = {}
    for controller, goal in GOALS.items():
        bench.console.print(f"{controller} ...")
        seconds = 30.0 if options.quick else options.seconds
        factor, costs[controller] = measure(runner, controller, seconds, options.seed)
        what = f"closed loop with {controller}, simulated by CPU time"
        rows.append(Row(what, factor, "x", goal=goal))
        rows += [
            Row(f"{controller}: {part}", cost, "ms/s", better="lower")
            for part, cost in costs[controller].items()
        ]
    draw(costs, bench.picture)
    return bench.answer(rows)


if __name__ == "__main__":
    sys.exit(main())
