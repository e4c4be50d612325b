"""Records of every older version, with data in them, are read and brought up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.test_records import EVENT, FINDING, VERDICT

from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.perception import FindingKind
from patrol_records.entries import RunSample
from patrol_records.life_cycle import IncidentState
from patrol_records.queries_inbox import acts_of, counts, group_of, inbox, incidents_of
from patrol_records.reader import RecordReader
from patrol_records.schema import STEPS, VERSION
from patrol_records.store import RecordStore

_FINDING = "finding_id, revision, stamp_s, first_seen_s, kind, x_m, y_m, length_m, width_m, "
_FINDING += "confidence, reason, evidence, photo"
_WITHOUT_GROUPS = 4
SAMPLE = RunSample(5.0, 1.0, None, None, 0.4, 0.8, "passing", 1.0, "", "good", "p1", "teleop")


def written_by(version: int, folder: Path) -> None:
    """A database as that version left it: two incidents, one of two revisions, two events and a
    sample. Newer ones than version 4 were begun by it."""
    with closing(sqlite3.connect(folder / "records.db")) as database:
        _bring_up(database, 0, min(version, _WITHOUT_GROUPS))
        values = "VALUES (?,?,?,?,'object',?,?,0.4,0.3,0.8,'r','[]',?)"
        rows = [
            ("f1", 1, 10.0, 9.0, -1.0, 2.0, None),
            ("f1", 2, 12.0, 9.0, -1.0, 2.0, "f1-2.jpg"),
            ("f2", 1, 20.0, 19.0, 5.0, 2.0, None),
        ]
        database.executemany(f"INSERT INTO findings ({_FINDING}) {values}", rows)
        database.execute(
            "INSERT INTO incidents (incident_id, finding_id, opened_s) "
            "VALUES (7, 'f1', 10.0), (8, 'f2', 20.0)"
        )
        database.execute(
            "INSERT INTO patrol_events VALUES ('p1', 9.0, 'reached', 'b', 'm', NULL, NULL, NULL), "
            "('p1', 5.0, 'patrol_started', 'a', 'm', 1, 2, 3)"
        )
        if version >= 2:
            database.execute(
                "INSERT INTO incident_verdicts VALUES ('v1', 15.0, 7, 'false', 'a', 'w', 1, 2, '')"
            )
        database.execute(
            "INSERT INTO samples (stamp_s, speed_mps, patrol_id) VALUES (6.0, 0.5, 'p1')"
        )
        _bring_up(database, _WITHOUT_GROUPS, version)
        database.execute(f"PRAGMA user_version={version}")
        database.commit()


def _bring_up(database: sqlite3.Connection, start: int, end: int) -> None:
    for step in STEPS[start:end]:
        for statement in step:
            database.execute(statement)


@pytest.mark.parametrize("version", range(1, VERSION))
def test_older_records_are_read_as_they_are(version: int, tmp_path: Path) -> None:
    written_by(version, tmp_path)
    with closing(RecordReader(tmp_path)) as old:
        incidents, events = old.incidents(), old.events("p1")
        assert [(i.incident_id, i.photo) for i in incidents] == [(7, "f1-2.jpg"), (8, None)]
        assert incidents[0].config_hash == "" and len(old.verdicts()) == (version >= 2)
        assert [event.stamp_s for event in events] == [5.0, 9.0] and old.candidates() == []
        assert [(s.speed_mps, s.authority) for s in old.samples(0.0, 9.0)] == [(0.5, None)]
        lines = inbox(old, 100.0)
        assert [(x.group_id, x.state) for x in lines] == [
            (8, IncidentState.NEW),
            (7, IncidentState.NEW),
        ]
        assert inbox(old, 100.0, (IncidentState.RESOLVED,)) == []
        assert counts(old, 100.0)[IncidentState.NEW] == 2
        assert group_of(old, 7, 100.0).incidents == 1
        assert incidents_of(old, 7) == [7] and acts_of(old, 7) == []


@pytest.mark.parametrize("version", range(1, VERSION))
def test_older_records_are_brought_up_to_date(version: int, tmp_path: Path) -> None:
    written_by(version, tmp_path)
    act = IncidentAct(30.0, "a1", 8, ActKind.RESOLVE, "ann", "taken away")
    again = replace(FINDING, finding_id="f3", x_m=-1.2, y_m=2.1, stamp_s=40.0, first_seen_s=39.0)
    nowhere = replace(again, finding_id="f4", kind=FindingKind.REPORT, x_m=float("nan"))
    verdict = replace(VERDICT, incident_id=8, verdict_id="v2")
    with closing(RecordStore(tmp_path)) as store:
        store.add([again, nowhere], [EVENT], [SAMPLE], acts=[act], verdicts=[verdict])
    with closing(RecordReader(tmp_path)) as reader:
        first, second, third, _ = reader.incidents()
        assert (first.incident_id, first.revision, first.photo) == (7, 2, "f1-2.jpg")
        assert len(first.verdicts) == (version >= 2) and second.verdict is not None
        assert third.group_id == 7 and incidents_of(reader, 7) == [7, third.incident_id]
        assert [event.stamp_s for event in reader.events("p1")] == [5.0, 5.0, 9.0]
        resolved = inbox(reader, 100.0, (IncidentState.RESOLVED,))
        assert [line.group_id for line in resolved] == [8]
        assert acts_of(reader, 8) == [act]
        assert [s.authority for s in reader.samples(0.0, 99.0)] == ["teleop", None]
