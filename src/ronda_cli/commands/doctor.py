"""`./ronda doctor`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def run(
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to look.")] = 5.0,
    namespace: Annotated[str, typer.Option(help="Namespace of the robot.")] = "",
    port: Annotated[
        list[Path] | None, typer.Option(metavar="PATH", help="A serial port that must be there.")
    ] = None,
) -> None:
    """Look at the running system and say in words what is wrong with it.

    Topics that are missing, slow or stale; frames that are missing; clocks that are apart; a lost
    localisation; processes that are silent or were restarted; ports. Exit status 0: healthy.
    """
    from rich.console import Console

    from ronda_cli.doctor.diagnosis import diagnose
    from ronda_cli.doctor.observer import Observer

    console = Console(highlight=False, soft_wrap=True)
    observer = Observer(namespace)
    try:
        seen = observer.watch(seconds, port or ())
    finally:
        observer.close()
    if seen is None:
        where = f"ROS domain {os.environ.get('ROS_DOMAIN_ID', '0')}"
        where += f" under {namespace}" if namespace else ""
        console.print(f"nothing of Ronda is running in {where}: see ./ronda sim and ./ronda up")
        sys.exit(1)
    complaints = diagnose(seen)
    for complaint in complaints:
        mark = "[yellow]note[/] " if complaint.harmless else "[red]wrong[/]"
        console.print(f"{mark}  [bold]{complaint.subject}[/]: ", end="")
        console.print(complaint.sentence, markup=False)
    wrong = sum(not complaint.harmless for complaint in complaints)
    if wrong:
        console.print(f"{wrong} thing{'s' if wrong > 1 else ''} wrong")
        sys.exit(1)
    heard = sum(row.count > 0 for row in seen.rows.values())
    console.print(f"healthy: {len(seen.health)} processes, {heard} topics heard")
