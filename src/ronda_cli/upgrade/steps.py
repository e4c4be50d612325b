"""Upgrade and roll back, step by step; nothing is changed before the one step that switches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from patrol_core.errors import Place
from ronda_cli.upgrade.programs import entry_answers, run_shown
from ronda_cli.upgrade.refusals import refuse_changes, refuse_small_disk
from ronda_cli.upgrade.releases import (
    ENTRY,
    Entry,
    Releases,
    UpgradeError,
    changed_files,
    is_verified,
    note_verified,
    share_data,
    unused,
    use_own_data,
)
from ronda_cli.upgrade.sites import migrate_sites, try_sites, undo_migrations
from ronda_cli.upgrade.source import find_source, unpack

Say = Callable[[str], None]
TRIAL = (
    "sim", "--site", "yard", "--laps", "1", "--speed", "max", "--headless", "--no-camera",
    "--kiosk-port", "0", "--console-port", "0",
)  # fmt: skip
"""What a new release must do before it is put in force: a patrol, every part in its process."""


def upgrade(home: Path, wanted: str, now: datetime, say: Say) -> None:
    """Put another version in force. Raises UpgradeError, OSError: then the one of before is."""
    releases = Releases(home)
    with releases.locked():
        with unused(home / "runs"):
            refuse_changes(releases)
        source = find_source(home, wanted, say)
        refuse_small_disk(releases)
        say(f"unpacking {source.words}")
        release = unpack(releases, source)
        before = releases.program()
        if release != before:
            _prepare(releases, release, say)
            _switch(releases, Entry(release.name, now.isoformat("T", "seconds"), source.words))
        try:
            changes = migrate_sites(home, release)
        except UpgradeError:
            if release != before:
                undo_migrations(home, release, before)
                releases.take_back()
            raise
        for line in (f"in force: {source.words}", *changes):
            say(line)
        for name in releases.forget_others():
            say(f"removed: {name}, to which nobody can go back any more")


def roll_back(home: Path, say: Say) -> None:
    """Put the version of before in force again. Raises UpgradeError, OSError: nothing is changed
    then."""
    releases = Releases(home)
    with releases.locked(), unused(home / "runs"):
        if not releases.in_force():
            raise UpgradeError("the checkout itself is in force: there is nothing to go back to")
        now, then = releases.program(), releases.program(back=1)
        _refuse_broken(then, home)
        for line in undo_migrations(home, now, then):
            say(line)
        releases.take_back()
    say(f"in force: {releases.in_force()[-1].words if releases.in_force() else 'the checkout'}")


def _prepare(releases: Releases, release: Path, say: Say) -> None:
    """Environment and trial; the release is ready to be put in force when this returns."""
    _refuse_broken(release, releases.home)
    say("making its environment, beside the one in use")
    if run_shown(release, "setup") != 0:
        raise _stays("the new environment cannot be made", release)
    if is_verified(release):
        return
    use_own_data(release)
    say("trying it: a patrol of the yard in simulation")
    if run_shown(release, *TRIAL) != 0:
        raise _stays("the new version does not patrol the yard", release)
    say("trying it: every site of this checkout")
    try_sites(releases.home, releases.program(), release)
    for name in share_data(release, releases.home):
        say(f"new site: {name}")
    note_verified(release)


def _switch(releases: Releases, entry: Entry) -> None:
    with unused(releases.home / "runs"):
        releases.put_in_force(entry)
        if not entry_answers(releases.home):
            releases.take_back()
            raise _stays("the new version does not start", releases.path(entry.name))


def _refuse_broken(program: Path, home: Path) -> None:
    """Raises UpgradeError where a program is not whole."""
    changed = changed_files(program) if program != home else []
    if changed or not (program / ENTRY).is_file():
        raise UpgradeError(
            f"this release is not as it was unpacked: {', '.join(changed[:3]) or ENTRY}",
            place=Place(program), remedy="remove its folder, and upgrade to it again",
        )  # fmt: skip


def _stays(problem: str, release: Path) -> UpgradeError:
    return UpgradeError(
        f"{problem}; the version of before stays in force",
        place=Place(release), remedy="what it says above tells why; mend that, and upgrade again",
    )  # fmt: skip
