"""Records in a file: SQLite in WAL mode, each commit synced, one writer at a time."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from patrol_core.errors import Place
from patrol_core.transactions import transaction
from patrol_records.database import Row
from patrol_records.errors import StoreError, StoreInUseError, file_errors
from patrol_records.schema import STEPS, VERSION

DATABASE = "records.db"
LOCK = "records.lock"
CHECKED_BYTES = 256 * 2**20
"""A larger file is not read through when it is opened: damage is told when it is met."""
_WAL_BYTES = 64 * 2**20


class SqliteDatabase:
    """One connection to `records.db` of a folder."""

    def __init__(self, folder: Path, *, writable: bool) -> None:
        """Open; to write, make it or bring it up to date, too.

        Raises StoreError when it is missing or unusable, StoreInUseError when another process has
        it open to write.
        """
        self.path = folder / DATABASE
        self.version = VERSION
        self._lock: IO[bytes] | None = None
        if writable:
            with self._errors("open"):
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = _locked(folder / LOCK)
        elif not self.path.is_file():
            raise StoreError(
                "no records here", place=Place(self.path), remedy="give the folder of a run"
            )
        try:
            self._open(writable)
        except BaseException:
            if self._lock is not None:
                self._lock.close()
            raise

    def _open(self, writable: bool) -> None:
        with self._errors("open"):
            name = self.path if writable else f"file:{self.path}?mode=ro"
            self._db = sqlite3.connect(name, uri=not writable, isolation_level=None, timeout=5.0)
            self._db.row_factory = sqlite3.Row
            try:
                if writable:
                    self._prepare()
                self.version = self._db.execute("PRAGMA user_version").fetchone()[0]
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(f"PRAGMA journal_size_limit={_WAL_BYTES}")
        if self.path.stat().st_size <= CHECKED_BYTES:
            check = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if check != "ok":
                raise sqlite3.DatabaseError(check)
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if not 0 <= version <= VERSION:
            raise StoreError(
                f"the records have version {version}",
                place=Place(self.path),
                expected=f"version {VERSION} or older",
                remedy="use the version of Ronda that wrote them, or start a new records folder",
            )
        if version < VERSION:
            with transaction(self._db):
                for step in STEPS[version:]:
                    for statement in step:
                        self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={VERSION}")

    def close(self) -> None:
        self._db.close()
        if self._lock is not None:
            self._lock.close()

    def rows(self, statement: str, *values: object) -> list[Row]:
        with self._errors("read"):
            return self._db.execute(statement, values).fetchall()

    def run(self, statement: str, *values: object) -> int:
        with self._errors("write"):
            return self._db.execute(statement, values).rowcount

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._errors("write"):
            self._db.executemany(statement, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._errors("write"), transaction(self._db):
            yield

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            with file_errors(self.path, verb):
                yield
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"cannot {verb} the records: {' '.join(str(error).split())}",
                place=Place(self.path),
                remedy="free disk space and check permissions; if the file is damaged, move it "
                "away for repair (sqlite3 .recover) and start again",
            ) from error


def _locked(path: Path) -> IO[bytes]:
    """A file that one process has; the system lets go of it when that process ends."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreInUseError(
            "another process writes these records", place=Place(path), remedy="let it end first"
        ) from None
    return file
