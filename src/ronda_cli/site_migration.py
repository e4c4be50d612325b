"""A site to this program's format and back, as versions of its history."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.site.history import History, Note, Version
from patrol_core.site.migrating import migrated
from patrol_core.site.site_format import FORMAT
from patrol_core.site.trial import tried
from ronda_cli.site_check import check_all
from ronda_cli.teaching.writing import differences

ROLE = "migration"
"""Of the notes of versions that a migration made: how one is known again."""
Outcome = tuple[list[str], Sequence[ConfigError]]
"""What was done, or would be, line by line; and what is wrong with it: then nothing is."""


def migrate_site(history: History, folder: Path, *, dry: bool) -> Outcome:
    """Raises ConfigError, ConflictError."""
    migration = migrated(history.files(), folder)
    if migration.before == FORMAT:
        return [f"{folder} has format {FORMAT}: nothing to do"], ()
    data = _encoded(migration.files)
    outcome = tried(folder, data, check_all)
    lines = list(migration.changes)
    if outcome.problems:
        return ["after the migration the above would be wrong; nothing was changed"], (
            outcome.problems
        )
    if dry:
        return [*lines, differences(folder, data).rstrip(), "nothing was changed"], ()
    newest = history.newest(_now_s())
    words = f"format {migration.before} to {FORMAT}: {len(lines)} changes"
    saved = history.save(newest.number, migration.files, _note(words))
    undo = "./ronda site migrate NAME --undo"
    return [*lines, f"version {saved.number}; back to version {newest.number}: {undo}"], ()


def undo_migration(history: History, folder: Path, *, dry: bool) -> Outcome:
    """The files of before, unchecked: it is an older program that shall read them.

    Raises ConfigError where the newest version is no migration, ConflictError.
    """
    newest = history.newest(_now_s()) if history.is_begun else None
    if newest is None or newest.note.role != ROLE:
        raise ConfigError(
            "the newest version of the site was not made by a migration", place=Place(folder),
            expected="a site that has not been changed since",
            remedy="'./ronda site history NAME' lists the versions, each a file in 'history'",
        )  # fmt: skip
    before: Version = history.version(newest.number - 1)
    if dry:
        return [differences(folder, _encoded(before.files)).rstrip(), "nothing was changed"], ()
    words = f"back to version {before.number}, before the migration"
    saved = history.save(newest.number, before.files, _note(words, role="command line"))
    return [f"version {saved.number}, as version {before.number} was"], ()


def _encoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def _note(words: str, role: str = ROLE) -> Note:
    return Note(getpass.getuser(), role, _now_s(), words)


def _now_s() -> float:
    return datetime.now(timezone.utc).timestamp()
