"""Patrols among many people: is anybody touched, and how much longer does a lap take?

Whole patrols in closed loop among 20 people, most of whom walk across the route and one in five of
whom does not give way, beside the same patrols without people. Seeds 0 and up; what was tuned was
tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser

from patrol_core.errors import RondaError
from ronda_cli.evaluation.campaign import run_campaign
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import Trial, TrialOptions
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

ALONE = 10
"""So many patrols without people give the lap that the others are held against."""


def rows(crowded: Sequence[Trial], alone_s: float) -> list[Row]:
    """The figures; `alone_s` is the median lap without people. What did not end took for ever."""
    verdicts = [trial.verdict for trial in crowded]
    laps_s = sorted(v.lap_time_s if v.completed else math.inf for v in verdicts)
    median_s, late_s = (laps_s[math.ceil(share * (len(laps_s) - 1))] for share in (0.5, 0.95))
    clearance = min(verdict.clearance_moving_m for verdict in verdicts)
    count = len(verdicts)
    return [
        Row("contacts caused", sum(v.contacts for v in verdicts), f"in {count} patrols",
            goal=0.0, better="lower"),
        Row("patrols completed", sum(v.completed for v in verdicts), f"of {count}", goal=count),
        Row("lap by the lap without people, median", median_s / alone_s, "",
            goal=1.5, better="lower"),
        Row("delay by people, median", median_s - alone_s, "s"),
        Row("delay by people, 95th percentile", late_s - alone_s, "s"),
        Row("smallest clearance to people while the robot moved", clearance, "m"),
        Row("contacts by others with the standing robot",
            sum(v.contacts_by_others for v in verdicts), ""),
    ]  # fmt: skip


def draw(crowded: Sequence[Trial], alone_s: float, people: int, path: Path) -> None:
    """How much longer the laps took, and how near people came."""
    figure, (longer, nearer) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    whole = [trial.verdict for trial in crowded if trial.verdict.completed]
    ratios = [verdict.lap_time_s / alone_s for verdict in whole]
    clearances = [verdict.clearance_moving_m for verdict in whole]
    longer.hist(ratios, bins=30, color="#0b6bcb")
    longer.axvline(1.5, color="#c8321f", ls="--", label="goal for the median")
    longer.set(xlabel="lap by the lap without people", ylabel="patrols")
    longer.set_title(f"{len(whole)} of {len(crowded)} patrols completed among {people} people")
    longer.legend()
    touched = [verdict.contacts > 0 for verdict in whole]
    colours = ["#c8321f" if hit else "#0b6bcb" for hit in touched]
    nearer.scatter(ratios, clearances, c=colours, s=22, alpha=0.8)
    nearer.set(
        xlabel="lap by the lap without people", ylabel="smallest clearance while moving [m]",
        ylim=(0.0, None),
    )  # fmt: skip
    nearer.set_title("Clearance to people (red: somebody was touched)")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--runs", type=int, default=100, help="patrols among people")
    parser.add_argument("--people", type=int, default=20, help="people on the site")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    bench = begin("crowd", __doc__, parser, "four patrols")
    options = bench.options
    runs, alone = (4, 1) if options.quick else (options.runs, ALONE)

    def note(trial: Trial) -> None:
        verdict = trial.verdict
        bench.console.print(
            f"seed {trial.seed}: lap {verdict.lap_time_s:.0f} s, clearance "
            f"{verdict.clearance_moving_m:.2f} m, {verdict.contacts} contacts"
            f"{'' if verdict.completed else ', not completed'}"
        )

    try:
        load_setting(options.site)
    except RondaError as error:
        return bench.fail(error)
    bench.console.print("without people:")
    empty = TrialOptions(options.site, people=0)
    single = run_campaign(empty, range(options.seed, options.seed + alone), options.jobs, note)
    bench.console.print(f"among {options.people} people:")
    full = TrialOptions(options.site, people=options.people, min_people=options.people)
    crowded = run_campaign(full, range(options.seed, options.seed + runs), options.jobs, note)
    alone_s = float(np.nanmedian([trial.verdict.lap_time_s for trial in single]))
    draw(crowded, alone_s, options.people, bench.picture)
    return bench.answer(rows(crowded, alone_s))


if __name__ == "__main__":
    sys.exit(main())
