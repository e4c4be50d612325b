"""How soon the robot stands when a process upstream of the motors is killed or frozen.

The real graph at real time on the depot: a patrol drives; at a random moment nav or gate gets
SIGKILL or SIGSTOP. The simulator's base tells since when zero is commanded to the motors, and what
stamp the last command had that was not zero. At rest means slower than 0.02 m/s. What was killed
is started again by the launch, what was frozen is woken, and the patrol goes on to the next trial.
An interrupted run resumes.
"""

from __future__ import annotations

import math
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser

from patrol_core.errors import RondaError
from patrol_core.processes import GATE, NAV
from patrol_sim.truth import RobotTruth, truth_from_json
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row
from ronda_cli.launcher.start import start
from ronda_cli.launcher.supervisor import Supervisor
from ronda_cli.live.watcher import RobotWatcher
from ronda_cli.scorer import TruthListener
from ronda_cli.session import claimed_domain
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

SITE = "depot"
CASES = tuple((p.name, s) for p in (NAV, GATE) for s in (signal.SIGKILL, signal.SIGSTOP))
GOAL_S = 0.25
MOVING_MPS = 0.8
START_WITHIN_S = 120.0
MOVE_WITHIN_S = 90.0
STAND_WITHIN_S = 6.0
LAPS = 20


@dataclass(frozen=True, slots=True)
class Stop:
    """One trial: speed when it happened, and how long after the last fresh command."""

    process: str
    how: str
    speed_mps: float
    zero_after_s: float
    rest_after_s: float
    allowed_rest_s: float

    @property
    def holds(self) -> bool:
        return self.zero_after_s <= GOAL_S + 1e-6 and self.rest_after_s <= self.allowed_rest_s


class MeasurementError(Exception):
    """The system did not do what is to be measured."""


class Trials:
    """A running patrol that is hurt again and again; a new one where it no longer drives."""

    def __init__(self, setting: Setting, seed: int, folder: Path) -> None:
        self._setting, self._seed, self._folder = setting, seed, folder
        self._rng = random.Random(seed)
        self._robot: RobotTruth | None = None
        self._stamp_s = 0.0
        self._launch: Supervisor | None = None
        self._watcher: RobotWatcher | None = None
        self._runs = 0

    def close(self) -> None:
        if self._launch is not None:
            self._launch.stop()
        if self._watcher is not None:
            self._watcher.close()
        self._launch = self._watcher = None

    def run(self, process: str, number: int) -> Stop:
        """Wait until the robot drives, hurt one process, measure, and mend it."""
        self._drive()
        self._spin(self._rng.uniform(0.0, 1.5))
        self._drive()
        assert self._launch is not None
        assert self._robot is not None
        speed, pid = abs(self._robot.linear_mps), self._launch.pid(process)
        if pid is None:
            raise MeasurementError(f"{process} does not run")
        os.kill(pid, number)
        hurt_s = self._stamp_s
        self._until(lambda: self._stood(hurt_s), STAND_WITHIN_S, f"{process}: it did not stop")
        motors, drive = self._robot.motors, self._setting.robot.drive
        stop = Stop(
            process,
            signal.Signals(number).name,
            speed,
            motors.zero_since_s - motors.motion_stamp_s,
            motors.rest_since_s - motors.motion_stamp_s,
            GOAL_S + speed / drive.max_deceleration_mps2,
        )
        if number == signal.SIGSTOP:
            os.kill(pid, signal.SIGCONT)
        return stop

    def _drive(self) -> None:
        """Have the robot drive: as it does, or in a patrol that is begun anew."""
        problem = "the robot did not drive"
        if self._launch is not None:
            try:
                self._until(self._drives, MOVE_WITHIN_S, problem)
            except MeasurementError:
                self.close()
            else:
                return
        self._begin()
        self._until(self._drives, MOVE_WITHIN_S, problem)

    def _begin(self) -> None:
        self._runs += 1
        folder = self._folder / str(self._runs)
        self._robot, self._stamp_s = None, 0.0
        self._watcher = watcher = RobotWatcher()
        self._launch = start(
            "sim.launch.xml",
            {
                "site": str(self._setting.site.folder),
                "world": str(self._setting.world_file),
                "scenario": str(ROOT / "sim" / "scenarios" / f"{SITE}.yaml"),
                "run_folder": str(folder),
                "seed": str(self._seed + self._runs),
                "speed": "1.0",
                "camera": "false",
            },
            folder / "logs",
        )
        watcher.listen()
        watcher.on_text(TruthListener.topic, self._hear)
        self._until(lambda: not watcher.state.missing(), START_WITHIN_S, "it did not start")
        watcher.start_patrol(self._setting.site.routes[0].route_id, LAPS)

    def _hear(self, text: str) -> None:
        truth = truth_from_json(text)
        self._stamp_s, self._robot = truth.stamp_s, truth.robots[0]

    def _drives(self) -> bool:
        return self._robot is not None and abs(self._robot.linear_mps) > MOVING_MPS

    def _stood(self, since_s: float) -> bool:
        motors = self._robot.motors if self._robot else None
        return motors is not None and since_s < motors.rest_since_s < math.inf

    def _spin(self, duration_s: float) -> None:
        assert self._launch is not None
        assert self._watcher is not None
        self._launch.poll()
        self._watcher.spin(duration_s)

    def _until(self, condition: object, limit_s: float, problem: str) -> None:
        assert callable(condition)
        end_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end_s:
                raise MeasurementError(problem)
            self._spin(0.05)


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
    sys.exit(main())
