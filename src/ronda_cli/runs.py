"""Run folders: one a run, `runs/<site>-<date>-<time>`, holding records, report and logs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_records.sqlite import DATABASE
from ronda_cli.environment.paths import ROOT

RUNS = ROOT / "runs"


@contextmanager
def runs_in_use() -> Iterator[None]:
    """While this lasts no other version of the program is put in force (`upgrade/releases.py`)."""
    RUNS.mkdir(exist_ok=True)
    handle = os.open(RUNS, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def new_run_folder(site: str, now: datetime) -> Path:
    """Make an empty run folder; a second one within the same second gets a number."""
    stem = f"{site}-{now:%Y%m%d-%H%M%S}"
    for name in (stem, *(f"{stem}-{count}" for count in range(2, 100))):
        folder = RUNS / name
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise ConfigError(
                f"cannot make a run folder: {error.strerror}",
                place=Place(folder),
                remedy="free disk space and check that the folder is writable",
            ) from error
        return folder
    raise ConfigError("too many runs within one second", place=Place(RUNS))


def find_run(run: str) -> Path:
    """The folder of a run given by name or path; the newest one for an empty name.

    Raises ConfigError where there is none.
    """
    if run:
        named = Path(run) if Path(run).is_dir() else RUNS / run
        if (named / DATABASE).is_file():
            return named
        raise ConfigError(
            f"no records of a run '{run}'",
            place=Place(named),
            remedy="`ls runs` shows the runs; give one of them, or none for the newest",
        )
    found = [path.parent for path in RUNS.glob(f"*/{DATABASE}")]
    if not found:
        raise ConfigError("there is no run yet", place=Place(RUNS), remedy="./ronda sim")
    return max(found, key=lambda folder: (folder / DATABASE).stat().st_mtime)
