"""What stands where nothing should: is it told, in its place, and is nothing else told?

Things: laps in closed loop among people, with up to 20 things put down beside the route, 0.2 to
1.2 m large, boxes, bags and cylinders, one in four of them 0.2 m high (at the lidar's height: with
a nod of the robot its plane passes over them). They stand 12 m apart and more, each within 8 m of
the route and in plain view of 3 m of it, so that none helps to find another. Every other lap in
rain. Dusk is not told from day here: light changes the camera's picture alone, which is not drawn
(depth is cast by rays: 64 columns, 7 m far), and no finding rests on it. With --camera the robot's
camera is drawn as it is, 640 columns and 10 m far; that takes more than twice as long.

Daily life: vans park by the route and the gate stands open at their hours. A site model is learnt
from laps at these hours, from what perception noted on them; then whole laps are driven on which
all is as usual, and everything that is told is a false alarm.

Seeds 0 and up; what was tuned was tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from _bench import Bench, begin, options_parser
from _daily_life import HOURS, learn_laps, usual_lap
from _placements import LOW_M, outline_of
from _site_laps import all_of, completed, draw_site, drive, placer_of, scorer_of, setting_of
from shapely.geometry import Point

from patrol_core.errors import RondaError
from patrol_core.types.perception import FindingKind
from patrol_records.entries import StoredIncident
from patrol_sim.scenario import PlacedObject
from ronda_cli.evaluation.statistics import Row
from ronda_cli.evaluation.trial import EPOCH_S

mpl.use("Agg")
from matplotlib import pyplot as plt

A_LAP = 20
PEOPLE = 10
WITHIN_M = 0.5
BESIDE_M = 0.5
STANDING = (FindingKind.OBJECT, FindingKind.OBSTRUCTION)
APART = (FindingKind.BLOCKED, FindingKind.BEHAVIOUR)
"""What is said of the robot's own way, and of what people do, is no thing put down."""
SHOWN_S = (-10.0, 20.0)
FOUND, MISSED, FALSE = "#1a7f37", "#c8321f", "#b45f06"

Task = tuple[str, int, bool]
"""Site, seed, and whether the camera is drawn."""


def things_lap(task: Task) -> dict[str, Any]:
    """One lap with things put down, judged."""
    site, seed, camera = task
    placer = placer_of(site)
    scenario = placer.with_things(placer.people(seed, PEOPLE), seed, A_LAP)
    lap = drive(site, scenario, seed, rain=seed % 2 == 1, camera=camera)
    left = [i for i in lap.incidents if i.kind not in APART]
    things = []
    for thing in scenario.objects:
        mine = [i for i in left if _is_of(i, thing)]
        left = [i for i in left if i not in mine]
        things.append(_judged(site, thing, mine, lap.track))
    changes = scorer_of(site)
    return {
        "things": things,
        "false": [
            _told(i) for i in left
            if not changes.is_map_change(i.kind, Point(i.x_m, i.y_m))
        ],
        "rain": seed % 2 == 1,
        "completed": completed(site, lap),
        "simulated_s": lap.simulated_s,
    }  # fmt: skip


def _is_of(incident: StoredIncident, thing: PlacedObject) -> bool:
    place = Point(incident.x_m, incident.y_m)
    return incident.kind in STANDING and outline_of(thing).distance(place) <= BESIDE_M


def _judged(
    site: str,
    thing: PlacedObject,
    mine: Sequence[StoredIncident],
    track: Sequence[tuple[float, float, float]],
) -> dict[str, Any]:
    x, y = thing.pose.x_m, thing.pose.y_m
    errors = [float(np.hypot(i.x_m - x, i.y_m - y)) for i in mine]
    found = bool(errors) and min(errors) <= WITHIN_M
    seen_s = placer_of(site).first_in_view_s(outline_of(thing), track)
    return {
        "kind": thing.kind, "size_m": list(thing.size_m), "x_m": x, "y_m": y, "found": found,
        "error_m": min(errors) if found else None,
        "after_s": min(i.opened_s for i in mine) - EPOCH_S - seen_s if found else None,
        "told": len(mine),
    }  # fmt: skip


def _told(incident: StoredIncident) -> dict[str, Any]:
    return {
        "kind": incident.kind.value, "x_m": incident.x_m, "y_m": incident.y_m,
        "reason": incident.reason,
    }  # fmt: skip


def daily_lap(task: tuple[str, int, str]) -> dict[str, Any]:
    """One lap on which all is as usual; what was told all the same."""
    site, seed, model = task
    lap = usual_lap(site, seed, model)
    told = [i for i in lap.incidents if i.kind not in APART]
    return {
        "false": [_told(i) for i in told], "completed": completed(site, lap),
        "simulated_s": lap.simulated_s,
    }  # fmt: skip


def measure(bench: Bench, what: str, work: Any, tasks: Sequence[Any]) -> list[dict[str, Any]]:
    """Every lap of one sort, told as it comes; the second of a task is its seed."""
    kept = bench.kept(what, tasks[0][0] if tasks else "")
    laps = {task[1]: kept.get(task[1]) for task in tasks}
    for task, lap in all_of(work, [t for t in tasks if laps[t[1]] is None], bench.options.jobs):
        laps[task[1]] = lap
        kept.keep(task[1], lap)
    for seed, lap in laps.items():
        things = lap.get("things", [])
        told = f"{sum(t['found'] for t in things)} of {len(things)} found, " if things else ""
        missed = ", ".join(
            f"{t['kind']} {' x '.join(f'{edge:.2f}' for edge in t['size_m'])}"
            for t in things if not t["found"]
        )  # fmt: skip
        bench.console.print(
            f"{what}, seed {seed}: {told}{len(lap['false'])} false alarms"
            f"{'; missed: ' + missed if missed else ''}"
            f"{'' if lap['completed'] else '; LAP NOT COMPLETED'}"
        )
        for false in lap["false"]:
            bench.console.print(
                f"    {false['kind']} at {false['x_m']:.1f}, {false['y_m']:.1f}: {false['reason']}"
            )
    return list(laps.values())


def rows(laps: Sequence[dict[str, Any]], daily: Sequence[dict[str, Any]]) -> list[Row]:
    """The figures."""
    things = [thing for lap in laps for thing in lap["things"]]
    found = [thing for thing in things if thing["found"]]
    low = [thing for thing in things if is_low(thing)]
    rest = [thing for thing in things if not is_low(thing)]
    every = [
        _share("told, of 0.3 m or more", rest, 0.97),
        _share("told, 0.2 m high", low, 0.85),
        _share("told, of 0.3 m or more, in rain", [
            t for lap in laps if lap["rain"] for t in lap["things"] if not is_low(t)
        ]),
        Row("place error, median", _middle(found, "error_m"), "m"),
        Row("told within 0.2 m", sum(t["error_m"] <= 0.2 for t in found) / max(len(found), 1),
            f"share of {len(found)}", goal=1.0),
        Row("time to finding from first in view within 8 m, median", _middle(found, "after_s"),
            "s", better="lower"),
        Row("told more than once", sum(t["told"] > 1 for t in things), "", better="lower"),
        Row("false alarms on these laps", sum(len(lap["false"]) for lap in laps),
            f"in {hours_of(laps):.1f} h", better="lower"),
    ]  # fmt: skip
    if daily:
        false, hours = sum(len(lap["false"]) for lap in daily), hours_of(daily)
        every.append(
            Row("false alarms in 20 h of daily life", 20.0 * false / hours,
                f"({false} in {hours:.1f} h)", goal=1.0, better="lower")
        )  # fmt: skip
    done = sum(lap["completed"] for lap in (*laps, *daily))
    return [*every, Row("laps completed", done, f"of {len(laps) + len(daily)}")]


def is_low(thing: dict[str, Any]) -> bool:
    return bool(thing["size_m"][2] <= LOW_M)


def hours_of(laps: Sequence[dict[str, Any]]) -> float:
    return float(sum(lap["simulated_s"] for lap in laps)) / 3600.0


def _share(what: str, things: Sequence[dict[str, Any]], goal: float | None = None) -> Row:
    share = sum(t["found"] for t in things) / len(things) if things else float("nan")
    return Row(what, share, f"share of {len(things)}", goal=goal)


def _middle(found: Sequence[dict[str, Any]], key: str) -> float:
    return float(np.median([thing[key] for thing in found])) if found else float("nan")


def draw(
    laps: Sequence[dict[str, Any]], daily: Sequence[dict[str, Any]], site: str, path: Path
) -> None:
    """Where things stood and whether they were told; how far off, how soon."""
    figure = plt.figure(figsize=(13, 7), layout="constrained")
    whole, place, soon = figure.subplot_mosaic([["map", "place"], ["map", "soon"]],
                                               width_ratios=[2.6, 1]).values()  # fmt: skip
    draw_site(whole, site)
    things = [thing for lap in laps for thing in lap["things"]]
    for low, marker, name in ((False, "o", "0.3 m or more"), (True, "v", "0.2 m high")):
        for seen, colour in ((True, FOUND), (False, MISSED)):
            mine = [t for t in things if is_low(t) is low and t["found"] is seen]
            whole.scatter(
                [t["x_m"] for t in mine], [t["y_m"] for t in mine], marker=marker, s=50, c=colour,
                alpha=0.75, ec="white", lw=0.6, zorder=3,
                label=f"{name}: {len(mine)} {'told' if seen else 'missed'}",
            )  # fmt: skip
    false = [one for lap in (*laps, *daily) for one in lap["false"]]
    whole.scatter([one["x_m"] for one in false], [one["y_m"] for one in false], marker="x", s=60,
                  c=FALSE, zorder=3, label=f"{len(false)} false alarms")  # fmt: skip
    whole.set_title(f"{len(things)} things (laps: {len(laps)}; of daily life: {len(daily)})")
    whole.legend(loc="center", bbox_to_anchor=(0.4, 0.3), fontsize=9, framealpha=0.95)
    found = [thing for thing in things if thing["found"]]
    place.hist([t["error_m"] for t in found], bins=25, range=(0.0, 0.5), color="#0b6bcb")
    place.axvline(0.2, color=MISSED, ls="--", label="goal")
    place.set(xlabel="place error [m]", ylabel="things told")
    place.legend()
    soon.hist(np.clip([t["after_s"] for t in found], *SHOWN_S), bins=30, range=SHOWN_S,
              color="#0b6bcb")  # fmt: skip
    soon.set(xlabel="told after in view (8 m) [s]; more: at the ends",
             ylabel="things told")  # fmt: skip
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument(
        "--laps", type=int, default=11, help=f"laps with up to {A_LAP} things each"
    )
    parser.add_argument("--daily", type=int, default=150, help="laps of daily life (20 h)")
    parser.add_argument("--learn", type=int, default=4, help="laps to learn from, at each hour")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument(
        "--camera", action="store_true", help="draw the camera on laps with things (slow)"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    bench = begin("anomalies", __doc__, parser, "two laps with things, no daily life")
    options = bench.options
    count, daily = (2, 0) if options.quick else (options.laps, options.daily)
    site, first = options.site, options.seed
    try:
        setting_of(site)
        what = "things, by the camera" if options.camera else "things"
        tasks = [(site, first + k, options.camera) for k in range(count)]
        laps = measure(bench, what, things_lap, tasks)
        usual: list[dict[str, Any]] = []
        if daily:
            with tempfile.TemporaryDirectory(prefix="ronda-model-") as name:
                seeds = [first + k for k in range(options.learn * len(HOURS))]
                learn_laps(bench, site, seeds, Path(name))
                days = [(site, first + 500 + k, name) for k in range(daily)]
                what = f"daily life after {options.learn} laps an hour"
                usual = measure(bench, what, daily_lap, days)
    except RondaError as error:
        return bench.fail(error)
    draw(laps, usual, site, bench.picture)
    return bench.answer(rows(laps, usual))


if __name__ == "__main__":
    sys.exit(main())
