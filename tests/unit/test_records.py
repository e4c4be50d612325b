"""The record store: what is acknowledged is durable; damage and full disks are told in words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from patrol_core.bus import Mailbox
from patrol_core.geometry import Pose2
from patrol_core.site.model import Retention
from patrol_core.topics import AMCL_POSE, FINDINGS, INCIDENTS, PATROL_EVENTS
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_core.types.sensors import CompressedImage
from patrol_records.errors import StoreError
from patrol_records.params import RecordsParams
from patrol_records.reader import RecordReader
from patrol_records.recorder import Recorder
from patrol_records.store import RecordStore

PHOTO = CompressedImage(3.0, "camera_optical_frame", "jpeg", b"\xff\xd8 not really")
FINDING = Finding(
    "f1", 1, 10.0, FindingKind.OBJECT, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0, "stands where it is free",
    (Measure("age", 4.0, 3.0, "s"),),
)  # fmt: skip
EVENT = PatrolEvent(5.0, "p1", "checkpoint_reached", "a", "north gate", Pose2(1.0, 2.0, 0.3))


T = TypeVar("T", RecordStore, RecordReader)


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
    later = replace(FINDING, revision=2, kind=FindingKind.OBSTRUCTION, photo=PHOTO)
    again = store.add([later, FINDING])
    assert {first.incident_id} == {incident.incident_id for incident in again}
    reader = opened(RecordReader(tmp_path))
    (incident,) = reader.incidents()
    assert (incident.revision, incident.kind) == (2, FindingKind.OBSTRUCTION)
    assert incident.evidence == FINDING.evidence
    assert incident.photo
    assert (reader.photos / incident.photo).read_bytes() == PHOTO.data


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
    recorder = Recorder(tmp_path, Retention(30, 30, 30), RecordsParams(commit_period_s=0.0), 1e9)
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


def test_retention_forgets_photos_before_incidents(tmp_path: Path, opened: Open) -> None:
    store = opened(RecordStore(tmp_path))
    store.add([replace(FINDING, photo=PHOTO), replace(FINDING, finding_id="f2", stamp_s=50.0)])
    store.remove_before(incidents_s=5.0, photos_s=20.0, samples_s=5.0)
    reader = opened(RecordReader(tmp_path))
    assert [incident.photo for incident in reader.incidents()] == [None, None]
    assert list(reader.photos.iterdir()) == []
    store.remove_before(incidents_s=20.0, photos_s=20.0, samples_s=20.0)
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
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count={pages}")
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
