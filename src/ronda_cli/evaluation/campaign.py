"""Runs many trials on several cores, keeps each result as it comes, and resumes."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.trial import Trial, TrialOptions, TrialRunner
from ronda_cli.launcher.bound_child import die_with_parent
from ronda_cli.scorer import PoseError, Verdict

RESULTS = ROOT / "runs" / "evaluate"
_SOURCES = ("src", "ros2_ws/src", "sim", "sites", "urdf", "launch")
_SUFFIXES = {".py", ".yaml", ".sdf", ".geojson", ".pgm", ".xacro", ".xml"}

_runner: TrialRunner | None = None


def results_file(options: TrialOptions) -> Path:
    """Where the results of these options are kept, for exactly this state of code and data."""
    digest = state_digest(json.dumps(asdict(options), sort_keys=True))
    return RESULTS / f"{options.site}-{digest}.jsonl"


def state_digest(options: str) -> str:
    """Twelve letters that change with the options and with all that decides a run's outcome."""
    digest = hashlib.sha256(options.encode())
    for folder in _SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file():
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def read_results(path: Path) -> dict[int, Trial]:
    """The trials that are done, by seed."""
    trials = (_trial(document) for document in read_lines(path))
    return {trial.seed: trial for trial in trials}


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON documents of a results file; a last line cut off by an interruption is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def append_line(path: Path, document: dict[str, Any]) -> None:
    """Add a document to a results file, for good, in place of a line that was cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(json.dumps(document).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def run_campaign(
    options: TrialOptions,
    seeds: Sequence[int],
    jobs: int,
    on_trial: Callable[[Trial], None],
) -> list[Trial]:
    """Every trial of `seeds`, in their order; `on_trial` hears of each new or resumed one."""
    path = results_file(options)
    done = read_results(path)
    for seed in seeds:
        if seed in done:
            on_trial(done[seed])
    missing = [seed for seed in seeds if seed not in done]
    for trial in _run_all(options, missing, jobs):
        done[trial.seed] = trial
        append_line(path, trial.to_json())
        on_trial(trial)
    return [done[seed] for seed in seeds]


def _run_all(options: TrialOptions, seeds: Sequence[int], jobs: int) -> Iterator[Trial]:
    if jobs <= 1 or len(seeds) <= 1:
        _prepare(options)
        yield from map(_run_one, seeds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(jobs, len(seeds)), _prepare_worker, (options,)) as pool:
        yield from pool.imap_unordered(_run_one, seeds)


def _prepare_worker(options: TrialOptions) -> None:
    """As `_prepare`, in a process that does not outlive the one that wants its results."""
    die_with_parent()
    _prepare(options)


def _prepare(options: TrialOptions) -> None:
    global _runner  # noqa: PLW0603 - one runner a worker process
    _runner = TrialRunner(options)


def _run_one(seed: int) -> Trial:
    assert _runner is not None
    return _runner.run(seed, time.perf_counter)


def verdict_from_json(document: dict[str, Any]) -> Verdict:
    """The inverse of `dataclasses.asdict`."""
    parts = {field.name: document[field.name] for field in fields(Verdict)}
    parts["pose_error"] = PoseError(**parts["pose_error"])
    for name in ("place_errors_m", "notes"):
        parts[name] = tuple(parts[name])
    return Verdict(**parts)


def _trial(document: dict[str, Any]) -> Trial:
    document["verdict"] = verdict_from_json(document["verdict"])
    track = document["track"]
    document["track"] = tuple((x, y) for x, y in track)
    return Trial(**document)
