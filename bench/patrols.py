"""The site's own scenario in the ROS graph, seed after seed: does every patrol pass, how fast?

As `./ronda sim --headless --speed max`, camera on where it can be. A patrol passes when it ended
in the dock with all checkpoints, touched nothing, found what was planted within half a metre,
raised no false alarm and left its report. An interrupted run resumes.
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
from ronda_cli.records import Records
from ronda_cli.reporting import write_patrol_report
from ronda_cli.scorer import Verdict
from ronda_cli.session import StoppedError, claimed_domain
from ronda_cli.setting import Setting, load_setting
from ronda_cli.simulation import SimOptions, SimulatedPatrol, scenario_file

mpl.use("Agg")
from matplotlib import pyplot as plt

FACTOR_GOAL = 2.0


@dataclass(frozen=True, slots=True)
class Patrol:
    """One patrol: its verdict, whether its report is there, and how fast it was driven."""

    seed: int
    verdict: Verdict
    reported: bool
    factor: float

    @property
    def passed(self) -> bool:
        return self.verdict.clean and self.reported


def measure(bench: Bench, setting: Setting, seeds: Sequence[int], camera: bool) -> list[Patrol]:
    """Every seed, told as it comes."""
    kept = bench.kept(setting.site.name, camera)
    patrols = []
    for seed in seeds:
        known = kept.get(seed)
        if known is None:
            patrol = _drive(setting, seed, camera)
            kept.keep(seed, asdict(patrol))
        else:
            patrol = Patrol(**known | {"verdict": verdict_from_json(known["verdict"])})
        patrols.append(patrol)
        bench.console.print(_line(patrol))
    return patrols


def _line(patrol: Patrol) -> str:
    verdict = patrol.verdict
    failed = "" if patrol.passed else f"  FAILED: {'; '.join(verdict.notes) or verdict.message}"
    return (
        f"seed {patrol.seed}: {verdict.checkpoints_reached} of {verdict.checkpoints} checkpoints, "
        f"{verdict.contacts} contacts, {verdict.found} of {verdict.objects} found, "
        f"{verdict.false_alarms} false alarms, lap {verdict.lap_ratio:.2f} of the ideal, "
        f"{patrol.factor:.1f} x real time{failed}"
    )


def _drive(setting: Setting, seed: int, camera: bool) -> Patrol:
    site = setting.site.folder.name
    options = SimOptions(
        headless=True, speed=0.0, seed=seed, scenario=scenario_file("", site), camera=camera
    )
    with tempfile.TemporaryDirectory(prefix="ronda-patrols-") as name, claimed_domain():
        folder = Path(name)
        started_s = time.monotonic()
        verdict = SimulatedPatrol(setting, options, folder).run()
        factor = verdict.duration_s / (time.monotonic() - started_s)
        reported = write_patrol_report(
            Records(str(folder), ""), setting.site, setting.robot
        ).is_file()
    return Patrol(seed, verdict, reported, factor)


def rows(patrols: Sequence[Patrol]) -> list[Row]:
    """How many passed, and how fast."""
    passed, count = sum(patrol.passed for patrol in patrols), len(patrols)
    factor = float(np.median([patrol.factor for patrol in patrols]))
    ratio = float(np.nanmedian([patrol.verdict.lap_ratio for patrol in patrols]))
    error = max((e for patrol in patrols for e in patrol.verdict.place_errors_m), default=np.nan)
    return [
        Row("patrols passed", passed, f"of {count}", goal=count),
        Row("simulated by wall time with start-up, median", factor, "x", goal=FACTOR_GOAL),
        Row("lap time by ideal, median", ratio, "", better="lower"),
        Row("place error of what was found, worst", error, "m", goal=0.5, better="lower"),
    ]


def draw(patrols: Sequence[Patrol], target: Path) -> None:
    """Lap time and speed of every seed."""
    figure, (laps, speed) = plt.subplots(2, 1, figsize=(8, 4), sharex=True, layout="constrained")
    names = [str(patrol.seed) for patrol in patrols]
    colors = ["#0b6bcb" if patrol.passed else "#c8321f" for patrol in patrols]
    laps.bar(names, [patrol.verdict.lap_ratio for patrol in patrols], color=colors)
    laps.set(ylabel="lap by ideal")
    speed.bar(names, [patrol.factor for patrol in patrols], color=colors)
    speed.axhline(FACTOR_GOAL, color="#8593a3", lw=0.8)
    speed.set(ylabel="x real time", xlabel="seed (red: failed)")
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--runs", type=int, default=20, help="patrols")
    parser.add_argument("--site", default="depot")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--no-camera", action="store_true", help="take no pictures")
    bench = begin("patrols", __doc__, parser, "one patrol")
    options = bench.options
    seeds = range(options.seed, options.seed + (1 if options.quick else options.runs))
    try:
        patrols = measure(bench, load_setting(options.site), seeds, not options.no_camera)
    except (RondaError, StoppedError) as error:
        return bench.fail(error)
    draw(patrols, bench.picture)
    return bench.answer(rows(patrols))


if __name__ == "__main__":
    end(main())
