"""Records by what a person calls them: a run's name, a path, or the URL of a database."""

from __future__ import annotations

from patrol_core.errors import ConfigError
from patrol_records.database import Database
from patrol_records.entries import StoredIncident
from patrol_records.reader import RecordReader, open_reader
from patrol_records.store import RecordStore
from ronda_cli.environment.paths import ROOT
from ronda_cli.runs import find_run

_URLS = ("postgresql://", "postgres://")


class Records:
    """Where the records of one robot are; `folder` holds the photos."""

    def __init__(self, run: str, robot_id: str) -> None:
        """`run`: a run in runs/, a path, a URL, or empty for the newest run; of a URL, the rows of
        the robot called `robot_id`. Raises ConfigError where there is no such run."""
        self._url = run if run.startswith(_URLS) else ""
        self._robot_id = robot_id
        self.folder = ROOT / "runs" if self._url else find_run(run)
        self.name = robot_id if self._url else self.folder.name

    def reader(self) -> RecordReader:
        """To be closed. Raises StoreError."""
        return open_reader(self.folder, self._url, self._robot_id)

    def store(self) -> RecordStore:
        """To be closed. Raises StoreError; StoreInUseError where a file is open to write."""
        return RecordStore(self.folder, database=self._database())

    def incident(self, reader: RecordReader, number: int) -> StoredIncident:
        """One of these incidents. Raises ConfigError where there is none of that number."""
        found = reader.incident(number)
        if found is None:
            raise ConfigError(
                f"no incident {number} in the records of {self.name}",
                expected="the number of an incident",
                remedy="`./ronda incidents list --state all` shows them",
            )
        return found

    def _database(self) -> Database | None:
        if not self._url:
            return None
        from patrol_records.postgres import PostgresDatabase

        return PostgresDatabase(self._url, self._robot_id, writable=True)
