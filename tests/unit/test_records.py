"""The record store: what is acknowledged is durable; damage and full disks are told in words."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from tests.gate_world import make_site

from patrol_core.bus import Mailbox
from patrol_core.geometry import Pose2
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.topics import (
    AMCL_POSE,
    CANDIDATES,
    FINDINGS,
    GATE_STATUS,
    INCIDENT_ACTS,
    INCIDENT_VERDICTS,
    INCIDENTS,
    PATROL_EVENTS,
    PATROL_STATUS,
    STORED_EVENTS,
)
from patrol_core.types.incidents import ActKind, IncidentAct
from patrol_core.types.learning import Candidate, IncidentVerdict, SpotNumbers, VerdictKind
from patrol_core.types.mission import PatrolEvent, PatrolState, PatrolStatus, StoredEvent
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import REFUSED, Finding, FindingKind, Measure
from patrol_core.types.sensors import CompressedImage
from patrol_core.types.status import Authority, GateState, GateStatus
from patrol_records.entries import Circumstances
from patrol_records.errors import StoreError, StoreInUseError
from patrol_records.params import RecordsParams
from patrol_records.queries_inbox import acts_of
from patrol_records.reader import RecordReader
from patrol_records.recorder import Recorder
from patrol_records.retention import Limits
from patrol_records.store import RecordStore

PHOTO = CompressedImage(3.0, "camera_optical_frame", "jpeg", b"\xff\xd8 not really")
BEFORE = replace(PHOTO, data=b"\xff\xd8 as it was")
FINDING = Finding(
    "f1", 1, 10.0, FindingKind.OBJECT, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0, "stands where it is free",
    (Measure("age", 4.0, 3.0, "s"),),
)  # fmt: skip
ZONE = Zone("garden", ZoneKind.PRIVACY, ((10.0, 0.0), (14.0, 0.0), (14.0, 4.0), (10.0, 4.0)))
SITE = make_site(zones=(ZONE,))
EVENT = PatrolEvent(5.0, "p1", "checkpoint_reached", "a", "north gate", Pose2(1.0, 2.0, 0.3))


T = TypeVar("T", RecordStore, RecordReader)


def forget(store: RecordStore, limits: Limits) -> None:
    """Retention to its end."""
    while store.forget_some(limits):
        pass


class Open:
    """Closes what a test has opened, when it ends."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def __call__(self, records: T) -> T:
        return self._stack.enter_context(closing(records))


@pytest.fixture
def opened() -> Iterator[Open]:
    with ExitStack() as stack:
        yield Open(stack)


def test_a_finding_comes_back_with_its_newest_revision_and_photo(
    tmp_path: Path, opened: Open
) -> None:
    store = opened(RecordStore(tmp_path))
    first = store.add([FINDING])[0]
    later = replace(FINDING, revision=2, kind=FindingKind.CHANGE, photo=PHOTO, before=BEFORE)
    again = store.add([later, FINDING])
    assert {first.incident_id} == {incident.incident_id for incident in again}
    reader = opened(RecordReader(tmp_path))
    (incident,) = reader.incidents()
    assert (incident.revision, incident.kind) == (2, FindingKind.CHANGE)
    assert incident.evidence == FINDING.evidence
    assert incident.photo and incident.before
    assert (reader.photos / incident.photo).read_bytes() == PHOTO.data
    assert (reader.photos / incident.before).read_bytes() == BEFORE.data


def test_events_are_stored_once_and_in_order(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    started = replace(EVENT, stamp_s=1.0, kind="patrol_started")
    store.add(events=[EVENT])
    store.add(events=[started, EVENT])
    reader = opened(RecordReader(tmp_path))
    assert reader.patrol_ids() == ["p1"]
    assert reader.events("p1") == [started, EVENT]


def test_recorder_acknowledges_after_the_commit_and_samples_the_pose(
    tmp_path: Path, opened: Open
) -> None:
    recorder = Recorder(tmp_path, SITE, RecordsParams(commit_period_s=0.0), 1e9)
    recorder.setup()
    mailbox = Mailbox(recorder.reads)
    mailbox.store(AMCL_POSE, PoseEstimate(99.9, Pose2(3.0, 4.0, 0.5)), 99.9)
    mailbox.store(FINDINGS, replace(FINDING, stamp_s=99.0), 100.0)
    mailbox.store(PATROL_EVENTS, replace(EVENT, stamp_s=99.5), 100.0)
    (incident,) = recorder.step(mailbox.snapshot(), 100.0).of(INCIDENTS)
    assert incident.finding_id == "f1"
    reader = opened(RecordReader(tmp_path))
    assert len(reader.incidents()) == 1
    assert reader.incidents()[0].first_seen_s == 1e9 + 9.0
    (sample,) = reader.samples(1e9, 1e9 + 1000.0)
    assert (sample.x_m, sample.y_m) == (3.0, 4.0)
    assert sample.battery_fraction is None
    recorder.close()


def test_recorder_keeps_acts_and_circumstances_and_acknowledges_numbered_events(
    tmp_path: Path, opened: Open
) -> None:
    recorder = Recorder(tmp_path, SITE, RecordsParams(), 1e9)
    recorder.setup()
    mailbox = Mailbox(recorder.reads)
    status = PatrolStatus(9.8, "p1", PatrolState.PATROLLING, "lap", 1, 2, "gate", 0.1, "")
    gate = GateStatus(
        9.9, GateState.PASSING, Authority.TELEOP, (), 1.0, 0.0, 0.0, 0.0, 0.0, math.inf
    )
    mailbox.store(PATROL_STATUS, status, 9.8)
    mailbox.store(GATE_STATUS, gate, 9.9)
    mailbox.store(FINDINGS, FINDING, 10.0)
    mailbox.store(PATROL_EVENTS, EVENT, 10.0)
    mailbox.store(PATROL_EVENTS, replace(EVENT, number=7), 10.0)
    outputs = recorder.step(mailbox.snapshot(), 10.0)
    assert outputs.of(STORED_EVENTS) == [StoredEvent(10.0, "p1", 7)]
    mailbox.store(INCIDENT_ACTS, ACT, 11.0)
    recorder.step(mailbox.snapshot(), 11.0)
    reader = opened(RecordReader(tmp_path))
    (incident,) = reader.incidents()
    assert incident.circumstances == Circumstances("teleop", "p1", "lap", "gate")
    assert acts_of(reader, incident.group_id) == [replace(ACT, stamp_s=1e9 + 11.0)]
    assert [event.number for event in reader.events("p1")] == [0, 7]
    assert reader.events_between(0.0, 1e9 + 4.9) == []
    assert len(reader.events_between(1e9 + 5.0, 2e9)) == 2
    recorder.close()


def test_what_is_not_a_number_does_not_stop_the_records(tmp_path: Path, opened: Open) -> None:
    recorder = Recorder(tmp_path, SITE, RecordsParams(), 1e9)
    recorder.setup()
    mailbox, nan = Mailbox(recorder.reads), math.nan
    mailbox.store(FINDINGS, replace(FINDING, stamp_s=nan, first_seen_s=nan, length_m=nan), 10.0)
    mailbox.store(PATROL_EVENTS, replace(EVENT, stamp_s=math.inf, pose=Pose2(nan, nan, nan)), 10.0)
    mailbox.store(CANDIDATES, replace(CANDIDATE, x_m=nan), 10.0)
    assert len(recorder.step(mailbox.snapshot(), 10.0).of(INCIDENTS)) == 1
    recorder.close()
    reader = opened(RecordReader(tmp_path))
    (incident,) = reader.incidents()
    assert (incident.stamp_s, incident.first_seen_s, incident.length_m) == (1e9 + 10,) * 2 + (0.0,)
    assert [event.stamp_s for event in reader.events("p1")] == [1e9 + 10.0]


def test_nothing_is_recorded_in_a_privacy_zone(tmp_path: Path, opened: Open) -> None:
    recorder = Recorder(tmp_path, SITE, RecordsParams(commit_period_s=0.0))
    recorder.setup()
    mailbox = Mailbox(recorder.reads)
    mailbox.store(AMCL_POSE, PoseEstimate(10.0, Pose2(12.0, 2.0, 0.5)), 10.0)
    inside = replace(FINDING, x_m=11.0, y_m=1.0, photo=PHOTO)
    mailbox.store(FINDINGS, inside, 10.0)
    mailbox.store(PATROL_EVENTS, replace(EVENT, pose=Pose2(12.0, 2.0, 0.5)), 10.0)
    (incident,) = recorder.step(mailbox.snapshot(), 10.0).of(INCIDENTS)
    assert (incident.incident_id, incident.finding_id) == (REFUSED, inside.finding_id)
    assert math.isnan(incident.x_m) and math.isnan(incident.y_m) and not incident.has_photo
    recorder.close()
    reader = opened(RecordReader(tmp_path))
    assert reader.incidents() == [] and reader.samples(0.0, 100.0) == []
    assert not any(reader.photos.glob("*"))
    (event,) = reader.events("p1")
    assert event.kind == EVENT.kind and math.isnan(event.pose.x_m) and math.isnan(event.pose.y_m)


@pytest.mark.parametrize("kind", [FindingKind.REPORT, FindingKind.EMERGENCY])
def test_what_people_say_in_a_privacy_zone_is_kept_without_its_place(
    kind: FindingKind, tmp_path: Path, opened: Open
) -> None:
    recorder = Recorder(tmp_path, SITE, RecordsParams(commit_period_s=0.0))
    recorder.setup()
    mailbox = Mailbox(recorder.reads)
    inside = replace(FINDING, kind=kind, x_m=11.0, y_m=1.0, photo=PHOTO, before=BEFORE)
    mailbox.store(FINDINGS, inside, 10.0)
    (incident,) = recorder.step(mailbox.snapshot(), 10.0).of(INCIDENTS)
    assert incident.incident_id != REFUSED and math.isnan(incident.x_m)
    recorder.close()
    reader = opened(RecordReader(tmp_path))
    (stored,) = reader.incidents()
    assert stored.kind is kind and stored.reason == FINDING.reason
    assert math.isnan(stored.x_m) and math.isnan(stored.y_m)
    assert stored.photo is None and stored.before is None
    assert not any(reader.photos.glob("*"))


def test_a_verdict_on_what_has_no_place_comes_back(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    nowhere = replace(FINDING, kind=FindingKind.REPORT, x_m=math.nan, y_m=math.nan)
    (incident,) = store.add([nowhere])
    verdict = IncidentVerdict(
        20.0, "v1", incident.incident_id, VerdictKind.TRUE, "op", "seen", math.nan, math.nan
    )
    store.add(verdicts=[verdict])
    (stored,) = opened(RecordReader(tmp_path)).incidents()
    assert stored.verdict is not None and stored.verdict.verdict is VerdictKind.TRUE
    assert math.isnan(stored.verdict.x_m)


def test_retention_forgets_photos_before_incidents(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    pictured = replace(FINDING, photo=PHOTO, before=BEFORE)
    store.add([pictured, replace(FINDING, finding_id="f2", stamp_s=50.0)])
    forget(store, Limits(5.0, 20.0, 5.0))
    reader = opened(RecordReader(tmp_path))
    left = [(incident.photo, incident.before) for incident in reader.incidents()]
    assert left == [(None, None), (None, None)]
    assert not any(reader.photos.glob("*"))
    forget(store, Limits(20.0, 20.0, 20.0))
    assert [incident.finding_id for incident in reader.incidents()] == ["f2"]


def test_damaged_page_is_refused_in_words(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    store.add(events=[replace(EVENT, stamp_s=float(i)) for i in range(2000)])
    store.close()
    with (tmp_path / "records.db").open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096 * 4))
    with pytest.raises(StoreError, match=r"records\.db.*to do"):
        RecordStore(tmp_path)


def test_full_disk_keeps_the_old_and_refuses_the_new(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    store.add([FINDING])
    (pages,) = store._db.rows("PRAGMA page_count")
    store._db.run(f"PRAGMA max_page_count={pages['page_count']}")
    many = [replace(EVENT, stamp_s=float(i)) for i in range(5000)]
    with pytest.raises(StoreError, match=r"full.*free disk space"):
        store.add(events=many)
    reader = opened(RecordReader(tmp_path))
    assert len(reader.incidents()) == 1
    assert reader.patrol_ids() == []


def test_newer_records_are_left_alone(tmp_path: Path) -> None:
    RecordStore(tmp_path).close()
    database = sqlite3.connect(tmp_path / "records.db")
    database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(StoreError, match="version 99"):
        RecordStore(tmp_path)


VERDICT = IncidentVerdict(20.0, "v1", 1, VerdictKind.FALSE, "ann", "a shadow", 1.0, 2.0)
ACT = IncidentAct(20.0, "a1", 1, ActKind.ACKNOWLEDGE, "ann", "on my way")
LOOK = SpotNumbers(20, 12, 0, 9, 2.5, 3.25, 0.5, 0.75, 0.5, 0.25)
CANDIDATE = Candidate(12.0, "c1", "f1", 9.0, 1.0, 2.0, False, (LOOK, replace(LOOK, scans=40)))


def test_verdicts_come_back_with_their_incident_and_the_newest_counts(
    tmp_path: Path, opened: Open
) -> None:
    store = opened(RecordStore(tmp_path))
    store.add([FINDING])
    later = replace(VERDICT, verdict_id="v0", stamp_s=30.0, verdict=VerdictKind.TRUE)
    known = replace(later, verdict_id="v2", stamp_s=25.0, verdict=VerdictKind.KNOWN, hours="daily")
    store.add(verdicts=[later, VERDICT])
    store.add(verdicts=[VERDICT, known, replace(VERDICT, who="somebody else")])
    (incident,) = opened(RecordReader(tmp_path)).incidents()
    assert incident.verdicts == (VERDICT, known, later)
    assert incident.verdict == later


def test_nothing_that_was_said_is_ever_changed(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    store.add([FINDING], [EVENT], verdicts=[VERDICT], acts=[ACT])
    for change in (
        "incident_verdicts SET verdict = 'true'",
        "incident_acts SET who = 'somebody'",
        "patrol_events SET message = ''",
    ):
        with pytest.raises(StoreError, match="never changed"):
            store._db.run(f"UPDATE {change}")


def test_the_newest_word_of_a_candidate_comes_back(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    grown = replace(CANDIDATE, stamp_s=15.0, moved=True)
    store.add(candidates=[grown, CANDIDATE, replace(CANDIDATE, candidate_id="c0")])
    reader = opened(RecordReader(tmp_path))
    assert reader.candidates() == [replace(CANDIDATE, candidate_id="c0"), grown]


def test_candidates_go_with_tracks_and_verdicts_with_their_incident(
    tmp_path: Path, opened: Open
) -> None:
    store = opened(RecordStore(tmp_path))
    missed = replace(VERDICT, verdict_id="v3", incident_id=0, verdict=VerdictKind.MISSED)
    store.add([FINDING], verdicts=[VERDICT, missed], candidates=[CANDIDATE])
    forget(store, Limits(5.0, 5.0, 13.0))
    reader = opened(RecordReader(tmp_path))
    assert reader.candidates() == [] and len(reader.verdicts()) == 2
    forget(store, Limits(25.0, 25.0, 25.0))
    assert reader.verdicts() == []


def test_recorder_dates_verdicts_by_their_arrival_and_keeps_candidates(
    tmp_path: Path, opened: Open
) -> None:
    recorder = Recorder(tmp_path, SITE, RecordsParams(), 1e9)
    recorder.setup()
    mailbox = Mailbox(recorder.reads)
    recorder.step(mailbox.snapshot(), 99.0)
    mailbox.store(INCIDENT_VERDICTS, VERDICT, 100.0)
    mailbox.store(CANDIDATES, CANDIDATE, 100.0)
    recorder.step(mailbox.snapshot(), 100.0)
    reader = opened(RecordReader(tmp_path))
    assert reader.verdicts() == [replace(VERDICT, stamp_s=1e9 + 100.0)]
    (kept,) = reader.candidates()
    assert (kept.stamp_s, kept.first_seen_s) == (1e9 + 12.0, 1e9 + 9.0)
    recorder.close()


def test_one_process_writes(tmp_path: Path, opened: Open) -> None:
    opened(RecordStore(tmp_path))
    with pytest.raises(StoreInUseError, match="another process writes"):
        RecordStore(tmp_path)
