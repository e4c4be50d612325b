"""What the map shows and is gone: gates that stand open, gaps in fences, extinguishers taken away.

Laps in closed loop among people, in a world from which parts are taken away before the start; the
map still shows them. Ten a lap, 12 m apart and more, each within 8 m of the route and in plain
view of 3 m of it, so that none helps to find another. Found: an incident of the kind `missing`
within 0.5 m of the hole. False: one that is neither that nor where something stood that has moved
since the map was made. Every other lap in rain. Seeds 0 and up; what was tuned was tuned on seeds
from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from _bench import Bench, begin, options_parser
from _placements import Gone
from _site_laps import all_of, completed, draw_site, drive, placer_of, scorer_of, setting_of
from shapely.geometry import Point

from patrol_core.errors import RondaError
from patrol_core.types.perception import FindingKind
from patrol_records.entries import StoredIncident
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

WITHIN_M = 0.5
A_LAP = 10
PEOPLE = 10
KINDS = {"gate": "o", "fence": "s", "extinguisher": "^"}
FOUND, MISSED, FALSE = "#1a7f37", "#c8321f", "#b45f06"

Task = tuple[str, int]


def measure_lap(task: Task) -> dict[str, Any]:
    """One lap, judged."""
    site, seed = task
    placer = placer_of(site)
    gone = placer.gone(seed, A_LAP)
    scenario = placer.people(seed, PEOPLE)
    scenario = dataclasses.replace(scenario, removed=tuple(thing.removal for thing in gone))
    lap = drive(site, scenario, seed, rain=seed % 2 == 1)
    missing = [i for i in lap.incidents if i.kind is FindingKind.MISSING]
    judged = [_judged(thing, missing) for thing in gone]
    return {
        "gone": judged,
        "false": [_told(i) for i in missing if _is_false(site, i, gone)],
        "completed": completed(site, lap),
        "simulated_s": lap.simulated_s,
    }


def _judged(thing: Gone, missing: Sequence[StoredIncident]) -> dict[str, Any]:
    mine = [i for i in missing if thing.hole.distance(Point(i.x_m, i.y_m)) <= WITHIN_M]
    middle = thing.hole.centroid
    return {
        "kind": thing.kind, "model": thing.removal.model, "x_m": middle.x, "y_m": middle.y,
        "found": len(mine),
    }  # fmt: skip


def _is_false(site: str, incident: StoredIncident, gone: Sequence[Gone]) -> bool:
    place = Point(incident.x_m, incident.y_m)
    right = any(thing.hole.distance(place) <= WITHIN_M for thing in gone)
    return not right and not scorer_of(site).is_map_change(incident.kind, place)


def _told(incident: StoredIncident) -> dict[str, Any]:
    return {"x_m": incident.x_m, "y_m": incident.y_m, "reason": incident.reason}


def measure(bench: Bench, site: str, seeds: Sequence[int], jobs: int) -> list[dict[str, Any]]:
    """Every lap, told as it comes."""
    kept = bench.kept(site, A_LAP, PEOPLE)
    laps = {seed: kept.get(seed) for seed in seeds}
    missing = [(site, seed) for seed, lap in laps.items() if lap is None]
    for (_, seed), lap in all_of(measure_lap, missing, jobs):
        laps[seed] = lap
        kept.keep(seed, lap)
    for seed, lap in laps.items():
        found = sum(thing["found"] > 0 for thing in lap["gone"])
        missed = [f"{t['model']} at {t['x_m']:.0f}, {t['y_m']:.0f}" for t in lap["gone"]
                  if not t["found"]]  # fmt: skip
        bench.console.print(
            f"seed {seed}: {found} of {len(lap['gone'])} found, {len(lap['false'])} false"
            f"{'; missed: ' + ', '.join(missed) if missed else ''}"
            f"{'' if lap['completed'] else '; LAP NOT COMPLETED'}"
        )
        for false in lap["false"]:
            bench.console.print(f"    false at {false['x_m']:.1f}, {false['y_m']:.1f}: "
                                f"{false['reason']}")  # fmt: skip
    return list(laps.values())


def rows(laps: Sequence[dict[str, Any]]) -> list[Row]:
    """The figures, all together and kind by kind."""
    gone = [thing for lap in laps for thing in lap["gone"]]
    hours = sum(lap["simulated_s"] for lap in laps) / 3600.0
    found = [thing for thing in gone if thing["found"]]
    every = [
        Row("found", len(found) / len(gone), f"share of {len(gone)}", goal=0.95),
        Row("told although nothing is gone", sum(len(lap["false"]) for lap in laps),
            f"in {hours:.1f} h", goal=0.0, better="lower"),
    ]  # fmt: skip
    for kind in KINDS:
        mine = [thing for thing in gone if thing["kind"] == kind]
        if mine:
            share = sum(thing["found"] > 0 for thing in mine) / len(mine)
            every.append(Row(f"found: {kind}", share, f"share of {len(mine)}"))
    told = statistics.mean(thing["found"] for thing in found) if found else float("nan")
    return [
        *every,
        Row("incidents for one that was found, mean", told, "", better="lower"),
        Row("laps completed", sum(lap["completed"] for lap in laps), f"of {len(laps)}"),
    ]


def draw(laps: Sequence[dict[str, Any]], site: str, path: Path) -> None:
    """Where things were gone, and whether that was seen."""
    figure, axes = plt.subplots(figsize=(11, 7.6), layout="constrained")
    draw_site(axes, site)
    gone = [thing for lap in laps for thing in lap["gone"]]
    for kind, marker in KINDS.items():
        for seen, colour in ((True, FOUND), (False, MISSED)):
            mine = [t for t in gone if t["kind"] == kind and bool(t["found"]) is seen]
            axes.scatter(
                [t["x_m"] for t in mine], [t["y_m"] for t in mine], marker=marker, s=60,
                c=colour, alpha=0.75, ec="white", lw=0.6, zorder=3,
                label=f"{kind}: {len(mine)} {'found' if seen else 'missed'}",
            )  # fmt: skip
    false = [one for lap in laps for one in lap["false"]]
    axes.scatter(
        [one["x_m"] for one in false], [one["y_m"] for one in false], marker="x", s=60, c=FALSE,
        zorder=3, label=f"{len(false)} told although nothing is gone",
    )  # fmt: skip
    axes.set_title(f"{len(gone)} openings and removals (laps: {len(laps)})")
    axes.legend(loc="center", bbox_to_anchor=(0.4, 0.3), fontsize=9, framealpha=0.95)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--laps", type=int, default=10, help=f"laps, {A_LAP} removals each")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    bench = begin("removed", __doc__, parser, "two laps")
    options = bench.options
    seeds = range(options.seed, options.seed + (2 if options.quick else options.laps))
    try:
        setting_of(options.site)
        laps = measure(bench, options.site, seeds, options.jobs)
    except RondaError as error:
        return bench.fail(error)
    if not any(lap["gone"] for lap in laps):
        return bench.fail("nothing could be taken away: no fence, gate or extinguisher in view")
    draw(laps, options.site, bench.picture)
    return bench.answer(rows(laps))


if __name__ == "__main__":
    sys.exit(main())
