"""How soon the robot stands when a process upstream of the motors is killed or frozen.

The real graph at real time on the depot: a patrol drives; at a random moment nav or gate gets
SIGKILL or SIGSTOP. The simulator's base tells since when zero is commanded to the motors, and what
stamp the last command had that was not zero. At rest means slower than 0.02 m/s. What was killed
is started again by the launch, what was frozen is woken, and the patrol goes on to the next trial.
An interrupted run resumes.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _patrol import MeasurementError, RunningPatrol

from patrol_core.errors import RondaError
from patrol_core.processes import GATE, NAV
from ronda_cli.ending import end
from ronda_cli.evaluation.statistics import Row
from ronda_cli.session import claimed_domain
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

SITE = "depot"
CASES = tuple((p.name, s) for p in (NAV, GATE) for s in (signal.SIGKILL, signal.SIGSTOP))
GOAL_S = 0.25
STAND_WITHIN_S = 6.0


@dataclass(frozen=True, slots=True)
class Stop:
    """One trial: the highest speed from then on, and how long after the last fresh command."""

    process: str
    how: str
    speed_mps: float
    zero_after_s: float
    rest_after_s: float
    allowed_rest_s: float

    @property
    def holds(self) -> bool:
        return self.zero_after_s <= GOAL_S + 1e-6 and self.rest_after_s <= self.allowed_rest_s


class Trials:
    """A running patrol that is hurt again and again; a new one where it no longer drives."""

    def __init__(self, setting: Setting, seed: int, folder: Path) -> None:
        self._setting, self._seed, self._folder = setting, seed, folder
        self._rng = random.Random(seed)
        self._patrol: RunningPatrol | None = None
        self._runs = 0

    def close(self) -> None:
        if self._patrol is not None:
            self._patrol.close()
        self._patrol = None

    def run(self, process: str, number: int) -> Stop:
        """Wait until the robot drives, hurt one process, measure, and mend it."""
        patrol = self._driving()
        patrol.spin(self._rng.uniform(0.0, 1.5))
        patrol.drive()
        pid = patrol.launch.pid(process)
        if pid is None or patrol.robot is None:
            raise MeasurementError(f"{process} does not run")
        speed_mps, hurt_s = 0.0, patrol.stamp_s

        def stands() -> bool:
            nonlocal speed_mps
            robot = patrol.robot
            if robot is None:
                return False
            speed_mps = max(speed_mps, abs(robot.linear_mps))
            return hurt_s < robot.motors.rest_since_s < math.inf

        stands()
        os.kill(pid, number)
        patrol.until(stands, STAND_WITHIN_S, f"{process}: the robot did not stop")
        motors, drive = patrol.robot.motors, self._setting.robot.drive
        if number == signal.SIGSTOP:
            os.kill(pid, signal.SIGCONT)
        return Stop(
            process,
            signal.Signals(number).name,
            speed_mps,
            motors.zero_since_s - motors.motion_stamp_s,
            motors.rest_since_s - motors.motion_stamp_s,
            GOAL_S + speed_mps / drive.max_deceleration_mps2,
        )

    def _driving(self) -> RunningPatrol:
        """The patrol, once the robot drives; a new one where it does not."""
        if self._patrol is not None:
            with contextlib.suppress(MeasurementError):
                self._patrol.drive()
                return self._patrol
        self.close()
        self._runs += 1
        folder = self._folder / str(self._runs)
        self._patrol = RunningPatrol(self._setting, self._seed + self._runs, folder)
        self._patrol.drive()
        return self._patrol


def measure(bench: Bench, count: int, seed: int) -> list[Stop]:
    """`count` trials of every case, in turn."""
    setting, kept = load_setting(SITE), bench.kept(seed)
    stops: list[Stop] = []
    with tempfile.TemporaryDirectory(prefix="ronda-faults-") as folder:
        trials = Trials(setting, seed, Path(folder))
        try:
            for index in range(count):
                for process, number in CASES:
                    key = f"{index} {process} {number}"
                    known = kept.get(key)
                    stop = Stop(**known) if known else trials.run(process, number)
                    if known is None:
                        kept.keep(key, asdict(stop))
                    stops.append(stop)
                    bench.console.print(
                        f"{index + 1}/{count} {process} {stop.how}: {stop.speed_mps:.2f} m/s, "
                        f"zero after {stop.zero_after_s:.3f} s, at rest after "
                        f"{stop.rest_after_s:.2f} s (allowed {stop.allowed_rest_s:.2f} s)"
                    )
        finally:
            trials.close()
    return stops


def rows(stops: Sequence[Stop]) -> list[Row]:
    """The figures, a case a row, and how many held."""
    table = []
    for process, number in CASES:
        how = signal.Signals(number).name
        mine = [s.zero_after_s for s in stops if (s.process, s.how) == (process, how)]
        what = f"{process} {how}: zero commanded after, worst of {len(mine)}"
        worst = max(mine, default=math.nan)
        table.append(Row(what, round(worst, 6), "s", goal=GOAL_S, better="lower"))
    held, count = sum(stop.holds for stop in stops), len(stops)
    what = "zero within 0.25 s and at rest within 0.25 s + v/a"
    return [*table, Row(what, held, f"of {count}", goal=count)]


def draw(stops: Sequence[Stop], target: Path) -> None:
    """Delays as dots, a case a row."""
    figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
    names = [f"{process} {signal.Signals(number).name}" for process, number in CASES]
    for stop in stops:
        row = names.index(f"{stop.process} {stop.how}")
        axes.plot(stop.zero_after_s, row, "o", color="#0b6bcb", alpha=0.6)
    axes.axvline(GOAL_S, color="#c8321f", lw=1.0)
    axes.set(yticks=np.arange(len(names)), yticklabels=names, xlim=(0.0, 0.4),
             xlabel="zero commanded, seconds after the stamp of the last command")  # fmt: skip
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--runs", type=int, default=25, help="trials of each of the four cases")
    parser.add_argument("--seed", type=int, default=0)
    bench = begin("faults", __doc__, parser, "two trials of each case")
    options = bench.options
    try:
        with claimed_domain():
            stops = measure(bench, 2 if options.quick else options.runs, options.seed)
    except (MeasurementError, RondaError) as error:
        return bench.fail(error)
    draw(stops, bench.picture)
    return bench.answer(rows(stops))


if __name__ == "__main__":
    end(main())
