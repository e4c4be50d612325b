"""BARN: through fields of posts at 2 m/s with no map. How often does it arrive, and how soon?

The 50 worlds of the BARN challenge, each with several seeds, in closed loop: the embedded
simulator, the gate and the navigator of a patrol, with the parameters in bench/barn. A run
succeeds when the robot comes within 1 m of the goal without a contact and within 100 s; its metric
is the time that the challenge's own path takes at 2 m/s by the time taken, at most 0.5. Parameters
were chosen on other worlds (--development makes such ones). An interrupted run resumes.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from _barn_picture import draw
from _barn_run import FOLDER, FULL_MPS, Run, drive, overrides, run_of
from _barn_worlds import BarnWorld, development_worlds, load_worlds
from _bench import Bench, begin, options_parser

from patrol_core.errors import RondaError
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row
from ronda_cli.launcher.bound_child import die_with_parent

WORLDS = ROOT.parent / "shared" / "data" / "barn" / "worlds.json"
SLOW_MPS = 0.5
SEEDS_A_WORLD = 1000
"""Seeds of one world follow each other; those of the next begin so much later."""
SUCCESS_GOAL, CONTACTS_GOAL, METRIC_GOAL = 0.98, 0.01, 0.40

Job = tuple[BarnWorld, int, float]


def jobs_of(
    worlds: Sequence[BarnWorld], first_seed: int, runs: int, speed_mps: float
) -> list[Job]:
    """Every run: all worlds once, then once more with other seeds."""
    return [
        (world, first_seed + number * SEEDS_A_WORLD + run, speed_mps)
        for run in range(runs)
        for number, world in enumerate(worlds)
    ]


def done(bench: Bench, jobs: Sequence[Job], *inputs: object) -> list[Run]:
    """The runs, those of an earlier time taken over; each is kept as soon as it ends."""
    here = Path(__file__).parent
    decisive = (here / "_barn_run.py", here / "_barn_worlds.py", *sorted(FOLDER.glob("*.yaml")))
    kept = bench.kept(*inputs, *(path.read_text(encoding="utf-8") for path in decisive))
    keys = [f"{world.name} seed {seed} at {speed:g} m/s" for world, seed, speed in jobs]
    runs = {key: run_of(known) for key in keys if (known := kept.get(key)) is not None}
    missing = [(key, job) for key, job in zip(keys, jobs, strict=True) if key not in runs]
    if runs:
        bench.console.print(f"{len(runs)} runs are known from before, {len(missing)} are left")
    for key, run in _driven(missing, bench.options.jobs):
        runs[key] = run
        kept.keep(key, run.to_json())
        times = run.time_s * FULL_MPS / run.length_m
        bench.console.print(f"{key}: {run.time_s:.1f} s, {times:.2f} x optimal, {run.why}")
    return [runs[key] for key in keys]


def _driven(missing: Sequence[tuple[str, Job]], jobs: int) -> Iterator[tuple[str, Run]]:
    if jobs <= 1 or len(missing) <= 1:
        yield from map(_drive_one, missing)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(jobs, len(missing)), die_with_parent) as pool:
        yield from pool.imap_unordered(_drive_one, missing)


def _drive_one(task: tuple[str, Job]) -> tuple[str, Run]:
    return task[0], drive(*task[1])


def rows(runs: Sequence[Run], slow: Sequence[Run]) -> list[Row]:
    """The figures: at full speed against the goals, at 0.5 m/s as they are."""
    count = len(runs)
    ratio = [run.time_s * FULL_MPS / run.length_m for run in runs if run.success]
    return [
        Row(f"success of {count} runs at 2 m/s", _mean([r.success for r in runs]), "",
            goal=SUCCESS_GOAL),
        Row("runs with a contact at 2 m/s", _mean([r.contact for r in runs]), "",
            goal=CONTACTS_GOAL, better="lower"),
        Row("metric at 2 m/s (0.5 at most)", _mean([r.metric for r in runs]), "",
            goal=METRIC_GOAL),
        Row("time by the optimal time, median", float(np.median(ratio)) if ratio else np.nan, "",
            better="lower"),
        Row("worlds passed in every run", _whole(runs), f"of {len({r.world for r in runs})}"),
        Row(f"success of {len(slow)} runs at 0.5 m/s", _mean([r.success for r in slow]), ""),
        Row("runs with a contact at 0.5 m/s", _mean([r.contact for r in slow]), "",
            better="lower"),
        Row("metric at 0.5 m/s", _mean([r.metric for r in slow]), ""),
    ]  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _whole(runs: Sequence[Run]) -> int:
    return len({r.world for r in runs} - {r.world for r in runs if not r.success})


def chosen_worlds(bench: Bench) -> list[BarnWorld]:
    """Those of the file, or development worlds. Raises ConfigError."""
    options = bench.options
    if options.development:
        return development_worlds(options.development, options.seed)
    worlds = load_worlds(options.worlds)
    return worlds[::5] if options.quick else worlds


def main() -> int:
    parser = options_parser()
    parser.add_argument(
        "--worlds",
        type=Path,
        default=WORLDS,
        metavar="FILE",
        help="JSON of BARN worlds; default: ../shared/data/barn/worlds.json",
    )
    parser.add_argument(
        "--development",
        type=int,
        default=0,
        metavar="N",
        help="N worlds made anew from the seed instead",
    )
    parser.add_argument("--runs", type=int, default=10, help="runs of each world at 2 m/s")
    parser.add_argument("--slow-runs", type=int, default=2, help="... and at 0.5 m/s")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    bench = begin("barn", __doc__, parser, "every fifth world, once at either speed")  # fmt: skip
    options = bench.options
    fast, slow = (1, 1) if options.quick else (options.runs, options.slow_runs)
    try:
        worlds = chosen_worlds(bench)
        overrides(FULL_MPS)
        jobs = jobs_of(worlds, options.seed, fast, FULL_MPS)
        jobs += jobs_of(worlds, options.seed, slow, SLOW_MPS)
        content = [(w.name, w.radius_m, w.posts_m.tobytes(), w.path_m.tobytes()) for w in worlds]
        runs = done(bench, jobs, hashlib.sha256(repr(content).encode()).hexdigest())
    except RondaError as error:
        return bench.fail(error)
    full = [run for run in runs if run.speed_mps == FULL_MPS]
    draw(worlds, full, bench.picture)
    return bench.answer(rows(full, [run for run in runs if run.speed_mps == SLOW_MPS]))


if __name__ == "__main__":
    sys.exit(main())
