"""The learning loop: are thresholds that are far off found again from what operators say?

Patrols of a small site in closed loop start with thresholds made bad on purpose: too strict
(things are missed) and too lax (people and scraps are told). An operator who sees what really
stands there judges every incident. Then thresholds are refitted as by `./ronda learn`, and held
against patrols that were not seen: those held back, and new ones on other seeds that start with
what was learned. Learned on seeds from 1000, new patrols on seeds from 0. An interrupted run
resumes.
"""

from __future__ import annotations

import dataclasses
import math
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import FOLDER, Bench, begin, options_parser
from _verdicts import Operator

from patrol_core.errors import RondaError
from patrol_core.learned import version_in_force
from patrol_core.params import ParamValue
from patrol_core.site import load_site
from patrol_perception.learning.lesson import Lesson
from patrol_perception.learning.params import LearnParams
from patrol_records.reader import RecordReader
from patrol_sim.scenario import Scenario
from patrol_sim.scenario_random import Draw, ground_of, random_scenario
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.campaign import state_digest
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import TrialOptions, TrialRunner
from ronda_cli.learning.picture import draw_lesson
from ronda_cli.learning.study import Study
from ronda_cli.learning.versions import read_card, write_version

mpl.use("Agg")
from matplotlib import pyplot as plt

STARTS: Mapping[str, Mapping[str, ParamValue]] = {
    "too strict": {"min_extent_m": 0.6, "min_scans": 60},
    "too lax": {
        "min_extent_m": 0.02, "min_scans": 3, "min_standing_s": 0.5, "narrow_standing_s": 0.5,
        "far_standing_s": 0.5, "min_views": 1, "min_solid_share": 0.0, "min_solid_views": 0,
        "max_leg_share": 1.0, "large_clearance_m": 0.0,
    },
}  # fmt: skip
"""Thresholds made bad on purpose; the others are as shipped."""
OBJECTS, PEOPLE = 3, 6
ENOUGH = LearnParams(min_true=4, min_false=4, min_held_true=2, min_held_false=2)
PICTURE = "lesson.png"
WHEN = datetime(2026, 6, 2, tzinfo=timezone.utc)


class Patrols(TrialRunner):
    """Patrols among people and things, of a site folder of our own."""

    def __init__(self, site: str, folder: Path) -> None:
        super().__init__(TrialOptions(site, people=PEOPLE, controller="pure_pursuit"))
        self.setting = dataclasses.replace(self.setting, site=load_site(folder))
        self._drawn = ground_of(self.setting.world, self.setting.site)
        self._operator = Operator(self.setting)

    def scenario(self, seed: int) -> Scenario:
        """As in evaluations, with more things to be found."""
        draw = Draw(max_people=PEOPLE, min_people=PEOPLE, objects=OBJECTS)
        return random_scenario(self.setting.world, self.setting.site, seed, draw, self._drawn)

    def patrol(self, seed: int, folder: Path) -> None:
        """Patrol into `folder` and judge it, unless that has been done."""
        if folder.is_dir():
            return
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        self.run(seed, time.perf_counter, partial)
        self._operator.judge(partial, self.scenario(seed))
        partial.rename(folder)


@dataclass(frozen=True, slots=True)
class Tally:
    """What operators said of some patrols: found, missed, false alarms."""

    found: int
    missed: int
    false_alarms: int


def tally(folders: Sequence[Path]) -> Tally:
    """Count verdicts."""
    said = []
    for folder in folders:
        with closing(RecordReader(folder)) as reader:
            said += [verdict.verdict.value for verdict in reader.verdicts()]
    return Tally(said.count("true"), said.count("missed"), said.count("false"))


def learn_from(bench: Bench, name: str, home: Path) -> tuple[Lesson, Tally, Tally]:
    """Patrol with bad thresholds, learn, and patrol elsewhere with bad and with learned ones."""
    options = bench.options
    bad, good = home / "bad" / options.site, home / "good" / options.site
    if not bad.is_dir():
        shutil.copytree(options.folder, bad, ignore=shutil.ignore_patterns("learned"))
        write_version(bad, STARTS[name], (), {"changed": STARTS[name]}, WHEN)
    folders = patrol(bench, f"{name}, to learn from", bad, home / "seen", 1000, options.runs)
    study = Study.of(bad, list(map(str, folders)), ENOUGH, seed=0)
    if study.lesson.lacking:
        raise RondaError("too little to learn from: " + "; ".join(study.lesson.lacking))
    draw_lesson(study.lesson, f"{options.site}, {name}", home / PICTURE)
    shutil.rmtree(good, ignore_errors=True)
    shutil.copytree(bad, good)
    if study.lesson.changes:
        dataclasses.replace(study, site_folder=good).apply(WHEN, force=True)
    tallies = []
    for site_folder, what in ((bad, "new, before"), (good, "new, after")):
        thresholds = read_card(site_folder, version_in_force(site_folder))["hash"]
        new = home / f"new-{thresholds}"
        tallies.append(tally(patrol(bench, f"{name}, {what}", site_folder, new, 0, options.new)))
    return study.lesson, tallies[0], tallies[1]


def patrol(
    bench: Bench, title: str, site_folder: Path, home: Path, seed: int, count: int
) -> list[Path]:
    """Patrol with the thresholds in force at a site folder; the runs' folders, judged."""
    runner = Patrols(bench.options.site, site_folder)
    folders = []
    for number in range(seed, seed + count):
        folders.append(home / f"{site_folder.name}-{number}")
        runner.patrol(number, folders[-1])
        said = tally(folders[-1:])
        bench.console.print(
            f"{title}, seed {number}: {said.found} found, {said.missed} missed, "
            f"{said.false_alarms} false alarms"
        )
    return folders


def rows(name: str, lesson: Lesson, bad: Tally, good: Tally) -> list[Row]:
    """The figures of one bad start."""
    whole = lesson.rows[0]
    held = len(lesson.split.held)
    return [
        Row(f"{name}: recall on {held} held back, before", whole.before.recall, ""),
        Row(f"{name}: recall on {held} held back, after", whole.after.recall, "",
            goal=whole.before.recall),
        Row(f"{name}: precision on {held} held back, before", whole.before.precision, ""),
        Row(f"{name}: precision on {held} held back, after", whole.after.precision, "",
            goal=None if math.isnan(whole.before.precision) else whole.before.precision),
        Row(f"{name}: cost of mistakes held back, after by before",
            lesson.cost_after / lesson.cost_before if lesson.cost_before else 1.0, "",
            goal=1.0, better="lower"),
        Row(f"{name}: new patrols, missed before", bad.missed, f"of {bad.missed + bad.found}"),
        Row(f"{name}: new patrols, missed after", good.missed, f"of {good.missed + good.found}",
            goal=bad.missed, better="lower"),
        Row(f"{name}: new patrols, false alarms before", bad.false_alarms, ""),
        Row(f"{name}: new patrols, false alarms after", good.false_alarms, "",
            goal=bad.false_alarms, better="lower"),
    ]  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="yard", help="name of a folder in sites/")
    parser.add_argument("--runs", type=int, default=12, help="patrols to learn from")
    parser.add_argument("--new", type=int, default=6, help="new patrols to try it on")
    bench = begin("learn", __doc__, parser, "one bad start, five patrols and one new one")
    options = bench.options
    starts = list(STARTS)
    if options.quick:
        options.runs, options.new, starts = 5, 1, starts[:1]
    options.folder = ROOT / "sites" / options.site
    script = Path(__file__).read_text("utf-8")
    home = FOLDER / f"learn-{state_digest(f'{script} {options.site}')}"
    table: list[Row] = []
    try:
        for name in starts:
            outcome = learn_from(bench, name, home / name.replace(" ", "-"))
            table += rows(name, *outcome)
    except RondaError as error:
        return bench.fail(error)
    pictures = [plt.imread(home / name.replace(" ", "-") / PICTURE) for name in starts]
    plt.imsave(bench.picture, np.vstack(pictures))
    return bench.answer(table)


if __name__ == "__main__":
    sys.exit(main())
