"""A night before the console: how often is an operator told something, and is anything lost?

A night of the depot from 20:00 to 04:00 in closed loop: a patrol every hour, by its schedule,
while vans park and leave, people are about, things are left and fences opened, two hours each. The
robot knows the map alone: no site model was learnt. Each hour its processes start anew on the
records that there are, so perception tells again what still stands there. An operator takes what
is new, puts aside what parks there, and settles what is over. The loop runs for the first minutes
of each hour (--minutes 60: all of it); for the rest of the hour, which the robot spends in its
dock, as much is counted as it told in the dock a minute.

Beside it the same night without grouping. Then operators ask the served console for acts, while
records and console are killed (SIGKILL) at random moments; what was shown as stored is looked for.

Seeds 0 and up; what was tuned was tuned on seeds from 1000. An interrupted run resumes.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from _alerts_kills import KillCount, run_kills
from _alerts_night import after_the_night, drive_hour
from _alerts_picture import Hours, draw
from _alerts_scene import HOURS
from _bench import FOLDER, Bench, begin, options_parser
from scipy.stats import chi2

from patrol_core.errors import RondaError
from ronda_cli.evaluation.campaign import state_digest
from ronda_cli.evaluation.statistics import Row

NIGHT_S, PERIOD_S = 3600.0 * len(HOURS), 600.0
QUICK_HOURS, QUICK_MINUTES, QUICK_KILLS = 1, 2.0, 10


def drive_night(bench: Bench, hours: int, minutes: float) -> tuple[list[dict[str, Any]], Path]:
    """The hours, told as they come, and the folder with their records."""
    options = bench.options
    own = sorted(Path(__file__).parent.glob("*alerts*.py"))
    code = "".join(path.read_text("utf-8") for path in own)
    home = FOLDER / f"alerts-{state_digest(f'{code} {options.site} {options.seed} {minutes}')}"
    kept = bench.kept(home.name)
    night = []
    for hour in range(hours):
        known = kept.get(hour)
        if known is None or not (home / f"hour-{hour}").is_dir():
            known = drive_hour(options.site, options.seed, hour, minutes, home)
            kept.keep(hour, known)
        night.append(known)
        faster = known["simulated_s"] / known["wall_s"]
        bench.console.print(
            f"{HOURS[hour]:02d}:00, {faster:.1f} x real time, {known['people']} people; patrol "
            f"{known['patrol']}; {len(_alerts(known))} alerts, {known['acts']} acts"
        )
        for one in known["told"]:
            place = "" if one["x"] is None else f" at {one['x']:.1f}, {one['y']:.1f}"
            bench.console.print(f"    {one['how']} {one['kind']}{place}: {one['reason']}")
    return night, home


def _alerts(hour: dict[str, Any]) -> list[dict[str, Any]]:
    """What is news to the operator: alerts that are new or new again, and robot's troubles."""
    return [*(one for one in hour["told"] if one["how"] != "overdue"), *hour["troubles"]]


def night_figures(hours: Hours, end: dict[str, Any]) -> list[Row]:
    """What was told, and what was not."""
    simulated_s = sum(hour["simulated_s"] for hour in hours)
    docked_s = simulated_s - sum(hour["patrol_s"] for hour in hours)
    told = sum(len(_alerts(hour)) for hour in hours)
    docked = sum(
        one["s"] > hour["begins_s"] + hour["patrol_s"]
        for hour in hours for one in _alerts(hour)
    )  # fmt: skip
    whole_s = NIGHT_S / len(HOURS) * len(hours)
    rest = (whole_s - simulated_s) / docked_s if docked_s > 0.0 else float("nan")
    most = float(chi2.ppf(0.95, 2 * docked + 2)) / 2.0  # of a Poisson process
    a_period = PERIOD_S / whole_s
    loud = sum(
        one["severity"] == "high" or one.get("how") == "overdue"
        for hour in hours for one in (*hour["told"], *hour["troubles"])
    )  # fmt: skip
    lost = [
        ("findings said, and not stored", len(end["not_stored"]), f"of {end['revisions']}"),
        ("incidents stored, and not in the inbox", len(end["not_shown"]),
         f"of {end['incidents']}"),
        ("causes in the inbox that were never told", len(end["never_told"]),
         f"of {end['groups']}"),
        ("planted, and not told", len(end["missed"]), f"of {end['planted']}"),
        ("looks at which board and inbox disagreed", sum(h["disagreements"] for h in hours), ""),
    ]  # fmt: skip
    return [
        Row("the night, simulated", simulated_s / 60.0, f"min of {whole_s / 60.0:.0f}"),
        Row("of it in the dock", docked_s / 60.0, "min"),
        Row("faster than real time", simulated_s / sum(h["wall_s"] for h in hours), "x"),
        Row("patrols done", sum(h["patrol"].startswith("succeeded") for h in hours),
            f"of {len(hours)}"),
        Row("alerts told", told, f"{docked} of them in the dock"),
        Row("alerts in 10 minutes of the night", (told + docked * rest) * a_period, "",
            goal=1.0 if docked_s > 0.0 else None, better="lower"),
        Row("the same at most, 95 %, by the time in the dock", (told + most * rest) * a_period,
            ""),
        Row("alerts in 10 minutes, simulated ones alone", told / simulated_s * PERIOD_S, ""),
        Row("in 10 minutes of the night, each finding an alert", end["findings"] * a_period, ""),
        Row("in 10 minutes of the night, each revision an alert", end["revisions"] * a_period,
            ""),
        Row("told with sound: high or overdue", loud, ""),
        *(Row(what, times, of, goal=0.0, better="lower") for what, times, of in lost),
    ]  # fmt: skip


def kill_figures(count: KillCount) -> list[Row]:
    """Of all kills."""
    said = f"of {count.shown}"
    return [
        Row("kills of records, console or both", count.kills, ""),
        Row("acts and verdicts shown as stored", count.shown, ""),
        Row("of them under way when something was killed", count.confirmed_late, ""),
        Row("refused, or never answered", count.refused + count.unanswered, ""),
        Row("shown as stored, and lost", count.lost, said, goal=0.0, better="lower"),
        Row("stored twice", count.twice, said, goal=0.0, better="lower"),
        Row("there, and done by nobody", count.unknown, "", goal=0.0, better="lower"),
        Row("states that are not as the model's", count.wrong, f"of {count.looked} looks",
            goal=0.0, better="lower"),
        Row("stored, and not once in the log", count.not_logged, f"of {count.stored}",
            goal=0.0, better="lower"),
        Row("log whole", count.log_is_sound, "", goal=1.0),
    ]  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument("--site", default="depot", help="name of a folder in sites/")
    parser.add_argument("--minutes", type=float, default=10.0, help="simulated of each hour")
    parser.add_argument("--kills", type=int, default=100, help="at least so many")
    parser.add_argument("--seed", type=int, default=0, help="of the night, and of the kills")
    bench = begin("alerts", __doc__, parser, "2 minutes of the first hour, 10 kills")
    options, hours = bench.options, len(HOURS)
    if options.quick:
        hours, options.minutes, options.kills = QUICK_HOURS, QUICK_MINUTES, QUICK_KILLS
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=FOLDER, prefix="alerts-") as name:
            folder = Path(name) / "killed"
            count = run_kills(folder, options.kills, options.seed)
        night, home = drive_night(bench, hours, options.minutes)
        end = after_the_night(options.site, options.seed, home, night)
    except (RondaError, OSError, subprocess.SubprocessError) as error:
        return bench.fail(error)
    for fault in count.faults:
        bench.console.print(f"    {fault}")
    draw(night, options.site, options.seed, bench.picture)
    told = [
        {"hour": HOURS[h["hour"]], "told": h["told"], "troubles": h["troubles"]} for h in night
    ]
    rows = [*night_figures(night, end), *kill_figures(count)]
    return bench.answer(rows, night=told, end=end, kills=asdict(count))


if __name__ == "__main__":
    sys.exit(main())
