"""The log's file: entries and the hashes of complete subtrees, in SQLite, only ever added to.

What `append` has returned is on the disk. An entry costs one row and about one hash; a proof
reads some twenty hashes for a million entries. The file itself protects nothing against who may
write it: checkpoints that are kept elsewhere do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from patrol_core.errors import Place
from patrol_records.errors import StoreError
from patrol_records.log.entries import LogEntry
from patrol_records.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    inclusion_proof,
    leaf_hash,
    range_hash,
    subtrees,
)

FILE = "log.db"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, entry TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS nodes (
  level INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;
CREATE TRIGGER IF NOT EXISTS entries_remain BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'the log is only ever added to'); END;
"""


VERSION = 1
"""Of the tables, kept as `user_version`; 0 from before they had a number."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it is kept: its leaf's number and its text."""

    number: int
    kind: str
    text: str


class LogStore:
    """One process writes; others read. Raises StoreError from every method."""

    def __init__(self, folder: Path, *, writable: bool) -> None:
        """Opens the log in a folder, or makes it where it is writable."""
        self.path = folder / FILE
        with self._errors("open"):
            if writable:
                folder.mkdir(parents=True, exist_ok=True)
            mode = "rwc" if writable else "ro"
            self._db = sqlite3.connect(
                f"file:{self.path}?mode={mode}", uri=True, check_same_thread=False
            )
            self._refuse_newer()
            if writable:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=FULL")
                self._db.executescript(f"{_SCHEMA} PRAGMA user_version={VERSION};")
            self._frontier = self._read_frontier()

    def __enter__(self) -> LogStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def _refuse_newer(self) -> None:
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found > VERSION:
            self._db.close()
            raise StoreError(
                f"the log has version {found}", place=Place(self.path),
                expected=f"version {VERSION} or older",
                remedy="use the program that wrote it ('./ronda upgrade')",
            )  # fmt: skip

    def close(self) -> None:
        self._db.close()

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self._frontier.size

    def append(self, entries: Sequence[LogEntry]) -> list[int]:
        """Log entries, all or none; the number of each. One whose key is there already has the
        number that it had.
        """
        frontier = Frontier(self._frontier.size, self._frontier.hashes())
        numbers, rows, nodes = [], [], []
        fresh: dict[str, int] = {}
        known = self._numbers([entry.key for entry in entries])
        for entry in entries:
            number = known.get(entry.key, fresh.get(entry.key))
            if number is None:
                number = fresh[entry.key] = frontier.size
                text = entry.text()
                rows.append((number, entry.key, entry.kind, text))
                nodes += frontier.append(leaf_hash(text.encode()))
            numbers.append(number)
        if rows:
            with self._errors("write"), self._db:
                self._db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", rows)
                self._db.executemany("INSERT INTO nodes VALUES (?, ?, ?)", nodes)
            self._frontier = frontier
        return numbers

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` entries; of all where none is given."""
        if size is None:
            return self._frontier.root()
        return EMPTY_ROOT if size == 0 else range_hash(0, size, self.node)

    def node(self, start: int, size: int) -> bytes:
        """The hash of a complete subtree, as kept."""
        level = size.bit_length() - 1
        with self._errors("read"):
            row = self._db.execute(
                "SELECT hash FROM nodes WHERE level = ? AND number = ?", (level, start >> level)
            ).fetchone()
        if row is None:
            raise self._torn(f"the hash of entries {start} to {start + size - 1} is not there")
        return bytes(row[0])

    def proof(self, number: int, size: int) -> list[bytes]:
        """That entry `number` is among the first `size`."""
        return inclusion_proof(number, size, self.node)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Kept]:
        """Entries in order."""
        with self._errors("read"):
            for row in self._db.execute(
                "SELECT number, kind, entry FROM entries WHERE number >= ? AND number < ? "
                "ORDER BY number",
                (start, 2**62 if end is None else end),
            ):
                yield Kept(*row)

    def newest(self, before: int | None, kind: str, count: int) -> list[Kept]:
        """A page, newest first: at most `count` before a number, of a kind (empty: of any)."""
        with self._errors("read"):
            rows = self._db.execute(
                "SELECT number, kind, entry FROM entries WHERE number < ? AND (? = '' OR kind = ?)"
                " ORDER BY number DESC LIMIT ?",
                (2**62 if before is None else before, kind, kind, count),
            ).fetchall()
        return [Kept(*row) for row in rows]

    def _numbers(self, keys: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        with self._errors("read"):
            for at in range(0, len(keys), 500):
                some = keys[at : at + 500]
                marks = ",".join("?" * len(some))
                found |= dict(
                    self._db.execute(
                        f"SELECT key, number FROM entries WHERE key IN ({marks})",
                        some,
                    )
                )
        return found

    def _read_frontier(self) -> Frontier:
        (count, last) = self._db.execute("SELECT count(*), max(number) FROM entries").fetchone()
        if count and last != count - 1:
            raise self._torn(f"it has {count} entries, but the last has number {last}")
        return Frontier(count, [self.node(*subtree) for subtree in subtrees(count)])

    def _torn(self, what: str) -> StoreError:
        return StoreError(
            f"the log is damaged: {what}",
            place=Place(self.path),
            remedy="keep this file as it is, and compare it with a copy (./ronda log verify)",
        )

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"cannot {verb} the log: {error}", place=Place(self.path),
                remedy="free disk space, and check that the folder is writable",
            ) from error  # fmt: skip
