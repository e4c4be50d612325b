"""`./ronda incidents verify`: the log against a checkpoint, and the records against the log."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from patrol_core.errors import ConfigError, Place
from patrol_records.log.keeper import VERIFIER
from patrol_records.log.notes import Checkpoint, open_note
from patrol_records.log.store import FILE, LogStore
from patrol_records.log.verifying import verify_log, verify_records
from ronda_cli.records import Records
from ronda_cli.runs import RUNS


def check_log(
    run: str, robot: str, log: Path | None, checkpoint: Path | None, key: Path | None
) -> bool:
    """Say what was looked at and all that is not as it was; whether everything is.

    Raises ConfigError, StoreError.
    """
    console = Console(highlight=False, markup=False)
    records = Records(run, robot)
    folder = log or log_folder(records.folder)
    kept = None if checkpoint is None else _opened(checkpoint, key or folder / VERIFIER)
    with LogStore(folder, writable=False) as store, Progress(transient=True) as progress:
        task = progress.add_task("reading the log", total=store.size)
        whole = verify_log(store, kept, lambda done: progress.update(task, completed=done))
        with closing(records.reader()) as reader:
            found = verify_records(
                store, records.folder.name, reader.finding_row, reader.photos, time.time()
            )
    for problem in (*whole.problems, *found.problems):
        console.print(f"NOT AS IT WAS: {problem}")
    looked = f"{found.revisions} stored revisions of incidents of {records.name}"
    if found.forgotten:
        looked += f" (and {found.forgotten} that retention has removed)"
    console.print(f"{whole.entries} entries of {folder / FILE}, {looked}")
    if kept is None:
        console.print(
            "no checkpoint was given: who may write these files may write others that fit together"
        )
    else:
        console.print(f"checkpoint of {kept.size} entries, signed by {kept.origin}")
    return not whole.problems and not found.problems


def log_folder(run_folder: Path) -> Path:
    """The run's own log, else the robot's. Raises ConfigError."""
    for folder in (run_folder, RUNS / "robot"):
        if (folder / FILE).is_file():
            return folder
    raise ConfigError(
        f"no log ({FILE}) in {run_folder} or {RUNS / 'robot'}",
        remedy="name its folder with --log",
    )


def _opened(checkpoint: Path, key: Path) -> Checkpoint:
    try:
        return open_note(
            checkpoint.read_text(encoding="utf-8"), key.read_text(encoding="utf-8")
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the checkpoint cannot be used: {error}",
            place=Place(checkpoint),
            expected=f"a checkpoint signed by the log whose verifier key is in {key}",
            remedy="give the key that was kept with it (--key)",
        ) from error
