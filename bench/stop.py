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

What failed runs and is healthy again before the next trial. An interrupted run resumes.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import _stop_controllers as _controllers
import _stop_rig as _rig
import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _stop_controllers import WIRINGS, Watched, served
from _stop_rig import ROBOT, MeasurementError, Rig
from rich.table import Table

from patrol_core.errors import RondaError
from patrol_core.processes import BASE, GATE
from patrol_core.topics import SCAN
from patrol_emulators.faults import FaultBoard, parse_fault
from ronda_cli.ending import end
from ronda_cli.evaluation.statistics import Row
from ronda_cli.session import claimed_domain

mpl.use("Agg")
from matplotlib import pyplot as plt

GOAL_S = 0.25
SPEED_MPS = ROBOT.drive.max_speed_mps
DRIVES_MPS = 0.95 * SPEED_MPS
DRIVE_WITHIN_S, ZERO_WITHIN_S, REST_WITHIN_S = 60.0, 5.0, 15.0
STEADY_S = 1.0
AFTERWARDS_S = 0.5
"""For so long the commands go on, as far as they do, after zero was commanded."""
CABLE_S = 4.0
"""How long the cable is away: longer than wheels that roll freely need to stand."""
COLORS = ("#0b6bcb", "#c8321f", "#2a8a4a", "#8a4fb3", "#c98a00")


@dataclass(frozen=True, slots=True)
class Stop:
    """One trial. `tripped`: the controller's watchdog had a part in it."""

    controller: str
    kind: str
    speed_mps: float
    zero_after_s: float
    distance_m: float
    tripped: bool

    @property
    def holds(self) -> bool:
        return self.zero_after_s <= GOAL_S + 1e-6


class Trial:
    """What fails, and how it is mended. Everything that is hurt is hurt through here."""

    def __init__(self, rig: Rig, faults: FaultBoard) -> None:
        self._rig, self._faults = rig, faults
        self._frozen: int | None = None

    def no_commands(self) -> None:
        self._rig.wanted_mps = None

    def no_numbers(self) -> None:
        self._rig.wanted_mps = float("nan")

    def no_scan(self) -> None:
        self._rig.scans = False

    def kill(self, process: str) -> None:
        os.kill(self._rig.pid(process), signal.SIGKILL)

    def freeze(self, process: str) -> None:
        self._frozen = self._rig.pid(process)
        os.kill(self._frozen, signal.SIGSTOP)

    def cut(self, how: str) -> None:
        self._faults.add(parse_fault(f"{how} {CABLE_S}", time.monotonic()))

    def mend(self) -> None:
        """A cable comes back by itself, and the launcher starts again what was killed."""
        self._rig.scans = True
        if self._frozen is not None:
            os.kill(self._frozen, signal.SIGCONT)
        self._frozen = None


SCAN_STALE = "scan stops"
KINDS: dict[str, Callable[[Trial], None]] = {
    "commands stop": Trial.no_commands,
    "gate killed": lambda trial: trial.kill(GATE.name),
    "gate frozen": lambda trial: trial.freeze(GATE.name),
    "base killed": lambda trial: trial.kill(BASE.name),
    "base frozen": lambda trial: trial.freeze(BASE.name),
    "cable pulled": lambda trial: trial.cut("unplug"),
    "link silent": lambda trial: trial.cut("silence"),
    "commands NaN": Trial.no_numbers,
    SCAN_STALE: Trial.no_scan,
}


def drive(rig: Rig, watched: Watched) -> None:
    """Until it drives steadily and all is well. Raises MeasurementError."""
    rig.wanted_mps = SPEED_MPS
    since_s: float | None = None

    def steady() -> bool:
        nonlocal since_s
        if not (rig.is_healthy and watched.speed_mps > DRIVES_MPS):
            since_s = None
            return False
        since_s = since_s or time.monotonic()
        return time.monotonic() - since_s > STEADY_S

    rig.until(steady, DRIVE_WITHIN_S, "it does not drive")


def hurt(rig: Rig, watched: Watched, faults: FaultBoard, kind: str, rng: random.Random) -> Stop:
    """One trial, from driving to standing, and mended. Raises MeasurementError."""
    trial = Trial(rig, faults)
    while True:
        drive(rig, watched)
        watched.forget_way()
        rig.spin(rng.uniform(0.1, 0.3))
        if watched.seen.commanded:
            break
    speed_mps, hurt_s = watched.speed_mps, time.monotonic()
    from_s = rig.scanned_s + SCAN.stale_s if kind == SCAN_STALE else rig.sent_s
    KINDS[kind](trial)

    def is_over() -> bool:
        return hurt_s < watched.zero_since_s < time.monotonic() - AFTERWARDS_S

    try:
        rig.until(is_over, ZERO_WITHIN_S, f"{kind}: zero is not commanded")
        tripped = watched.seen.watchdog_tripped
        rig.wanted_mps = None
        rig.until(
            lambda: watched.stands and not watched.seen.commanded,
            REST_WITHIN_S,
            f"{kind}: it does not stand",
        )
    finally:
        trial.mend()
    zero_after_s = watched.zero_since_s - from_s
    return Stop(rig.name, kind, speed_mps, zero_after_s, watched.way_since(from_s), tripped)


def measure(bench: Bench, controllers: Sequence[str], count: int, seed: int) -> list[Stop]:
    """`count` trials of every kind for every controller, the kinds in turn."""
    parts = (Path(str(module.__file__)).read_text("utf-8") for module in (_rig, _controllers))
    kept, stops = bench.kept(seed, *parts), []
    for controller in controllers:
        keys = {(i, kind): f"{controller} {i} {kind}" for i in range(count) for kind in KINDS}
        known = {case: kept.get(key) for case, key in keys.items()}
        stops += [Stop(**value) for value in known.values() if value]
        left = [case for case, value in known.items() if not value]
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
        })  # fmt: skip
    return lines


def shown(controller: str, lines: Sequence[dict[str, Any]]) -> Table:
    """The same for a person: seconds until zero, and metres until the wheels stand."""
    table = Table(title=f"{controller}: zero within {GOAL_S} s")
    table.add_column("what fails", no_wrap=True)
    for head in ("n", "zero: median", "worst", "way: median", "worst", "watchdog", "held"):
        table.add_column(head, justify="right")
    for line in lines:
        if line["controller"] == controller:
            table.add_row(
                line["kind"],
                str(line["n"]),
                *(f"{line[f'zero_{which}_s']:.3f} s" for which in ("median", "worst")),
                *(f"{line[f'distance_{which}_m']:.2f} m" for which in ("median", "worst")),
                str(line["by_watchdog"]),
                str(line["held"]),
            )
    return table


def rows(lines: Sequence[dict[str, Any]]) -> list[Row]:
    """How many held: of each controller, and of all."""
    table = []
    for controller in dict.fromkeys(line["controller"] for line in lines):
        mine = [line for line in lines if line["controller"] == controller]
        held, count = sum(line["held"] for line in mine), sum(line["n"] for line in mine)
        what = f"{controller}: zero within {GOAL_S} s"
        table.append(Row(what, held, f"of {count}", goal=count))
    return table


def draw(stops: Sequence[Stop], target: Path) -> None:
    """Times and distances as dots, a kind a row; a colour for each controller."""
    kinds, names = list(KINDS), list(dict.fromkeys(stop.controller for stop in stops))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(12, 0.5 * len(kinds) + 1.5), sharey=True, layout="constrained"
    )
    for number, name in enumerate(names):
        mine = [stop for stop in stops if stop.controller == name]
        offset = (number - (len(names) - 1) / 2.0) * 0.8 / len(names)
        spread = np.random.default_rng(number).uniform(-0.25, 0.25, len(mine)) / len(names)
        heights = [kinds.index(stop.kind) + offset for stop in mine] + spread
        style = {"color": COLORS[number % len(COLORS)], "alpha": 0.6, "markersize": 4.0}
        left.plot([s.zero_after_s for s in mine], heights, "o", label=name, **style)
        right.plot([s.distance_m for s in mine], heights, "o", **style)
    left.axvline(GOAL_S, color="black", lw=1.0, ls="--")
    left.set(yticks=np.arange(len(kinds)), yticklabels=kinds, ylim=(len(kinds) - 0.5, -0.5))
    left.set(xlabel="zero commanded, seconds after the last fresh command")
    right.set(xlabel=f"way from there to standing, from {SPEED_MPS} m/s [m]")
    for axes in (left, right):
        axes.set_xlim(left=0.0)
        axes.grid(axis="x", alpha=0.3)
    left.set_xlim(right=max(left.get_xlim()[1], 1.2 * GOAL_S))
    figure.legend(loc="outside upper center", ncols=len(names))
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
