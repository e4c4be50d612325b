"""What the store and its readers need of a database: SQLite in a folder, or PostgreSQL by URL.

Statements are the same for both: `?` for values, columns read by name. NaN is kept as NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Row = Mapping[str, Any]


class Database(Protocol):
    """One connection. All errors are StoreError, in words."""

    version: int
    """Of the schema (`schema.py`)."""

    def rows(self, statement: str, *values: object) -> list[Row]:
        """What a query answers, each row by column name."""

    def run(self, statement: str, *values: object) -> int:
        """Do one statement; how many rows it wrote."""

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Do one statement with each of the rows."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is done within is on the disk at its end, or nothing of it is."""

    def close(self) -> None:
        """Let go of the database."""
