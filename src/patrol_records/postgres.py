"""Records in PostgreSQL: one database for several robots, each of which sees its own rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.rows import dict_row

from patrol_records.database import Row
from patrol_records.errors import StoreError, StoreInUseError
from patrol_records.schema import VERSION
from patrol_records.schema_postgres import STEPS

CONNECT_S = 10
_ALONE = "SELECT pg_try_advisory_lock(hashtext('ronda alone'), hashtext(?)) AS locked"
_IN_TURN = "SELECT pg_advisory_xact_lock(hashtext('ronda writes'), hashtext(?))"
_MIGRATION_LOCK = "SELECT pg_advisory_xact_lock(hashtext('ronda schema'))"


class PostgresDatabase:
    """One connection for one robot. Passwords belong into ~/.pgpass, not into the URL.

    `alone`: as the robot's own process, of which there is one; people's tools write beside it.
    """

    def __init__(self, url: str, robot_id: str, *, writable: bool, alone: bool = False) -> None:
        """Connect; to write, make the tables or bring them up to date, too.

        Raises StoreError when the server or its tables are unusable, StoreInUseError when another
        process is `alone` with the same robot.
        """
        self._robot_id = robot_id
        self.version = VERSION
        if not robot_id.strip():
            raise StoreError("the robot has no name", remedy="set the parameter robot_id")
        with self._errors("open"):
            self._db = psycopg.connect(
                url, autocommit=True, row_factory=dict_row, connect_timeout=CONNECT_S
            )
            try:
                self._prepare(writable, alone)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, writable: bool, alone: bool) -> None:
        self._db.execute("SELECT set_config('ronda.robot_id', %s, false)", [self._robot_id])
        self._db.execute("SET search_path TO robot")
        if not writable:
            self._db.execute("SET default_transaction_read_only TO on")
        else:
            if alone and not self._query(_ALONE, self._robot_id)[0]["locked"]:
                raise StoreInUseError(
                    f"another process writes the records of '{self._robot_id}'",
                    remedy="let it end first, or give this robot another robot_id",
                )
            with self._db.transaction():
                self._db.execute(_MIGRATION_LOCK)
                for version in range(self._version() + 1, VERSION + 1):
                    for statement in STEPS.get(version, ()):
                        self._db.execute(statement.encode())
        found = self._version()
        if found != VERSION:
            raise StoreError(
                f"the records in the database have version {found}",
                expected=f"version {VERSION}",
                remedy="use the version of Ronda that wrote them; an older one is brought up to "
                "date when a robot opens it",
            )

    def _version(self) -> int:
        there = "SELECT to_regclass('fleet.schema_version') IS NOT NULL AS there"
        if not self._query(there)[0]["there"]:
            return 0
        return int(self._query("SELECT version FROM fleet.schema_version")[0]["version"])

    def close(self) -> None:
        self._db.close()

    def rows(self, statement: str, *values: object) -> list[Row]:
        with self._errors("read"):
            return self._query(statement, *values)

    def run(self, statement: str, *values: object) -> int:
        with self._errors("write"):
            return self._db.execute(_sql(statement), _kept(values)).rowcount

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        with self._errors("write"), self._db.cursor() as cursor:
            cursor.executemany(_sql(statement), [_kept(row) for row in rows])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Those of one robot one after the other: a group's state follows from what was read."""
        with self._errors("write"), self._db.transaction():
            self._query(_IN_TURN, self._robot_id)
            yield

    def _query(self, statement: str, *values: object) -> list[Row]:
        found: list[Row] = list(self._db.execute(_sql(statement), _kept(values)).fetchall())
        return found

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise StoreError(
                f"cannot {verb} the records in the database: {' '.join(str(error).split())}",
                remedy="see that the server is up and has room on its disk, and that the URL and "
                "the rights of its user are right",
            ) from error


def _sql(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


def _kept(values: Iterable[object]) -> list[object]:
    """NaN is kept as NULL, as SQLite does."""
    return [None if isinstance(v, float) and math.isnan(v) else v for v in values]
