"""The checkout's sites under another program: tried on copies before anything is changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ronda_cli.upgrade.programs import run_quiet
from ronda_cli.upgrade.releases import UpgradeError

_NOT_READ = shutil.ignore_patterns("before", "views", "learned")


def sites_of(home: Path) -> list[Path]:
    """All site folders, by name."""
    return sorted(file.parent for file in (home / "sites").glob("*/site.yaml"))


def try_sites(home: Path, now: Path, then: Path) -> None:
    """Every site that the program `now` takes, `then` takes too, after its migration.

    Raises UpgradeError with what it says of the first that it does not take.
    """
    for site in sites_of(home):
        if run_quiet(now, "site", "check", str(site))[0] != 0:
            continue  # it is wrong already: no reason to stay
        with _copied(site) as copy:
            if migrates(then):
                run_quiet(then, "site", "migrate", str(copy))
            status, said = run_quiet(then, "site", "check", str(copy))
        if status != 0:
            raise UpgradeError(
                f"the new program does not take the site '{site.name}':\n{said}\n",
                remedy="change the site so that both take it, or stay with this program",
            )


def migrate_sites(home: Path, program: Path) -> list[str]:
    """What the program in force has changed in the sites, a line each. Raises UpgradeError."""
    done = []
    for site in sites_of(home) if migrates(program) else []:
        status, said = run_quiet(program, "site", "migrate", str(site))
        if status != 0 and run_quiet(program, "site", "check", str(site))[0] != 0:
            continue  # it was wrong before: see `try_sites`
        if status != 0:
            raise UpgradeError(f"the site '{site.name}' cannot be migrated:\n{said}\n")
        if "nothing to do" not in said:
            done += [f"site {site.name}: {line}" for line in said.splitlines()]
    return done


def undo_migrations(home: Path, now: Path, then: Path) -> list[str]:
    """Sites that the program `now` takes and the older `then` does not are put back to before
    their migration: all of them or, with UpgradeError, none. What was done, a line each."""
    refused = [
        site for site in sites_of(home)
        if run_quiet(then, "site", "check", str(site))[0] != 0
        and run_quiet(now, "site", "check", str(site))[0] == 0
    ]  # fmt: skip
    for site in refused:
        with _copied(site) as copy:
            status, said = run_quiet(now, "site", "migrate", str(copy), "--undo")
            if status == 0:
                status, said = run_quiet(then, "site", "check", str(copy))
        if status != 0:
            raise UpgradeError(
                f"the older program does not take the site '{site.name}':\n{said}\n",
                remedy="put back what it takes ('./ronda site history NAME'), then roll back",
            )
    for site in refused:
        run_quiet(now, "site", "migrate", str(site), "--undo")
    return [f"site {site.name}: as before its migration" for site in refused]


def migrates(program: Path) -> bool:
    """Whether the program has the command at all."""
    return (program / "src" / "ronda_cli" / "site_migration.py").is_file()


@contextmanager
def _copied(site: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ronda-") as folder:
        yield Path(shutil.copytree(site, Path(folder) / site.name, ignore=_NOT_READ))
