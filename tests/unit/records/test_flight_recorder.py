"""A minute before, half a minute after; what stands at the head; what a crash leaves."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.records import Attachment, Metadata
from tests.flight_rig import EPOCH_S, INCIDENT, Rig, messages_of

from patrol_core.topics import OPERATOR_ACTS
from patrol_core.types.audit import OperatorAct
from patrol_core.types.perception import REFUSED, FindingKind
from patrol_core.types.status import Authority, GateState
from patrol_records.flight import shelf
from patrol_records.flight.mending import mend, whole_records
from patrol_records.flight.params import FlightParams
from patrol_records.flight.shelf import Kept, described


def test_an_incident_has_the_minute_before_it_and_half_a_minute_after(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.run(100.0)
    rig.run(60.0, [INCIDENT])
    rig.recorder.close()
    (kept,) = shelf.shelf(rig.folder)
    assert (kept.from_s - EPOCH_S, kept.to_s - EPOCH_S) == pytest.approx((40.5, 130.5))
    assert kept.is_of(4) and not kept.mended and kept.authority == "mission"
    said = rig.messages()
    for row in ("odom", "scan", "gate_status", "amcl_pose"):
        times = [at_s for at_s, _ in said[row]]
        assert times == pytest.approx([40.5 + 0.5 * n for n in range(181)])
    assert [at_s for at_s, _ in said["incidents"]] == [100.5]
    assert shelf.of_incident(rig.folder, 4) == kept and shelf.of_incident(rig.folder, 5) is None


def test_what_overlaps_shares_a_file_and_what_comes_later_has_its_own(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.run(20.0)
    for number in (1, 2, 2, REFUSED):
        rig.run(20.0, [replace(INCIDENT, incident_id=number)])
    rig.run(100.0)
    rig.run(40.0, [replace(INCIDENT, incident_id=3)])
    rig.recorder.close()
    first, second = shelf.shelf(rig.folder)
    assert [o.incident_id for o in first.occasions] == [1, 2]
    assert first.to_s - EPOCH_S == pytest.approx(70.5), "a later word of an incident adds nothing"
    assert [o.incident_id for o in second.occasions] == [3]


def test_stops_and_hands_on_the_robot_are_occasions_once(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.run(5.0)
    told = replace(rig.gate, authority=Authority.TELEOP)
    for gate in (told, told, replace(told, state=GateState.LATCHED, reasons=("contact",))):
        rig.gate = gate
        rig.run(5.0)
    rig.gate = replace(rig.gate, authority=Authority.ESTOP)
    rig.run(1.0)
    rig.recorder.close()
    (kept,) = shelf.shelf(rig.folder)
    assert [(o.kind, o.words) for o in kept.occasions] == [
        ("teleop", "by teleop"), ("latched_stop", "contact"), ("estop", "by estop"),
    ]  # fmt: skip


def test_the_head_says_under_what_it_was_made_and_who_had_the_robot(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    act = OperatorAct(0.0, "a1", "anna", "supervisor", "drive_taken", "r7", "")
    rig.mailbox.store(OPERATOR_ACTS, act, 0.0)
    rig.run(100.0, holder="anna")
    rig.run(1.0, [INCIDENT], holder="anna")
    rig.recorder.close()
    (file,) = rig.folder.glob("*.mcap")
    records = list(whole_records(file))
    head = next(r.metadata for r in records if isinstance(r, Metadata) and r.name == "ronda")
    assert (head["holder"], head["authority"]) == ("anna", "mission")
    assert head["people"] == '{"anna": "supervisor"}' and head["site_version"] == "3 sha256:ab"
    assert [r.name for r in records if isinstance(r, Attachment)] == ["site.yaml"]
    rows = [(row, message.log_time) for row, message in messages_of(file)]
    assert [row for row, _ in rows[:3]] == ["robot_description", "map", "tf_static"]
    assert {at for _, at in rows[:3]} == {rows[0][1]}, "all at the first moment"


def test_words_of_people_are_not_recorded(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    report = replace(INCIDENT, kind=FindingKind.REPORT, reason="my name is X")
    looked = replace(INCIDENT, incident_id=6, reason="look: A visitor reports: smoke")
    rig.run(1.0, [report, looked])
    rig.recorder.close()
    told = [value.reason for _, value in rig.messages()["incidents"]]
    assert told == ["", "look: A visitor reports something"]


def test_a_crash_leaves_what_was_written_and_it_is_mended_at_the_next_start(
    tmp_path: Path,
) -> None:
    rig = Rig(tmp_path / "before")
    rig.run(200.0)
    rig.run(10.0, [INCIDENT])
    assert rig.recorder._scribe is not None
    rig.recorder._scribe.wait()
    (partial,) = rig.folder.glob("*.partial")
    shutil.copytree(tmp_path / "before", tmp_path / "after")
    rig.recorder.close()
    again = Rig(tmp_path / "after")
    again.recorder.close()
    (kept,) = shelf.shelf(again.folder)
    assert kept.mended and kept.is_of(4)
    assert sorted(file.suffix for file in again.folder.iterdir()) == [".json", ".mcap"]
    assert kept.from_s - EPOCH_S == pytest.approx(140.5), partial.name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rig = Rig(tmp_path_factory.mktemp("whole"))
    rig.run(5.0)
    rig.run(40.0, [INCIDENT])
    rig.recorder.close()
    (file,) = rig.folder.glob("*.mcap")
    return file.read_bytes()


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.binary(max_size=4))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_bytes_break_the_mending(
    tmp_path: Path, whole: bytes, cut: int, place: int, other: bytes
) -> None:
    broken, mended = tmp_path / "x.mcap.partial", tmp_path / "x.mcap"
    place %= len(whole)
    broken.write_bytes((whole[:place] + other + whole[place + len(other) :])[: cut % len(whole)])
    if mend(broken, mended):
        assert list(messages_of(mended))
        described(mended)
        mended.unlink()
    assert not list(tmp_path.iterdir())


def test_retention_is_by_age_and_by_bytes(tmp_path: Path) -> None:
    for number in range(5):
        stamp_s = 100.0 * number
        kept = Kept(f"{number}", stamp_s, stamp_s + 50.0, 1000, (), "mission")
        shelf.recording_file(tmp_path, kept.recording_id).write_bytes(b"")
        shelf.put(tmp_path, kept)
    assert shelf.forget(tmp_path, 120.0, 10_000) == 1
    assert shelf.forget(tmp_path, 120.0, 2500) == 2
    assert [kept.recording_id for kept in shelf.shelf(tmp_path)] == ["3", "4"]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["3.json", "3.mcap", "4.json", "4.mcap"]


def test_a_recording_ends_when_it_is_long_enough(tmp_path: Path) -> None:
    rig = Rig(tmp_path, FlightParams(longest_s=100.0))
    rig.run(60.0)
    for number in range(1, 12):
        rig.run(20.0, [replace(INCIDENT, incident_id=number)])
    rig.recorder.close()
    kept = shelf.shelf(rig.folder)
    assert len(kept) > 1 and all(k.to_s - k.from_s <= 101.0 for k in kept)
    numbers = [o.incident_id for k in kept for o in k.occasions]
    assert sorted(set(numbers)) == list(range(1, 12))


def test_a_disk_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path)
    rig.run(5.0)
    rig.recorder._scribe.wait()  # type: ignore[union-attr]
    shutil.rmtree(rig.folder)
    rig.folder.write_text("no folder")
    rig.run(50.0, [INCIDENT])
    rig.recorder._scribe.wait()  # type: ignore[union-attr]
    assert "the flight recorder cannot write" in caplog.text
    rig.folder.unlink()
    rig.run(50.0, [replace(INCIDENT, incident_id=9)])
    rig.recorder.close()
    (kept,) = shelf.shelf(rig.folder)
    assert kept.is_of(9)


def test_what_a_slow_disk_cannot_take_is_counted(tmp_path: Path) -> None:
    rig = Rig(tmp_path, FlightParams(waiting_mib=1))
    rig.run(1.0, [INCIDENT])
    scribe = rig.recorder._scribe
    assert scribe is not None
    scribe.wait()
    scribe._waiting = 2**20
    rig.run(1.0)
    scribe._waiting = 0
    rig.run(40.0)
    rig.recorder.close()
    (kept,) = shelf.shelf(rig.folder)
    assert kept.lost > 0
