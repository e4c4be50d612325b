"""What was stored just before a crash is logged at the next start, once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.unit.perception.rover import ROBOT
from tests.unit.test_records import ACT, FINDING, PHOTO, SITE, VERDICT

from patrol_core.component import Inputs, ProcessContext
from patrol_records.assembly import build
from patrol_records.log.keeper import LogKeeper
from patrol_records.log.store import LogStore
from patrol_records.log.verifying import verify_records
from patrol_records.params import RecordsParams
from patrol_records.reader import RecordReader
from patrol_records.store import PHOTOS, RecordStore


def started(folder: Path) -> None:
    """A records process that runs for one tick."""
    parts = build(ProcessContext(SITE, ROBOT, folder), RecordsParams())
    for part in parts:
        part.setup()
    keeper = next(part for part in parts if isinstance(part, LogKeeper))
    keeper.step(Inputs({}, {}), 30.0)
    for part in parts:
        part.close()


def logged(folder: Path) -> Counter[str]:
    with LogStore(folder, writable=False) as log:
        return Counter(kept.kind for kept in log.entries())


def test_what_a_crash_kept_from_the_log_is_logged_once(tmp_path: Path) -> None:
    started(tmp_path)
    assert logged(tmp_path) == {"started": 1}
    store = RecordStore(tmp_path)  # and nobody tells the keeper
    store.add([replace(FINDING, photo=PHOTO)], acts=[ACT], verdicts=[VERDICT])
    store.close()
    for starts in (2, 3):
        started(tmp_path)
        kinds = logged(tmp_path)
        assert kinds == {"started": 1, "incident": 1, "incident_act": 1, "verdict": 1}, starts
    reader = RecordReader(tmp_path)
    with LogStore(tmp_path, writable=False) as log:
        told = verify_records(log, tmp_path.name, reader.finding_row, tmp_path / PHOTOS, 30.0)
        (entry,) = (json.loads(kept.text) for kept in log.entries() if kept.kind == "incident")
    assert told.problems == () and entry["data"]["pictures"]
    reader.close()
