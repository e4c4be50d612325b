"""Two robots patrol one site in one simulator, seed after seed: do they get past one another?

Closed loop in the court, each robot on a bus of its own, with its own processes, records and dock.
On even seeds they go round in opposite directions and meet head on; on odd ones they share the
direction. A run passes when both end docked with all checkpoints, nothing was touched, neither by
the other nor anything else, and no robot ever held the other's pose for its own. Beside it, as the
baseline, the first robot alone on some of the seeds. An interrupted run resumes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _two_robots import Pair, PairRunner, Task

from patrol_core.errors import RondaError
from patrol_core.site import load_map
from patrol_core.types.maps import OCCUPIED
from patrol_sim.scenario_random import random_scenario
from ronda_cli.ending import end
from ronda_cli.evaluation.campaign import verdict_from_json
from ronda_cli.evaluation.statistics import Row
from ronda_cli.launcher.bound_child import die_with_parent
from ronda_cli.setting import Setting, load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

SITE = "court"
FIRST = Task("a", "perimeter", "south_dock")
AGAINST = Task("b", "perimeter_back", "north_dock")
BEHIND = Task("b", "perimeter", "north_dock")
COLOURS = ("#0b6bcb", "#c8321f")


def tasks_of(seed: int, together: bool) -> tuple[Task, ...]:
    """Who drives on a seed."""
    if not together:
        return (FIRST,)
    return (FIRST, AGAINST if seed % 2 == 0 else BEHIND)


def drive(job: tuple[int, bool, int]) -> tuple[tuple[int, bool, int], Pair]:
    """One run, in a process of its own where there are several."""
    seed, together, laps = job
    setting = load_setting(SITE)
    scenario = random_scenario(setting.world, setting.site, seed)
    return job, PairRunner(setting, laps).run(seed, scenario, tasks_of(seed, together))


def measure(bench: Bench, jobs: Sequence[tuple[int, bool, int]]) -> dict[Any, Pair]:
    """Every run, told as it comes."""
    kept = bench.kept()
    known = {job: kept.get(job) for job in jobs}
    done = {job: _pair(value) for job, value in known.items() if value is not None}
    for job, pair in done.items():
        bench.console.print(_line(job, pair))
    for job, pair in _runs([job for job in jobs if job not in done], bench.options.jobs):
        kept.keep(job, asdict(pair))
        done[job] = pair
        bench.console.print(_line(job, pair))
    return done


def _runs(
    jobs: Sequence[tuple[int, bool, int]], processes: int
) -> Iterator[tuple[tuple[int, bool, int], Pair]]:
    if processes <= 1:
        yield from map(drive, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, die_with_parent) as pool:
        yield from pool.imap_unordered(drive, jobs)


def _pair(value: dict[str, Any]) -> Pair:
    verdicts = tuple(map(verdict_from_json, value["verdicts"]))
    tracks = tuple(tuple((x, y) for x, y in track) for track in value["tracks"])
    return Pair(**value | {"verdicts": verdicts, "tracks": tracks})


def _line(job: tuple[int, bool, int], pair: Pair) -> str:
    told = "; ".join(
        f"{v.checkpoints_reached} of {v.checkpoints} checkpoints, {v.duration_s:.0f} s, "
        f"{v.contacts} contacts"
        for v in pair.verdicts
    )
    notes = [note for v in pair.verdicts for note in (v.message, *v.notes)]
    failed = "" if pair.passed else f"  FAILED: {'; '.join(notes)}"
    near = f", nearest {pair.nearest_m:.2f} m, {pair.meetings} meetings" if job[1] else ", alone"
    return f"seed {pair.seed}{near}: {told}{failed}"


def rows(together: Sequence[Pair], alone: Sequence[Pair]) -> list[Row]:
    """What came of it."""
    count, verdicts = len(together), [v for pair in together for v in pair.verdicts]
    beside = {pair.seed: pair.verdicts[0].duration_s for pair in alone}
    longer = [p.verdicts[0].duration_s / beside[p.seed] for p in together if p.seed in beside]
    worst = max(v.pose_error.position_max_m for v in verdicts)
    return [
        Row("runs passed", sum(pair.passed for pair in together), f"of {count}", goal=count),
        Row("both completed", sum(all(v.completed for v in p.verdicts) for p in together),
            f"of {count}", goal=count),
        Row("contacts between the robots", sum(p.touched for p in together), "", goal=0,
            better="lower"),
        Row("contacts with anything else", sum(v.contacts for v in verdicts), "", goal=0,
            better="lower"),
        Row("poses held that were the other's", sum(p.strays for p in together), "", goal=0,
            better="lower"),
        Row("localisation error, worst", worst, "m", better="lower"),
        Row("meetings", sum(p.meetings for p in together), ""),
        Row("nearest, base_link to base_link", min(p.nearest_m for p in together), "m"),
        Row("patrol time by that alone, median", float(np.median(longer)), "",
            better="lower"),
        Row("the same, worst", max(longer), "", better="lower"),
        Row("alone: completed without contact", sum(p.passed for p in alone),
            f"of {len(alone)}"),
        Row("false alarms, a robot and run", float(np.mean([v.false_alarms for v in verdicts])),
            "", better="lower"),
        Row("false alarms alone, a run",
            float(np.mean([p.verdicts[0].false_alarms for p in alone])), "", better="lower"),
    ]  # fmt: skip


def draw(setting: Setting, together: Sequence[Pair], target: Path) -> None:
    """All tracks on the map, opposite ways and the same way; and how near they came."""
    grid = load_map(setting.site.map_file)
    height, width = (size * grid.resolution_m for size in grid.cells.shape)
    extent = (grid.origin_x_m, grid.origin_x_m + width,
              grid.origin_y_m, grid.origin_y_m + height)  # fmt: skip
    figure, (*maps, bars) = plt.subplots(
        1, 3, figsize=(15, 4.4), layout="constrained", width_ratios=(3, 3, 2)
    )
    for axes, rest, title in zip(maps, (0, 1), ("opposite ways", "the same way"), strict=True):
        axes.imshow(np.where(grid.cells == OCCUPIED, 0.25, 1.0), extent=extent, origin="lower",
                    cmap="gray", vmin=0.0, vmax=1.0)  # fmt: skip
        pairs = [pair for pair in together if pair.seed % 2 == rest]
        for pair in pairs:
            for track, colour in zip(pair.tracks, COLOURS, strict=True):
                axes.plot(*np.array(track).T, color=colour, lw=0.8, alpha=0.5)
        axes.set(aspect="equal", title=f"{title}, runs: {len(pairs)} (robot a blue, b red)")
        axes.set_axis_off()
    names = [str(pair.seed) for pair in together]
    colours = [COLOURS[0] if pair.passed else COLOURS[1] for pair in together]
    bars.barh(names, [pair.nearest_m for pair in together], color=colours)
    bars.invert_yaxis()
    bars.axvline(0.5, color="#8593a3", lw=0.8)
    bars.set(xlabel="nearest, middle to middle [m]", ylabel="seed",
             title="line: a body's width; red: failed")  # fmt: skip
    figure.savefig(target, dpi=120)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--runs", type=int, default=20, help="seeds")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--alone", type=int, default=5, help="seeds that are driven alone, too")
    parser.add_argument("--laps", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    bench = begin("two-robots", __doc__, parser, "one seed")
    options = bench.options
    count = 1 if options.quick else options.runs
    seeds = range(options.seed, options.seed + count)
    alone = seeds[: max(1, min(options.alone, count))]
    jobs = [(seed, True, options.laps) for seed in seeds]
    jobs += [(seed, False, options.laps) for seed in alone]
    try:
        done = measure(bench, jobs)
    except RondaError as error:
        return bench.fail(error)
    together = [done[job] for job in jobs if job[1]]
    draw(load_setting(SITE), together, bench.picture)
    return bench.answer(rows(together, [done[job] for job in jobs if not job[1]]))


if __name__ == "__main__":
    end(main())
