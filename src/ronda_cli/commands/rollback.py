"""`./ronda rollback`."""

from __future__ import annotations

import typer


def run() -> None:
    """Put the version in force again that was so before the last ./ronda upgrade.

    Sites that were migrated since, and not changed after that, are put back as they were. Runs,
    accounts, log and keys stay. Refused while a robot runs, and where the older program does not
    take a site.
    """
    from ronda_cli.upgrade.home import HOME
    from ronda_cli.upgrade.steps import roll_back

    roll_back(HOME, typer.echo)
