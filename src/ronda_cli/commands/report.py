"""`./ronda report patrol`, `week`, `export` and `replay`."""

from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Reports, exports and replays of what was recorded.", no_args_is_help=True)
_Run = Annotated[
    str, typer.Argument(help="A run in runs/, a path, or a database's URL; default: the newest.")
]
_RobotOption = Annotated[str, typer.Option("--robot", help="Of a database: whose records.")]
_SiteOption = Annotated[
    str, typer.Option("--site", help="Site; default: as the run's folder is named.")
]


@app.command()
def patrol(
    run: _Run = "",
    site: _SiteOption = "",
    robot: _RobotOption = "",
    patrol_id: Annotated[
        str, typer.Option("--patrol", metavar="ID", help="Which patrol; default: the latest.")
    ] = "",
) -> None:
    """Write the report of one patrol, and say where it is."""
    from patrol_core.robot import load_robot
    from ronda_cli.records import Records
    from ronda_cli.reporting import load_run_site, write_patrol_report
    from ronda_cli.setting import ROBOT_FILE

    records = Records(run, robot)
    place = load_run_site(records, site)
    print(write_patrol_report(records, place, load_robot(ROBOT_FILE), patrol_id or None))


@app.command()
def week(
    site: Annotated[str, typer.Option(help="Site; default: that of the newest run.")] = "",
    ending: Annotated[
        str,
        typer.Option(metavar="DATE", help="Last day, 2026-03-29; default: the newest patrol's."),
    ] = "",
    runs: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the runs are; default: runs/.")
    ] = None,
    database: Annotated[
        str, typer.Option(metavar="URL", help="Take the records of --robot in this database.")
    ] = "",
    robot: _RobotOption = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Default: beside the runs.")
    ] = None,
) -> None:
    """Write the report of a week over all runs of a site, and say where it is."""
    from patrol_core.robot import load_robot
    from patrol_core.site import load_site
    from ronda_cli import reporting, reporting_week
    from ronda_cli.environment.paths import ROOT
    from ronda_cli.records import Records
    from ronda_cli.runs import RUNS
    from ronda_cli.setting import ROBOT_FILE

    folder = runs or RUNS
    name = reporting.site_name(robot if database else _newest(folder).resolve().name, site)
    place = load_site(ROOT / "sites" / name)
    found = [Records(database, robot)] if database else reporting_week.runs_of(folder, name)
    last = _day(ending) if ending else reporting_week.newest_day(found, place)
    target = out or folder / f"{name}-week-{last}.html"
    model, now_s = load_robot(ROBOT_FILE), datetime.now(timezone.utc).timestamp()
    reporting_week.write_week_report(found, place, model, last, now_s, target)
    print(target)


@app.command()
def export(
    run: _Run = "",
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="DIR", help="Write tables into this folder.")
    ] = None,
    geojson: Annotated[
        Path | None, typer.Option("--geojson", metavar="FILE", help="Write a feature collection.")
    ] = None,
    site: _SiteOption = "",
    robot: _RobotOption = "",
    patrol_id: Annotated[
        str, typer.Option("--patrol", metavar="ID", help="One patrol; default: all of the run.")
    ] = "",
) -> None:
    """Write patrols for other tools; docs/REPORTS.md explains every column.

    Nothing of what visitors say is in it, nor who gave commands.
    """
    from patrol_core.errors import ConfigError
    from ronda_cli.records import Records
    from ronda_cli.reporting import load_run_site, write_csv, write_geojson

    if csv is None and geojson is None:
        raise ConfigError("nothing to write", remedy="give --csv DIR, --geojson FILE, or both")
    records = Records(run, robot)
    place = load_run_site(records, site)
    for file in write_csv(records, place, csv, patrol_id) if csv else ():
        print(file)
    if geojson:
        print(write_geojson(records, place, geojson, patrol_id))


@app.command()
def replay(
    run: _Run = "",
    site: _SiteOption = "",
    robot: _RobotOption = "",
    night: Annotated[
        str, typer.Option(metavar="DATE", help="The date it begins on; default: the latest.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Default: in the run's folder.")
    ] = None,
) -> None:
    """Write a page that plays a night in a minute, and say where it is.

    Open it in a browser; it needs no network. Nothing of what visitors say is in it.
    """
    from ronda_cli.records import Records
    from ronda_cli.reporting import load_run_site, write_replay

    records = Records(run, robot)
    file = write_replay(records, load_run_site(records, site), night, out)
    print(f"{file} ({file.stat().st_size / 1e6:.1f} MB)")


def _newest(folder: Path) -> Path:
    """The newest run of a folder; the folder itself where it is one. Raises ConfigError."""
    from patrol_core.errors import ConfigError, Place
    from patrol_records.sqlite import DATABASE

    if (folder / DATABASE).is_file():
        return folder
    found = list(folder.glob(f"*/{DATABASE}"))
    if not found:
        raise ConfigError("no run is here", place=Place(folder), remedy="give another --runs")
    return max(found, key=lambda database: database.stat().st_mtime).parent


def _day(text: str) -> date:
    """Raises ConfigError."""
    from patrol_core.errors import ConfigError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--ending {text}", expected="a date such as 2026-03-29") from None
