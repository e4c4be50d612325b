"""Builds the components of the records process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from patrol_core.component import Component, ProcessContext
from patrol_core.configuration import config_hash
from patrol_records.database import Row
from patrol_records.flight.component import FlightRecorder
from patrol_records.flight.setting import SettingSource
from patrol_records.log.entries import LogEntry
from patrol_records.log.keeper import LogKeeper
from patrol_records.log.of_records import entries_since
from patrol_records.params import RecordsParams
from patrol_records.reader import RecordReader, open_reader
from patrol_records.recorder import Recorder
from patrol_records.store import PHOTOS

PARAMS = RecordsParams


def build(context: ProcessContext, params: RecordsParams) -> list[Component]:
    """The recorder, writing into the run folder; the keeper of the log and the flight recorder,
    who hear it."""
    folder = context.run_folder
    log_folder = Path(params.log_folder) if params.log_folder else folder
    configuration = config_hash(params, context.site, context.robot, ["patrol_records"])
    retention = context.site.retention
    started = {
        "site": context.site.name,
        "retention": {
            "incidents_days": retention.incidents_days,
            "photos_days": retention.photos_days,
        },
        "configuration": configuration,
    }
    origin, rows = f"ronda/{params.robot_id}", _StoredRows(folder, params)
    keeper = LogKeeper(
        log_folder, folder, origin, rows, folder / PHOTOS, context.epoch_s, started, rows.since
    )  # fmt: skip
    flight = FlightRecorder(
        folder, context.site, context.robot, params.flight,
        SettingSource(context, params, configuration), context.epoch_s,
    )  # fmt: skip
    return [Recorder(folder, context.site, params, context.epoch_s), keeper, flight]


class _StoredRows:
    """Reads what the recorder has just written; opened when it is first asked."""

    def __init__(self, folder: Path, params: RecordsParams) -> None:
        self._folder, self._params = folder, params
        self._reader: RecordReader | None = None

    def __call__(self, finding_id: str, revision: int) -> Row | None:
        """The row of a finding's revision; None where it is not kept. Raises StoreError."""
        return self._opened().finding_row(finding_id, revision)

    def since(self, since_s: float, unix_s: float) -> Iterator[LogEntry]:
        """What the log is to say of all that was stored since. Raises StoreError, OSError."""
        folder = self._folder
        return entries_since(self._opened(), folder.name, folder / PHOTOS, since_s, unix_s)

    def _opened(self) -> RecordReader:
        if self._reader is None:
            params = self._params
            self._reader = open_reader(self._folder, params.database_url, params.robot_id)
        return self._reader
