"""Gathers a week of patrols over the run folders of a site."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from patrol_core.errors import ConfigError, Place
from patrol_core.robot import RobotModel
from patrol_core.site import Site
from patrol_core.site.map_file import load_map
from patrol_core.whole_file import write_whole
from patrol_mission.report.accounts import PlannedRun, Told
from patrol_mission.report.presence import week_span
from patrol_mission.report.summary import summarize
from patrol_mission.report.week import Views, WeekOfRun, week_form
from patrol_mission.report.week_page import render_week
from patrol_mission.schedule.plan import Plan
from patrol_records.queries_patrols import PatrolStart, patrol_starts, schedule_events
from patrol_records.sqlite import DATABASE
from ronda_cli.records import Records
from ronda_cli.reporting import camera_reach, lidar_reach, site_name


def runs_of(folder: Path, site: str) -> list[Records]:
    """The runs of a site, by their names; a folder that is a run itself is the only one."""
    if (folder / DATABASE).is_file():
        return [Records(str(folder), "")]
    found = []
    for database in sorted(folder.glob(f"*/{DATABASE}")):
        try:
            named = site_name(database.parent.name)
        except ConfigError:
            continue
        if named == site:
            found.append(Records(str(database.parent), ""))
    return found


def newest_day(runs: list[Records], site: Site) -> date:
    """The local date on which the newest patrol began. Raises ConfigError where there is none."""
    starts = [start.start_s for run in runs for start in _starts(run)]
    if not starts:
        raise ConfigError(
            "no run holds a patrol",
            place=Place(runs[-1].folder.parent if runs else site.folder),
            remedy="run a patrol first, or give the folder of the runs with --runs",
        )
    return datetime.fromtimestamp(max(starts), ZoneInfo(site.timezone)).date()


def write_week_report(
    runs: list[Records], site: Site, robot: RobotModel, ending: date, now_s: float, target: Path
) -> None:
    """Write the report of the seven local days that end with `ending`."""
    midnight = datetime.combine(ending, time(), ZoneInfo(site.timezone))
    span_s = week_span(midnight)
    weeks = [_week_of(run, site, span_s) for run in runs]
    grid = load_map(site.map_file)
    form = week_form(
        [week for week in weeks if week.patrols or week.told], site, grid,
        Views(lidar_reach(robot), camera_reach(robot)), span_s, planned_runs(site, span_s), now_s,
    )  # fmt: skip
    write_whole(target, render_week(form, grid).encode())


def planned_runs(site: Site, span_s: tuple[float, float]) -> list[PlannedRun]:
    """What the site's schedules ask for in [start, end), blacked out or not."""
    plan = Plan(site.schedules, site.blackouts, site.timezone, seed=0)
    found = []
    for run in plan.between(*span_s):
        rest = plan.blackout(run)
        route_id = plan.schedules[run.schedule_id].route_id
        found.append(
            PlannedRun(
                run.patrol_id,
                run.schedule_id,
                route_id,
                run.planned_s,
                rest.reason if rest else "",
            )
        )
    return found


def _starts(run: Records) -> list[PatrolStart]:
    reader = run.reader()
    try:
        return patrol_starts(reader)
    finally:
        reader.close()


def _week_of(run: Records, site: Site, span_s: tuple[float, float]) -> WeekOfRun:
    reader = run.reader()
    try:
        starts = [s for s in patrol_starts(reader, *span_s) if s.start_s < span_s[1]]
        patrols = tuple(summarize(reader, site, start.patrol_id) for start in starts)
        told = tuple(
            Told(event.patrol_id, event.word, event.message)
            for event in schedule_events(reader, *span_s)
        )
    finally:
        reader.close()
    return WeekOfRun(run.name, patrols, told)
