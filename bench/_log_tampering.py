"""Ways to tamper with a log's file, by somebody who may write it and knows how it is made."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np

from patrol_records.log.merkle import Frontier, leaf_hash
from patrol_records.log.store import FILE

Tampering = Callable[[sqlite3.Connection, int, np.random.Generator], None]


def edit(db: sqlite3.Connection, size: int, rng: np.random.Generator) -> None:
    """One letter of an entry."""
    number = int(rng.integers(size))
    (text,) = db.execute("SELECT entry FROM entries WHERE number = ?", (number,)).fetchone()
    at = int(rng.integers(len(text)))
    changed = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]
    db.execute("UPDATE entries SET entry = ? WHERE number = ?", (changed, number))


def delete(db: sqlite3.Connection, size: int, rng: np.random.Generator) -> None:
    """An entry, and those after it move up."""
    number = int(rng.integers(size))
    db.execute("DELETE FROM entries WHERE number = ?", (number,))
    db.execute("UPDATE entries SET number = -number WHERE number > ?", (number,))
    db.execute("UPDATE entries SET number = -number - 1 WHERE number < 0")


def reorder(db: sqlite3.Connection, size: int, rng: np.random.Generator) -> None:
    """Two entries change places."""
    first, second = (int(n) for n in rng.choice(size, 2, replace=False))
    for old, new in ((first, -1), (second, first), (-1, second)):
        db.execute("UPDATE entries SET number = ? WHERE number = ?", (new, old))


def truncate(db: sqlite3.Connection, size: int, rng: np.random.Generator) -> None:
    """The newest ones are cut off."""
    db.execute("DELETE FROM entries WHERE number >= ?", (int(rng.integers(size)),))


def insert(db: sqlite3.Connection, size: int, rng: np.random.Generator) -> None:
    """One more entry in the middle."""
    number = int(rng.integers(size))
    db.execute("UPDATE entries SET number = -number - 2 WHERE number >= ?", (number,))
    db.execute("UPDATE entries SET number = -number - 1 WHERE number < 0")
    db.execute("INSERT INTO entries VALUES (?, 'forged', 'act', '{}')", (number,))


KINDS: tuple[Tampering, ...] = (edit, delete, reorder, truncate, insert)


def tamper(
    source: Path, folder: Path, kind: Tampering, rng: np.random.Generator, *, mend: bool
) -> None:
    """A copy of a log, tampered with. `mend`: all hashes are made anew, so that it fits together:
    only a checkpoint that was kept elsewhere tells.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / FILE, folder / FILE)
    db = sqlite3.connect(folder / FILE)
    db.executescript("DROP TRIGGER entries_stay; DROP TRIGGER entries_remain;")
    (size,) = db.execute("SELECT count(*) FROM entries").fetchone()
    kind(db, size, rng)
    if mend:
        frontier = Frontier()
        nodes = [
            node
            for (text,) in db.execute("SELECT entry FROM entries ORDER BY number").fetchall()
            for node in frontier.append(leaf_hash(text.encode()))
        ]
        db.execute("DELETE FROM nodes")
        db.executemany("INSERT INTO nodes VALUES (?, ?, ?)", nodes)
    db.commit()
    db.close()
