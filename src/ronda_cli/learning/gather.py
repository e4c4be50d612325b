"""Reads the records of runs for learning, and says what is in force."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.learned import learned_values
from patrol_core.own_params import VARIABLE, own_params
from patrol_core.params import make_params, read_param_file
from patrol_core.processes import PERCEPTION
from patrol_perception.learning.things import PatrolSpan, RunRecords
from patrol_perception.params import EvidenceParams, PerceptionParams
from patrol_records.reader import RecordReader
from patrol_records.sqlite import DATABASE
from ronda_cli.environment.paths import ROOT
from ronda_cli.runs import RUNS, find_run


def run_folders(site: str, runs: Sequence[str]) -> list[Path]:
    """The runs that were named, or all of a site.

    Raises ConfigError where there is none, or where one is of another site.
    """
    named = [find_run(run) for run in runs]
    for folder in named:
        if not folder.resolve().name.startswith(f"{site}-"):
            raise ConfigError(
                f"this is no run of {site}",
                place=Place(folder),
                expected=f"a folder whose name begins with '{site}-'",
                remedy="name the run's site with --site",
            )
    if named:
        return named
    found = sorted(path.parent for path in RUNS.glob(f"{site}-*/{DATABASE}"))
    if not found:
        raise ConfigError(
            f"there is no run of {site} yet", place=Place(RUNS), remedy="patrol, and give verdicts"
        )
    return found


def read_runs(folders: Iterable[Path]) -> list[RunRecords]:
    """What the records hold. Raises StoreError when they cannot be read."""
    return [_read(folder) for folder in folders]


def _read(folder: Path) -> RunRecords:
    with closing(RecordReader(folder)) as reader:
        starts = [(name, reader.events(name)[0].stamp_s) for name in reader.patrol_ids()]
        ends = [*(start_s for _, start_s in starts[1:]), math.inf]
        spans = zip(starts, ends, strict=False)
        return RunRecords(
            folder.resolve().name,
            tuple(PatrolSpan(name, start_s, end_s) for (name, start_s), end_s in spans),
            tuple(reader.incidents()),
            tuple(reader.verdicts()),
            tuple(reader.candidates()),
        )


def evidence_in_force(site_folder: Path) -> EvidenceParams:
    """The thresholds that the next patrol will start with."""
    shipped = read_param_file(ROOT / "launch" / "config" / f"{PERCEPTION.name}.yaml")
    own = own_params(os.environ.get(VARIABLE, ""), PERCEPTION.name)
    learned = learned_values(site_folder, PERCEPTION.name, PerceptionParams)
    return make_params(PerceptionParams, shipped | own | learned).evidence
