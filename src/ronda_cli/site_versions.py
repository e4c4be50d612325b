"""Versions of a site for the terminal."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

from patrol_core.errors import ConfigError
from patrol_core.site.history import History, Note
from patrol_core.site.trial import tried
from ronda_cli.site_check import check_all
from ronda_cli.teaching.writing import differences

ROLE = "command line"


def lines(history: History) -> Iterator[str]:
    """One a version; what cannot be read is said in its line."""
    numbers = history.numbers()
    if not numbers:
        yield "no versions yet: the first change in the console makes one"
    for number in numbers:
        try:
            version = history.version(number)
        except ConfigError as error:
            yield f"{number:6}  {error}"
            continue
        note = version.note
        when = datetime.fromtimestamp(note.stamp_s, timezone.utc).astimezone()
        who = f"{note.who} ({note.role})" if note.role else note.who
        yield f"{number:6}  {when:%Y-%m-%d %H:%M}  {version.digest[:12]}  {who}: {note.words}"


def back_to(
    history: History, folder: Path, number: int, words: str, *, dry: bool
) -> tuple[str, Sequence[ConfigError]]:
    """What was done, or would be; and what is wrong with it: then nothing is. Raises ConfigError,
    ConflictError."""
    version = history.version(number)
    data = {name: text.encode() for name, text in version.files.items()}
    outcome = tried(folder, data, check_all)
    if outcome.problems:
        return f"version {number} does not fit the site as it is", outcome.problems
    if dry:
        return differences(folder, data) or f"the site is as in version {number}", ()
    now_s = datetime.now(timezone.utc).timestamp()
    newest = history.newest(now_s)
    note = Note(getpass.getuser(), ROLE, now_s, words)
    saved = history.save(newest.number, version.files, note)
    return f"version {saved.number}, as version {number} was", ()
