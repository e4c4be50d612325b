"""Events of patrols are said until they are stored, whatever restarts in between."""

from __future__ import annotations

import errno
import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.component import Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.topics import PATROL_EVENTS, STORED_EVENTS
from patrol_core.types.mission import PatrolEvent, StoredEvent
from patrol_mission.outbox import AT_ONCE, EventOutbox

EVENT = PatrolEvent(5.0, "p1", "checkpoint_reached", "a", "north gate", Pose2(1.0, 2.0, 0.3))
NOWHERE = PatrolEvent(6.0, "p1", "lost", "", "no pose", Pose2(math.nan, math.nan, math.nan))


def step(outbox: EventOutbox, now_s: float, *stored: PatrolEvent) -> list[PatrolEvent]:
    """One tick at which records say what they have stored; what is said."""
    news = tuple(StoredEvent(now_s, event.patrol_id, event.number) for event in stored)
    outputs = Outputs()
    outbox.step(Inputs({}, {STORED_EVENTS.name: news} if news else {}), outputs, now_s)
    return outputs.of(PATROL_EVENTS)


def started(folder: Path) -> EventOutbox:
    outbox = EventOutbox(folder / "events.jsonl")
    outbox.setup()
    return outbox


def test_an_event_is_said_again_until_it_is_stored(tmp_path: Path) -> None:
    outbox = started(tmp_path)
    outbox.add(EVENT)
    (said,) = step(outbox, 10.0)
    assert said.number == 1 and said.message == "north gate"
    assert step(outbox, 11.9) == [] and step(outbox, 12.0) == [said]
    assert step(outbox, 3.0) == [said], "a clock that was set back silences nothing"
    other = PatrolEvent(0.0, "another patrol", "k", "", "", Pose2(0.0, 0.0), 1)
    assert step(outbox, 4.0, other) == [] and outbox.unstored == 1
    assert step(outbox, 30.0, said, said) == [] and outbox.unstored == 0


def test_what_was_not_stored_outlives_the_process(tmp_path: Path) -> None:
    outbox = started(tmp_path)
    outbox.add(EVENT)
    (first,) = step(outbox, 10.0)
    step(outbox, 10.1, first)
    outbox.add(NOWHERE)
    step(outbox, 10.2)
    after = started(tmp_path)
    again = step(after, 50.0)
    assert [event.number for event in again] == [1, 2] and again[0] == first
    assert math.isnan(again[1].pose.x_m) and again[1].message == "no pose"
    step(after, 50.1, *again)
    after.add(EVENT)
    assert [event.number for event in step(after, 50.2)] == [3]


def test_numbers_go_on_when_everything_was_stored(tmp_path: Path) -> None:
    outbox = started(tmp_path)
    for count in range(5):
        outbox.add(EVENT)
        step(outbox, float(count), *step(outbox, float(count)))
    after = started(tmp_path)
    step(after, 20.0, *step(after, 10.0))
    last = started(tmp_path)
    last.add(EVENT)
    assert max(event.number for event in step(last, 30.0)) == 6


def test_many_are_said_in_order_and_a_few_at_a_time(tmp_path: Path) -> None:
    outbox = started(tmp_path)
    for _ in range(3 * AT_ONCE):
        outbox.add(EVENT)
    said = [[event.number for event in step(outbox, 0.1 * tick)] for tick in range(4)]
    assert [len(numbers) for numbers in said] == [AT_ONCE, AT_ONCE, AT_ONCE, 0]
    assert [n for numbers in said for n in numbers] == list(range(1, 3 * AT_ONCE + 1))


def test_a_full_disk_stops_no_patrol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = started(tmp_path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        outbox.add(EVENT)
        assert len(step(outbox, 10.0)) == 1
        assert "No space left" in outbox.problem
    step(outbox, 11.0)
    assert outbox.problem == ""
    assert [event.number for event in step(started(tmp_path), 20.0)] == [1]


def test_the_file_begins_anew_when_it_is_long_and_all_is_stored(tmp_path: Path) -> None:
    outbox, path = started(tmp_path), tmp_path / "events.jsonl"
    for _ in range(400):
        outbox.add(EVENT)
    said: list[PatrolEvent] = []
    for tick in range(50):
        said = step(outbox, 0.1 * tick, *said)
    assert outbox.unstored == 0 and path.stat().st_size < 1000
    assert step(started(tmp_path), 100.0) == []


def test_an_event_without_a_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="what happened"):
        started(tmp_path).add(PatrolEvent(0.0, "p", "", "", "", Pose2(0.0, 0.0)))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_file_keeps_what_is_whole(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int, byte: int
) -> None:
    folder = tmp_path_factory.mktemp("outbox")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        outbox, path = started(folder), folder / "events.jsonl"
        outbox.add(EVENT)
        step(outbox, 1.0)
        whole = path.read_bytes()
        path.write_bytes(whole + b"\n" + junk)
        assert EVENT.message in [event.message for event in step(started(folder), 2.0)]
        data = bytearray(whole)
        data[at % len(data)] = byte
        path.write_bytes(bytes(data))
        assert started(folder).unstored <= 2
