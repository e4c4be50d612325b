"""`./ronda upgrade`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer


def run(
    version: Annotated[
        str,
        typer.Argument(
            metavar="[VERSION]",
            help="A tag, branch or commit, or the folder of an unpacked release; default: the "
            "newest of this branch.",
        ),
    ] = "",
) -> None:
    """Put another version of the program in force, after it was tried; ./ronda rollback goes back.

    The version is unpacked beside this one and gets an environment of its own. It patrols the
    yard in simulation, and reads every site, before one step puts it in force. Runs, accounts,
    log, keys and sites stay where they are; sites of an older format are migrated, as told.
    Refused while a robot runs, where the program was changed here, and on a full disk.
    """
    from ronda_cli.upgrade.home import HOME
    from ronda_cli.upgrade.steps import upgrade

    upgrade(HOME, version, datetime.now().astimezone(), typer.echo)
