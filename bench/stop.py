"""Whether zero reaches the motors in time, whatever fails: gate, base, cable, commands or scan.

Gate and base run in the real ROS graph on an emulated motor controller behind a pseudo-terminal.
The robot drives 1.5 m/s; one thing fails at a random moment; the controller's own registers say
since when no motor is told to turn, because it was told zero or because its watchdog tripped.

The time counts from the stamp of the last fresh command: the newest that was sent before the
failure, which is up to 50 ms older than it. So it does for a base, a gate or a cable that fails;
for commands that are not numbers it is the last one that was. For a scan that stops it counts from
the moment when the last one is stale by the topic table, 0.35 s after its stamp. The stop distance
is the way from the same moment until the wheels stand; where a tripped watchdog lets the wheels
roll freely, it shows.

What failed runs and is healthy again before the next trial. An interrupted run resumes. So busy a
machine that it held up the emulator, the commands or one of the processes for more than 0.02 s
between the failure and zero says little of the robot: such a trial is shown as late, counts as it
came out, and is done again by the next run, whether it held or not.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import _stop_controllers
import _stop_rig
import _stop_trial
import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _stop_controllers import WIRINGS, served
from _stop_rig import ROBOT, MeasurementError, Rig
from _stop_trial import GOAL_S, KINDS, SPEED_MPS, Stop, hurt
from rich.table import Table

from patrol_core.errors import RondaError
from ronda_cli.ending import end
from ronda_cli.evaluation.statistics import Row
from ronda_cli.session import claimed_domain

mpl.use("Agg")
from matplotlib import pyplot as plt

PARTS = (_stop_controllers, _stop_rig, _stop_trial)
"""What decides about a trial: kept ones count only while it stays as it is."""
COLORS = ("#0b6bcb", "#c8321f", "#2a8a4a", "#8a4fb3", "#c98a00")


def measure(bench: Bench, controllers: Sequence[str], count: int, seed: int) -> list[Stop]:
    """`count` trials of every kind for every controller, the kinds in turn."""
    parts = (Path(str(module.__file__)).read_text("utf-8") for module in PARTS)
    kept = bench.kept(seed, *parts)
    stops: list[Stop] = []
    for controller in controllers:
        keys = {(i, kind): f"{controller} {i} {kind}" for i in range(count) for kind in KINDS}
        known = {case: Stop(**v) for case, key in keys.items() if (v := kept.get(key))}
        known = {case: stop for case, stop in known.items() if not stop.is_late}
        stops += known.values()
        left = [case for case in keys if case not in known]
        if left:
            with tempfile.TemporaryDirectory(prefix="ronda-stop-") as folder:
                for index, kind, stop in _trials(controller, left, seed, Path(folder)):
                    kept.keep(keys[index, kind], asdict(stop))
                    stops.append(stop)
                    by = "watchdog tripped" if stop.tripped else "told"
                    bench.console.print(
                        f"{index + 1}/{count} {controller}, {kind}: {stop.speed_mps:.2f} m/s, "
                        f"zero after {stop.zero_after_s:.3f} s ({by}), stands after "
                        f"{stop.distance_m:.2f} m"
                        + (f"; the machine was {stop.late_s:.3f} s late" if stop.is_late else "")
                    )
    return stops


def _trials(
    controller: str, cases: Sequence[tuple[int, str]], seed: int, folder: Path
) -> Iterator[tuple[int, str, Stop]]:
    """The trials of these cases, in one graph."""
    port, radius_m = folder / "motors", ROBOT.wheels.radius_m
    with served(controller, radius_m, port, time.monotonic, seed) as (watched, faults):
        rig = Rig(controller, watched, port, folder)
        try:
            for index, kind in cases:
                rng = random.Random(f"{seed} {controller} {index} {kind}")
                yield index, kind, hurt(rig, watched, faults, kind, rng)
        finally:
            rig.close()


def summary(stops: Sequence[Stop]) -> list[dict[str, Any]]:
    """A line for each controller and kind."""
    lines = []
    for controller, kind in product(dict.fromkeys(s.controller for s in stops), KINDS):
        mine = [s for s in stops if (s.controller, s.kind) == (controller, kind)]
        times_s, ways_m = [s.zero_after_s for s in mine], [s.distance_m for s in mine]
        lines.append({
            "controller": controller,
            "kind": kind,
            "n": len(mine),
            "zero_median_s": median(times_s),
            "zero_worst_s": max(times_s),
            "distance_median_m": median(ways_m),
            "distance_worst_m": max(ways_m),
            "by_watchdog": sum(s.tripped for s in mine),
            "held": sum(s.holds for s in mine),
            "late": sum(s.is_late for s in mine),
            "missed_late": sum(s.is_late and not s.holds for s in mine),
        })  # fmt: skip
    return lines


def shown(controller: str, lines: Sequence[dict[str, Any]]) -> Table:
    """The same for a person: seconds until zero, and metres until the wheels stand."""
    table = Table(title=f"{controller}: zero within {GOAL_S} s")
    table.add_column("what fails", no_wrap=True)
    for head in ("n", "zero [s]", "worst", "way [m]", "worst", "watchdog", "held", "late"):
        table.add_column(head, justify="right", no_wrap=True)
    for line in lines:
        if line["controller"] == controller:
            table.add_row(
                line["kind"],
                str(line["n"]),
                *(f"{line[f'zero_{which}_s']:.3f}" for which in ("median", "worst")),
                *(f"{line[f'distance_{which}_m']:.2f}" for which in ("median", "worst")),
                *(str(line[key]) for key in ("by_watchdog", "held", "late")),
            )
    return table


def rows(lines: Sequence[dict[str, Any]]) -> list[Row]:
    """How many held: of each controller, and of all."""
    table = []
    for controller in dict.fromkeys(line["controller"] for line in lines):
        mine = [line for line in lines if line["controller"] == controller]
        held, count = sum(line["held"] for line in mine), sum(line["n"] for line in mine)
        late = sum(line["missed_late"] for line in mine)
        what = f"{controller}: zero within {GOAL_S} s"
        table.append(Row(what, held, f"of {count}", goal=count))
        table.append(Row(f"{controller}: missed while the machine was late", late, ""))
    return table


def draw(stops: Sequence[Stop], target: Path) -> None:
    """Times and distances as dots, a kind a row; a colour for each controller. Hollow: late."""
    kinds, names = list(KINDS), list(dict.fromkeys(stop.controller for stop in stops))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(12, 0.5 * len(kinds) + 1.5), sharey=True, layout="constrained"
    )
    for number, name in enumerate(names):
        mine = [stop for stop in stops if stop.controller == name]
        offset = (number - (len(names) - 1) / 2.0) * 0.8 / len(names)
        spread = np.random.default_rng(number).uniform(-0.25, 0.25, len(mine)) / len(names)
        heights = [kinds.index(stop.kind) + offset for stop in mine] + spread
        color = COLORS[number % len(COLORS)]
        faces = [(color, 0.0 if stop.is_late else 0.6) for stop in mine]
        style = {"facecolors": faces, "edgecolors": color, "s": 16.0}
        left.scatter([s.zero_after_s for s in mine], heights, **style)
        right.scatter([s.distance_m for s in mine], heights, **style)
        left.scatter([], [], color=color, s=16.0, label=name)
    left.axvline(GOAL_S, color="black", lw=1.0, ls="--")
    if any(stop.is_late for stop in stops):
        left.scatter([], [], fc="none", ec="grey", s=16.0, label="the machine was late")
    left.set(yticks=np.arange(len(kinds)), yticklabels=kinds, ylim=(len(kinds) - 0.5, -0.5))
    left.set(xlabel="zero commanded, seconds after the last fresh command")
    right.set(xlabel=f"way from there to standing, from {SPEED_MPS} m/s [m]")
    for axes in (left, right):
        axes.set_xlim(left=0.0)
        axes.grid(axis="x", alpha=0.3)
    left.set_xlim(right=max(left.get_xlim()[1], 1.2 * GOAL_S))
    figure.legend(loc="outside upper center", ncols=len(names) + 1)
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--runs", type=int, default=100, help="trials of each kind")
    parser.add_argument(
        "--controller", choices=(*WIRINGS, "all"), default=None,
        help="default: all; with --quick roboclaw",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    bench = begin("stop", __doc__, parser, "one trial of each kind, on a RoboClaw")
    options = bench.options
    wanted = options.controller or ("roboclaw" if options.quick else "all")
    controllers = list(WIRINGS) if wanted == "all" else [wanted]
    sys.setswitchinterval(0.001)  # the thread of the controller must not wait for the node's
    try:
        with claimed_domain():
            count = 1 if options.quick else options.runs
            stops = measure(bench, controllers, count, options.seed)
    except (MeasurementError, RondaError) as error:
        return bench.fail(error)
    draw(stops, bench.picture)
    lines = summary(stops)
    if not options.json:
        for controller in controllers:
            bench.console.print(shown(controller, lines))
    return bench.answer(rows(lines), table=lines)


if __name__ == "__main__":
    end(main())
