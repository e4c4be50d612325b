"""`./ronda report patrol`, `week`, `export` and `replay`."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="Reports, exports and replays of what was recorded.", no_args_is_help=True)
_Run = Annotated[str, typer.Argument(help="A run in runs/, or a path; default: the newest.")]
_SiteOption = Annotated[
    str, typer.Option("--site", help="Site; default: as the run's folder is named.")
]


@app.command()
def patrol(
    run: _Run = "",
    site: _SiteOption = "",
    patrol_id: Annotated[
        str, typer.Option("--patrol", metavar="ID", help="Which patrol; default: the latest.")
    ] = "",
) -> None:
    """Write the report of one patrol, and say where it is."""
    from patrol_core.robot import load_robot
    from ronda_cli.reporting import load_run_site, write_patrol_report
    from ronda_cli.runs import find_run
    from ronda_cli.setting import ROBOT_FILE

    folder = find_run(run)
    place = load_run_site(folder, site)
    print(write_patrol_report(folder, place, load_robot(ROBOT_FILE), patrol_id or None))
