"""What reports take besides the records: the site of a run, its rules, the sensors' reach."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from patrol_core.errors import ConfigError, Place
from patrol_core.site import Site, load_site
from patrol_core.site.map_file import load_map
from patrol_core.whole_file import write_whole
from patrol_mission.report.coverage import Reach
from patrol_mission.report.exports import csv_tables, geojson
from patrol_mission.report.form import Policy, patrol_form
from patrol_mission.report.page import render_patrol
from patrol_mission.report.replay import render_replay, replay_form
from patrol_mission.report.summary import PatrolSummary, summarize
from patrol_mission.report.week import night_of
from patrol_records.queries_patrols import patrol_starts
from ronda_cli.environment.paths import site_folder
from ronda_cli.records import Records

if TYPE_CHECKING:
    from patrol_core.robot import RobotModel
    from patrol_core.site.behaviour import Rule

REPORT = "report.html"
BESIDE_S = 30.0
"""A replay shows so much before the first patrol of a night and after the last one."""
_RUN_NAME = re.compile(r"(?P<site>.+)-\d{8}-\d{6}(-\d+)?")


def site_name(run: str, given: str = "") -> str:
    """The site's name: as given, else from the name of a run. Raises ConfigError."""
    named = _RUN_NAME.fullmatch(run)
    if given or named:
        return given or str(named and named["site"])
    raise ConfigError(
        f"the name of these records does not tell the site: '{run}'",
        expected="<site>-<date>-<time>",
        remedy="give the site with --site",
    )


def load_run_site(records: Records, given: str = "") -> Site:
    """The site of a run. Raises ConfigError (SiteError) where it is not there or wrong."""
    return load_site(site_folder(site_name(records.name, given)))


def beside(records: Records, file: str) -> Path:
    """Where a page goes: into the run's folder; of a database, named after the robot."""
    own = records.folder.name == records.name
    return records.folder / (file if own else f"{records.name}-{file}")


def write_patrol_report(
    records: Records, site: Site, robot: RobotModel, patrol_id: str | None = None
) -> Path:
    """Write the report of a patrol (by default the latest) beside its records; its path.

    Raises ConfigError or StoreError when there is nothing to report.
    """
    from patrol_core.site.behaviour_file import read_behaviour

    reader = records.reader()
    try:
        summary = summarize(reader, site, patrol_id)
    finally:
        reader.close()
    policies = policies_of(read_behaviour(site))
    form = patrol_form(summary, site, policies, robot.battery.capacity_wh)
    html = render_patrol(form, load_map(site.map_file), reader.photos, lidar_reach(robot))
    target = beside(records, REPORT)
    write_whole(target, html.encode())
    return target


def write_csv(records: Records, site: Site, folder: Path, patrol_id: str = "") -> list[Path]:
    """Write the tables of a run's patrols (by default all); their paths.

    Raises ConfigError or StoreError when there is nothing to write, or nowhere.
    """
    tables = csv_tables(_summaries(records, site, patrol_id), site)
    files = [folder / f"{name}.csv" for name in tables]
    for file, text in zip(files, tables.values(), strict=True):
        _write(file, text)
    return files


def write_geojson(records: Records, site: Site, file: Path, patrol_id: str = "") -> Path:
    """Write a run's patrols (by default all) as GeoJSON; its path. Raises as `write_csv`."""
    features = geojson(_summaries(records, site, patrol_id), site)
    _write(file, json.dumps(features, ensure_ascii=False, allow_nan=False))
    return file


def write_replay(records: Records, site: Site, night: str, target: Path | None) -> Path:
    """Write the page that plays a night (its local date; empty: that of the latest patrol).

    It goes beside the records unless a target is given. Raises as `write_csv`.
    """
    reader = records.reader()
    try:
        starts = patrol_starts(reader)
        wanted = night or (night_of(starts[-1].start_s, site.timezone) if starts else "")
        ids = [s.patrol_id for s in starts if night_of(s.start_s, site.timezone) == wanted]
        if not ids:
            raise ConfigError(
                f"no patrol began in the night of {wanted}" if wanted else "there is no patrol",
                place=Place(reader.path),
                expected=", ".join({night_of(s.start_s, site.timezone): None for s in starts}),
                remedy="a night is named by the date on which it begins, and lasts until noon",
            )
        patrols = [summarize(reader, site, one) for one in ids]
        span_s = (patrols[0].start_s - BESIDE_S, max(p.end_s for p in patrols) + BESIDE_S)
        form = replay_form(
            patrols, reader.samples(*span_s), reader.incidents(*span_s), site, span_s
        )
    finally:
        reader.close()
    page = render_replay(form, load_map(site.map_file), reader.photos)
    file = target or beside(records, f"replay-{wanted}.html")
    _write(file, page)
    return file


def _summaries(records: Records, site: Site, patrol_id: str) -> list[PatrolSummary]:
    reader = records.reader()
    try:
        ids = [patrol_id] if patrol_id else [s.patrol_id for s in patrol_starts(reader)]
        return [summarize(reader, site, one) for one in ids]
    finally:
        reader.close()


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text.encode())
    except OSError as error:
        raise ConfigError(
            f"cannot write it: {error.strerror}",
            place=Place(file),
            remedy="free disk space and check that the folder is writable",
        ) from error


def lidar_reach(robot: RobotModel) -> Reach:
    """What the lidar sees."""
    return Reach(robot.lidar.range_max_m, robot.lidar.field_of_view_rad)


def camera_reach(robot: RobotModel) -> Reach:
    """What the camera sees so near that depth tells it apart."""
    return Reach(robot.camera.depth_max_m, robot.camera.horizontal_fov_rad)


def policies_of(rules: Iterable[Rule]) -> tuple[Policy, ...]:
    """The site's rules in words."""
    return tuple(Policy(rule.rule_id, _rule_words(rule)) for rule in rules)


def _rule_words(rule: Rule) -> str:
    from patrol_core.site.behaviour import RuleKind

    longer = f" of {rule.length_m:g} m and more" if rule.length_m else ""
    what = {
        RuleKind.LOITERING: f"nobody stays within {rule.radius_m:g} m",
        RuleKind.RUNNING: f"nobody runs faster than {rule.speed_mps:g} m/s",
        RuleKind.LYING: "nobody lies on the ground",
        RuleKind.CROWD: f"no {rule.people} people together within {rule.radius_m:g} m",
        RuleKind.CLOSED_ZONE: "nobody is where it is closed",
        RuleKind.KEEP_FREE: f"nothing{longer} stands where it is to be kept free",
    }[rule.kind]
    where = f" in {', '.join(rule.zone_ids)}" if rule.zone_ids else ""
    when = ", at its hours" if rule.hours else ""
    return f"{what[0].upper()}{what[1:]} for {rule.for_s:g} s{where}{when}"
