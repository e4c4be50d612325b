"""Stored statements: `statements.db` (SQLite, WAL), each sealed on its own.

What has a receipt is on the disk: the row is committed with synchronous=FULL before the receipt is
given, so a crash at any moment loses nothing that has one and leaves nothing half. What is deleted
is overwritten (secure_delete), the file is written anew without it (VACUUM) and the log truncated;
a crash in between is made good at the next start. What a disk keeps beneath its file system is out
of reach: encrypt the disk, too.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from patrol_core.errors import Place
from patrol_core.transactions import transaction
from patrol_core.whole_file import sync_folder
from patrol_hri.errors import StatementKeyError, StatementStoreError, TooManyTriesError
from patrol_hri.statements.keys import make_key, read_key
from patrol_hri.statements.params import StoreParams
from patrol_hri.statements.receipt import RandomBytes, canonical, new_receipt, receipt_hash
from patrol_hri.statements.schema import (
    CREATE,
    NONCE_BYTES,
    VERSION,
    beside,
    is_key,
    key_check,
)
from patrol_hri.statements.statement import Statement

DATABASE = "statements.db"
DAY_S = 86400.0
_SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """What can be told of a stored statement without reading it. Stamps are Unix time."""

    number: int
    stored_s: float
    expires_s: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """That a statement was deleted. `cause`: "receipt" or "expired"."""

    receipt_hash: bytes
    deleted_s: float
    cause: str


class StatementStore:
    """Owns a folder of statements. Threads take turns (a lock of theirs); processes may share it.

    Every `now_s` is Unix time. All methods raise StatementStoreError for a disk that is full or a
    file that is damaged.
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        retention_days: int,
        random_bytes: RandomBytes = os.urandom,
        params: StoreParams | None = None,
    ) -> None:
        """Open or create. Raises StatementKeyError if the statements there have another key."""
        self.path = folder / DATABASE
        self.retention_days = retention_days
        self._cipher = AESGCM(key)
        self._random = random_bytes
        self._params = params or StoreParams()
        with self._errors("open"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(
                self.path, isolation_level=None, timeout=5.0, check_same_thread=False
            )
        try:
            with self._errors("open"):
                self._prepare(key)
                sync_folder(folder)
                self._clean()
        except BaseException:
            self._db.close()
            raise

    @classmethod
    def open(
        cls,
        folder: Path,
        key_file: Path,
        retention_days: int,
        random_bytes: RandomBytes = os.urandom,
        params: StoreParams | None = None,
    ) -> StatementStore:
        """Open with the key in a file, which is made only where there is no statement yet.

        Raises StatementKeyError, and changes nothing, where the key is missing or a wrong one.
        """
        if (folder / DATABASE).exists() or key_file.exists():
            key = read_key(key_file)
        else:
            key = make_key(key_file, random_bytes)
        return cls(folder, key, retention_days, random_bytes, params)

    def _prepare(self, key: bytes) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, VERSION}:
            raise StatementStoreError(
                f"the statements have version {version}", place=Place(self.path),
                expected=f"version {VERSION}", remedy="use the version of Ronda that wrote them",
            )  # fmt: skip
        if version == VERSION:
            salt, check = self._db.execute("SELECT salt, key_check FROM meta").fetchone()
            if not is_key(key, check, salt):
                raise StatementKeyError(
                    "the statements were written with another key", place=Place(self.path),
                    expected="the key file that was made with them",
                    remedy="put that file back (`key_file`), or choose another `folder`",
                )  # fmt: skip
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON",
                       "temp_store=MEMORY"):  # fmt: skip
            self._db.execute(f"PRAGMA {pragma}")
        found = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        with transaction(self._db):
            if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
                for step in CREATE:
                    self._db.execute(step)
                salt = self._random(_SALT_BYTES)
                check = key_check(key, self._random(NONCE_BYTES), salt)
                self._db.execute(
                    "INSERT INTO meta VALUES (?, ?, ?, 0.0, 0, 0)",
                    (salt, check, self._params.tries),
                )
            self._salt = self._db.execute("SELECT salt FROM meta").fetchone()[0]

    def close(self) -> None:
        self._db.close()

    def put(self, statement: Statement, now_s: float) -> str:
        """Store a statement, and return its receipt number once it is durable."""
        receipt = new_receipt(self._random)
        hashed = receipt_hash(canonical(receipt), self._salt)
        expires_s = now_s + self.retention_days * DAY_S
        nonce = self._random(NONCE_BYTES)
        context = beside(hashed, now_s, expires_s)
        sealed = self._cipher.encrypt(nonce, statement.to_json(), context)
        with self._errors("write"), transaction(self._db):
            self._db.execute(
                "INSERT INTO statements (receipt_hash, stored_s, expires_s, nonce, sealed) "
                "VALUES (?, ?, ?, ?, ?)",
                (hashed, now_s, expires_s, nonce, sealed),
            )
        return receipt

    def delete(self, receipt: str, now_s: float) -> bool:
        """Delete the statement of a receipt number; False if there is none of that number.

        Raises TooManyTriesError after `tries` unknown numbers in a row, whatever the number is.
        One that its check character shows to be miscopied is not counted.
        """
        written = canonical(receipt)
        if not written:
            return False
        with self._errors("delete"):
            with transaction(self._db):
                left = self._tries_left(now_s)
                allowed, removed = left >= 1.0, 0
                if allowed:
                    hashed = receipt_hash(written, self._salt)
                    removed = self._remove("receipt_hash = ?", hashed, now_s, "receipt")
                    left -= 0.0 if removed else 1.0
                self._db.execute("UPDATE meta SET tries_left = ?, tries_s = ?", (left, now_s))
            self._clean()
        if not allowed:
            raise TooManyTriesError(
                "too many unknown receipt numbers were tried",
                expected=f"one in {self._params.try_period_s:g} s",
                remedy="try again in a few minutes",
            )
        return removed > 0

    def expire(self, now_s: float) -> int:
        """Delete the statements whose time is over; how many those were. Call it every hour."""
        with self._errors("clean"):
            with transaction(self._db):
                removed = self._remove("expires_s <= ?", now_s, now_s, "expired")
            self._clean()
        return removed

    def stored(self) -> tuple[StoredStatement, ...]:
        """All statements, oldest first, by what can be told without reading them."""
        with self._errors("read"):
            rows = self._db.execute(
                "SELECT number, stored_s, expires_s, length(sealed) FROM statements "
                "ORDER BY number"
            ).fetchall()
        return tuple(StoredStatement(*row) for row in rows)

    def deletions(self) -> tuple[Deletion, ...]:
        """All deletions, oldest first."""
        with self._errors("read"):
            rows = self._db.execute("SELECT * FROM deletions ORDER BY rowid").fetchall()
        return tuple(Deletion(*row) for row in rows)

    def read(self, number: int) -> Statement:
        """One statement, for who may read it. Raises StatementStoreError where there is none."""
        with self._errors("read"):
            row = self._db.execute(
                "SELECT receipt_hash, stored_s, expires_s, nonce, sealed FROM statements "
                "WHERE number = ?", (number,),
            ).fetchone()  # fmt: skip
        if row is None:
            raise StatementStoreError(
                f"no statement {number}", place=Place(self.path),
                remedy="`./ronda statements list` shows those there are",
            )  # fmt: skip
        hashed, stored_s, expires_s, nonce, sealed = row
        try:
            data = self._cipher.decrypt(nonce, sealed, beside(hashed, stored_s, expires_s))
        except InvalidTag:
            raise StatementStoreError(
                f"statement {number} was changed after it was stored", place=Place(self.path),
                expected="what was written with this key", remedy="look into who could write here",
            ) from None  # fmt: skip
        return Statement.from_json(data)

    def _tries_left(self, now_s: float) -> float:
        row: tuple[float, float] = self._db.execute(
            "SELECT tries_left, tries_s FROM meta"
        ).fetchone()
        left, since_s = row
        earned = max(0.0, now_s - since_s) / self._params.try_period_s
        return min(left + earned, float(self._params.tries))

    def _remove(self, where: str, value: bytes | float, now_s: float, cause: str) -> int:
        self._db.execute(
            "INSERT INTO deletions SELECT receipt_hash, ?, ? FROM statements WHERE " + where,
            (now_s, cause, value),
        )
        removed = self._db.execute(f"DELETE FROM statements WHERE {where}", (value,)).rowcount
        if removed:
            self._db.execute("UPDATE meta SET removed = removed + 1")
        return removed

    def _clean(self) -> None:
        """Leave no byte of what was deleted in the files. Tried again later if somebody reads."""
        removed, cleaned = self._db.execute("SELECT removed, cleaned FROM meta").fetchone()
        if cleaned >= removed:
            return
        try:
            self._db.execute("VACUUM")
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return
        if not busy:
            self._db.execute("UPDATE meta SET cleaned = max(cleaned, ?)", (removed,))

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            raise StatementStoreError(
                f"cannot {verb} the statements: {' '.join(str(error).split())}",
                place=Place(self.path),
                remedy="free disk space and check permissions; if the file is damaged, move it "
                "away for repair (sqlite3 .recover) and start again",
            ) from error
