"""The site's own scenario in the ROS graph, seed after seed: does every patrol pass, how fast?

As `./ronda sim --headless --speed max`, camera on where it can be. A patrol passes when it ended
in the dock with all checkpoints, touched nothing, found what was planted within half a metre,
raised no false alarm and left its report. An interrupted run resumes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from rich.console import Console
from rich.table import Table

from patrol_core.errors import RondaError
from patrol_mission.report import write_report
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.campaign import (
    append_line,
    read_lines,
    state_digest,
    verdict_from_json,
)
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


def measure(
    setting: Setting, seeds: Sequence[int], camera: bool, done: Path, console: Console
) -> list[Patrol]:
    """Every seed, told as it comes; those in the file `done` are taken from there."""
    known = {document["seed"]: document for document in read_lines(done)}
    patrols = []
    for seed in seeds:
        if seed in known:
            verdict = verdict_from_json(known[seed].pop("verdict"))
            patrol = Patrol(verdict=verdict, **known[seed])
        else:
            patrol = _drive(setting, seed, camera)
            append_line(done, asdict(patrol))
        patrols.append(patrol)
        verdict = patrol.verdict
        notes = "" if patrol.passed else f"  FAILED: {'; '.join(verdict.notes) or verdict.message}"
        console.print(
            f"seed {seed}: {verdict.checkpoints_reached} of {verdict.checkpoints} checkpoints, "
            f"{verdict.contacts} contacts, {verdict.found} of {verdict.objects} found, "
            f"{verdict.false_alarms} false alarms, lap {verdict.lap_ratio:.2f} of the ideal, "
            f"{patrol.factor:.1f} x real time{notes}"
        )
    return patrols


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
        reported = write_report(folder, setting.site).is_file()
    return Patrol(seed, verdict, reported, factor)


def rows(patrols: Sequence[Patrol]) -> list[dict[str, object]]:
    """How many passed, and how fast."""
    passed, count = sum(patrol.passed for patrol in patrols), len(patrols)
    factor = float(np.median([patrol.factor for patrol in patrols]))
    ratio = float(np.nanmedian([patrol.verdict.lap_ratio for patrol in patrols]))
    error = max((e for patrol in patrols for e in patrol.verdict.place_errors_m), default=np.nan)
    return [
        {"what": "patrols passed", "value": passed, "unit": f"of {count}", "goal": count,
         "better": "higher", "holds": passed == count},
        {"what": "simulated by wall time with start-up, median", "value": round(factor, 2),
         "unit": "x", "goal": FACTOR_GOAL, "better": "higher", "holds": factor >= FACTOR_GOAL},
        {"what": "lap time by ideal, median", "value": round(ratio, 3), "unit": "",
         "goal": None, "better": "lower", "holds": None},
        {"what": "place error of what was found, worst", "value": round(error, 3), "unit": "m",
         "goal": 0.5, "better": "lower", "holds": error <= 0.5},
    ]  # fmt: skip


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
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./ronda bench patrols", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="patrols")
    parser.add_argument("--site", default="depot")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--no-camera", action="store_true", help="take no pictures")
    parser.add_argument("--quick", action="store_true", help="one patrol")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "bench" / "patrols.png")
    options = parser.parse_args()
    console = Console(stderr=options.json, highlight=False, soft_wrap=True)
    seeds = range(options.seed, options.seed + (1 if options.quick else options.runs))
    started_s = time.monotonic()
    camera = not options.no_camera
    done = options.out.with_name(f"patrols-{state_digest(f'{options.site} {camera}')}.jsonl")
    try:
        patrols = measure(load_setting(options.site), seeds, camera, done, console)
    except (RondaError, StoppedError) as error:
        sys.stderr.write(f"patrols: could not measure: {error}\n")
        return 1
    found = rows(patrols)
    draw(patrols, options.out)
    if options.json:
        seconds = time.monotonic() - started_s
        json.dump({"bench": "patrols", "seconds": seconds, "rows": found}, sys.stdout, indent=1)
        return 0
    table = Table("what", "value", "goal")
    for row in found:
        goal = "" if row["goal"] is None else str(row["goal"])
        table.add_row(str(row["what"]), f"{row['value']} {row['unit']}", goal)
    console.print(table, f"picture: {options.out}", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
