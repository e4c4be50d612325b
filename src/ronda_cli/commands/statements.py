"""`./ronda statements list`, `show` and `delete`."""

from __future__ import annotations

import math
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from patrol_hri.statements.store import StatementStore

app = typer.Typer(help="Read and delete what visitors have stated.", no_args_is_help=True)
_FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Where they are; default: runs/statements.")
]
_KeyOption = Annotated[
    Path | None,
    typer.Option("--key-file", help="Their key; default: ~/.config/ronda/statements.key."),
]


@app.command("list")
def list_statements(
    folder: _FolderOption = None,
    key_file: _KeyOption = None,
    deleted: Annotated[bool, typer.Option(help="List what was deleted, too.")] = False,
) -> None:
    """List the statements that are stored, by number; nothing of what they say."""
    if not _database(folder).is_file():
        print("no statement was ever stored")
        return
    store = _open(folder, key_file)
    stored = store.stored()
    print(f"statements: {len(stored)}")
    for one in stored:
        print(
            f"{one.number:4}  stored {_clock(one.stored_s)}  kept until {_clock(one.expires_s)}"
            f"  {one.size_bytes} bytes"
        )
    if deleted:
        for gone in store.deletions():
            how = {"receipt": "by its receipt", "expired": "its time was over"}[gone.cause]
            print(f"deleted {_clock(gone.deleted_s)}  {how}  {gone.receipt_hash.hex()}")
    store.close()


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The statement's number.")],
    folder: _FolderOption = None,
    key_file: _KeyOption = None,
) -> None:
    """Show one statement in the words of who gave it."""
    store = _open(folder, key_file)
    statement = store.read(number)
    store.close()
    known = math.isfinite(statement.x_m) and math.isfinite(statement.y_m)
    place = f"x {statement.x_m:.1f} m, y {statement.y_m:.1f} m" if known else "not known"
    print(f"statement   {number}, confirmed {_clock(statement.taken_s)}")
    print(f"language    {statement.language}")
    print(f"robot       {place}")
    for piece in statement.pieces:
        corrected = " (corrected when read back)" if piece.corrected else ""
        print(f"{piece.topic.value:10}  {piece.text}{corrected}")


@app.command()
def delete(
    receipt: Annotated[str, typer.Argument(help="The receipt number: K7QM-2XWD-9HTB.")],
    folder: _FolderOption = None,
    key_file: _KeyOption = None,
) -> None:
    """Delete the statement of a receipt number for good. The number's hash and the time stay."""
    from patrol_core.errors import ConfigError, Place
    from patrol_hri.statements.receipt import canonical

    store = _open(folder, key_file)
    gone = store.delete(receipt, time.time())
    store.close()
    if not gone:
        miscopied = not canonical(receipt)
        raise ConfigError(
            f"no statement of the receipt '{receipt}'",
            place=Place(_database(folder)),
            expected="three groups of four, as on the receipt" if miscopied else "a stored one",
            remedy="compare it letter by letter" if miscopied
            else "it may have been deleted already: `./ronda statements list --deleted`",
        )  # fmt: skip
    print("the statement is deleted")


def _open(folder: Path | None, key_file: Path | None) -> StatementStore:
    """Raises ConfigError where nothing was ever stored: reading makes no store and no key."""
    from patrol_core.errors import ConfigError, Place
    from patrol_hri.statements.params import StoreParams
    from patrol_hri.statements.store import StatementStore

    database = _database(folder)
    if not database.is_file():
        raise ConfigError(
            "no statement was ever stored", place=Place(database),
            remedy="give the folder in which they are with --folder",
        )  # fmt: skip
    key_file = key_file or Path(StoreParams().key_file).expanduser()
    return StatementStore.open(database.parent, key_file, retention_days=1)  # nothing is put


def _database(folder: Path | None) -> Path:
    from patrol_hri.statements.store import DATABASE
    from ronda_cli.runs import RUNS

    return (folder or RUNS / "statements") / DATABASE


def _clock(stamp_s: float) -> str:
    return datetime.fromtimestamp(stamp_s).astimezone().strftime("%Y-%m-%d %H:%M:%S")
