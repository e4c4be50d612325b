"""Whatever is lost between mission and records, whoever is killed: every event is there once."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.unit.test_records import EVENT, SITE

from patrol_core.bus import Mailbox
from patrol_core.component import Inputs, Outputs
from patrol_core.topics import PATROL_EVENTS, STORED_EVENTS
from patrol_core.types.mission import StoredEvent
from patrol_mission.outbox import EventOutbox
from patrol_records.params import RecordsParams
from patrol_records.reader import RecordReader
from patrol_records.recorder import Recorder

TICKS, QUIET = 60, 45


def started_recorder(folder: Path) -> Recorder:
    recorder = Recorder(folder, SITE, RecordsParams(commit_period_s=60.0))
    recorder.setup()
    return recorder


def started_outbox(folder: Path) -> EventOutbox:
    outbox = EventOutbox(folder / "events.jsonl")
    outbox.setup()
    return outbox


def test_every_event_is_stored_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    recorder, outbox = started_recorder(tmp_path), started_outbox(tmp_path)
    told: tuple[StoredEvent, ...] = ()
    added = 0
    for tick in range(TICKS + QUIET):
        now_s = 0.1 * tick
        chance = rng.random(4) if tick < TICKS else np.ones(4)
        if chance[0] < 0.1:
            outbox = started_outbox(tmp_path)
        if chance[1] < 0.1:
            recorder.close()
            recorder = started_recorder(tmp_path)
        for _ in range(int(rng.integers(0, 3)) if tick < TICKS else 0):
            added += 1
            outbox.add(replace(EVENT, stamp_s=now_s, message=f"the {added}th"))
        outputs = Outputs()
        outbox.step(Inputs({}, {STORED_EVENTS.name: told} if told else {}), outputs, now_s)
        mailbox = Mailbox(recorder.reads)
        for event in outputs.of(PATROL_EVENTS) if chance[2] > 0.3 else ():
            mailbox.store(PATROL_EVENTS, event, now_s)
        stored = recorder.step(mailbox.snapshot(), now_s).of(STORED_EVENTS)
        told = tuple(stored) if chance[3] > 0.3 else ()
    recorder.close()
    assert added > 30 and outbox.unstored == 0
    with closing(RecordReader(tmp_path)) as reader:
        events = reader.events("p1")
    assert [event.number for event in events] == list(range(1, added + 1))
    assert [event.message for event in events] == [f"the {n}th" for n in range(1, added + 1)]


def test_a_tick_of_records_does_not_flood_the_mission() -> None:
    """What a late reader of events gets at once is acknowledged at once."""
    assert STORED_EVENTS.queue > 2 * PATROL_EVENTS.queue
