"""How long a control cycle takes on a serial line: 50 Hz of speeds, encoders and status.

Each driver in turn drives its emulator over a pseudo-terminal in real time, at 115200 baud (the
Sabertooth at 9600, as from the factory). The emulator is `./ronda emulate` in a process of its
own; the driver has this one, of which the time on the processor is counted. A cycle's time is that
of one call of the driver, round trips and all; jitter is how far the beginnings of two cycles are
from 20 ms apart. Other work on the machine is in these figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _controllers import PAIRS, PERIOD_S, Pair
from numpy.typing import NDArray

from patrol_core.errors import RondaError
from patrol_drivers.link import SerialLink
from patrol_drivers.motors import WheelSpeeds
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

Times = NDArray[np.float64]
SECONDS = 600.0
STARTS_WITHIN_S = 30.0
LONGEST_S = 0.1
LONG_S = 0.04
MOST_LONG = 3
PROCESSOR_SHARE = 0.06


class ServeError(RondaError):
    """The emulator does not serve."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One controller: cycle by cycle, in seconds."""

    name: str
    took_s: Times
    began_s: Times
    unread: int
    """Cycles after which the state was not known."""
    told: tuple[str, ...]
    processor_share: float

    @property
    def jitter_s(self) -> Times:
        return np.abs(np.diff(self.began_s) - PERIOD_S)


@contextmanager
def served(pair: Pair, port: Path) -> Iterator[None]:
    """The pair's emulator on `port`, in a process of its own. Raises ServeError."""
    words = [sys.executable, "-m", "ronda_cli", "emulate", pair.name, "--port", str(port)]
    paths = os.pathsep.join(filter(None, [str(ROOT / "src"), str(ROOT / "sim"), *sys.path]))
    process = subprocess.Popen(
        [*words, "--baud", str(pair.baud), *pair.options],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )
    try:
        end_s = time.monotonic() + STARTS_WITHIN_S
        while not port.is_symlink():
            if process.poll() is not None or time.monotonic() > end_s:
                assert process.stderr is not None
                said = process.stderr.read() if process.poll() is not None else "nothing"
                raise ServeError(f"the emulated {pair.name} does not serve; it said: {said}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate()


def measure(pair: Pair, seconds: float, folder: Path) -> Measured:
    """Drive for `seconds`. Raises RondaError when it cannot begin."""
    port = folder / pair.name
    count = max(round(seconds / PERIOD_S), 2)
    took_s, began_s = np.zeros(count), np.zeros(count)
    unread, told = 0, []
    with served(pair, port):
        driver = pair.make_driver(str(port), SerialLink(str(port), pair.baud), time.monotonic)
        driver.start()
        used_s, start_s = time.process_time(), time.monotonic()
        for k in range(count):
            time.sleep(max(start_s + k * PERIOD_S - time.monotonic(), 0.0))
            began_s[k] = time.monotonic()
            turn = 3.0 * np.sin(0.5 * (began_s[k] - start_s))
            cycle = driver.cycle(WheelSpeeds(began_s[k], 5.0 + turn, 5.0 - turn, 10.0))
            took_s[k] = time.monotonic() - began_s[k]
            unread += cycle.readings is None
            told += [event.kind.value for event in cycle.events]
        share = (time.process_time() - used_s) / (time.monotonic() - start_s)
        driver.close()
    return Measured(pair.name, took_s, began_s, unread, tuple(sorted(set(told))), share)


def rows(one: Measured) -> list[Row]:
    """The figures of one controller."""
    name, took_ms, jitter_ms = one.name, 1000.0 * one.took_s, 1000.0 * one.jitter_s
    return [
        Row(f"{name}: cycles", len(took_ms), ""),
        Row(f"{name}: cycles over 100 ms", int(np.sum(one.took_s > LONGEST_S)), "", goal=0.0,
            better="lower"),
        Row(f"{name}: cycles over 40 ms", int(np.sum(one.took_s > LONG_S)), "",
            goal=float(MOST_LONG), better="lower"),
        Row(f"{name}: cycle, median", float(np.median(took_ms)), "ms"),
        Row(f"{name}: cycle, 99 of 100", float(np.percentile(took_ms, 99)), "ms"),
        Row(f"{name}: cycle, worst", float(np.max(took_ms)), "ms"),
        Row(f"{name}: jitter, median", float(np.median(jitter_ms)), "ms"),
        Row(f"{name}: jitter, 99 of 100", float(np.percentile(jitter_ms, 99)), "ms"),
        Row(f"{name}: jitter, worst", float(np.max(jitter_ms)), "ms"),
        Row(f"{name}: cycles without readings", one.unread, ""),
        Row(f"{name}: driver's share of one core", 100.0 * one.processor_share, "%",
            goal=100.0 * PROCESSOR_SHARE, better="lower"),
    ]  # fmt: skip


def picture(bench: Bench, measured: Sequence[Measured]) -> None:
    """How many cycles took how long, and what the limits are."""
    figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
    for one in measured:
        took_ms = np.sort(1000.0 * one.took_s)
        beyond = 1.0 - np.arange(len(took_ms)) / len(took_ms)
        axes.step(took_ms, beyond, where="pre", label=one.name)
    axes.set_yscale("log")
    axes.set_xscale("log")
    for limit_s, words in ((PERIOD_S, "period"), (LONG_S, "40 ms"), (LONGEST_S, "100 ms")):
        axes.axvline(1000.0 * limit_s, color="#8593a3", linestyle="--", linewidth=1.0)
        axes.text(
            1000.0 * limit_s, 1.01, words, ha="center", va="bottom", fontsize=8,
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip
    axes.set_xlabel("a cycle takes [ms]")
    axes.set_ylabel("share of the cycles that take longer")
    axes.legend(loc="lower left")
    figure.savefig(bench.picture, dpi=110)


def main() -> int:
    parser = options_parser()
    names = [pair.name for pair in PAIRS]
    parser.add_argument("--controller", choices=("all", *names), default="all", help="which")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each controller")
    bench = begin("serial", __doc__, parser, quick="20 s of each")
    seconds = 20.0 if bench.options.quick else bench.options.seconds
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        for pair in PAIRS:
            if bench.options.controller not in {"all", pair.name}:
                continue
            try:
                measured.append(measure(pair, seconds, Path(folder)))
            except RondaError as error:
                return bench.fail(error)
            if measured[-1].told:
                bench.console.print(f"{pair.name} told: {', '.join(measured[-1].told)}")
    picture(bench, measured)
    return bench.answer([row for one in measured for row in rows(one)])


if __name__ == "__main__":
    sys.exit(main())
