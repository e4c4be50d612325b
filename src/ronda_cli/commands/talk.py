"""`./ronda talk`."""

from __future__ import annotations

from typing import Annotated

import typer


def run(
    site: Annotated[str, typer.Option(help="A site's name (a folder in sites/) or its path.")] = (
        "depot"
    ),
    language: Annotated[
        str, typer.Option(help="Code of the language to begin in; default: the site's own.")
    ] = "",
) -> None:
    """Talk with the robot in this terminal, as a visitor does at its screen.

    One line is one sentence; the number of an answer that is offered chooses it. The robot
    stands at the first place that the site names. Nobody is called and nothing is kept: what
    would be done is told in brackets. Ends at the end of the input, which may come from a file.
    """
    import sys

    from patrol_core.site import load_site
    from ronda_cli.environment.paths import site_folder
    from ronda_cli.talking import Terminal

    terminal = Terminal(load_site(site_folder(site)), language)
    try:
        terminal.run(sys.stdin)
    finally:
        terminal.close()
