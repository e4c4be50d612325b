"""`./ronda site teach`."""

from __future__ import annotations

from typing import Annotated

import typer

from patrol_core.errors import RondaError
from ronda_cli.environment.paths import ROOT


def teach(
    site: Annotated[
        str, typer.Argument(metavar="SITE", help="A site's name (a folder in sites/) or its path.")
    ],
    route: Annotated[str, typer.Option(help="Name of the route that is taught.")] = "taught",
    speed: Annotated[
        float, typer.Option(min=0.1, max=3.0, help="Speed of patrols over it, in m/s.")
    ] = 0.6,
    dwell: Annotated[
        float, typer.Option(min=0.0, max=3600.0, help="Seconds to stay at its checkpoints.")
    ] = 5.0,
    from_run: Annotated[
        str, typer.Option("--from", metavar="RUN", help="Teach what was driven in a finished run.")
    ] = "",
    stop: Annotated[
        float,
        typer.Option(min=1.0, help="With --from: seconds of standing that mark a checkpoint."),
    ] = 5.0,
    new: Annotated[
        bool, typer.Option("--new", help="A new site: map, outline and all else from the drive.")
    ] = False,
    datum: Annotated[
        str, typer.Option(metavar="LAT,LON", help="With --new: the place of the start.")
    ] = "0,0",
    facing: Annotated[
        float,
        typer.Option(help="With --new: degrees from east that the robot looks to."),
    ] = 0.0,
    finish: Annotated[
        bool, typer.Option("--finish", help="Write what was driven so far, without driving on.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget what was driven so far, and begin again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")
    ] = False,
    namespace: Annotated[str, typer.Option(help="Namespace of the robot.")] = "",
) -> None:
    """Teach a site a route by driving it once, marking checkpoints on the way.

    The robot's system runs already (`./ronda up`, or `./ronda sim --laps 0`). Drive with w, s, a,
    d or the arrows as in `./ronda teleop`; c marks a checkpoint, f writes the route into the site.
    Whatever interrupts the drive, the same command goes on with it. docs/TEACHING.md goes through
    it word by word.
    """
    from rich.console import Console

    from ronda_cli.environment.paths import site_folder
    from ronda_cli.teaching.classroom import begin_site, drive, finish_lesson, lesson_from
    from ronda_cli.teaching.finish import Task
    from ronda_cli.teaching.taught import identifier

    if identifier(route) != route:
        raise RondaError(f"--route {route}", expected="lower-case letters, digits, underscores")
    folder = ROOT / "sites" / site if new and "/" not in site else site_folder(site)
    task = Task(folder, route, speed, dwell, new)
    console = Console(highlight=False, soft_wrap=True)
    if new and not folder.exists():
        begin_site(console, task, datum, facing, dry_run=dry_run)
        return
    place = task.site()
    if anew:
        task.forget()
    if from_run:
        lesson = lesson_from(from_run, stop, place)
    else:
        lesson = task.lesson()
        if not finish:
            drive(console, task, place, lesson, namespace)
    if not finish_lesson(console, task, lesson, dry_run=dry_run):
        raise typer.Exit(1)
