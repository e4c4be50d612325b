"""What the mission decides is on record: when, where and why, in the order in which it was."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

from tests.mission_robot import Robot, make_site
from tests.unit.test_mission_outbox import step

from patrol_core.topics import PATROL_COMMAND
from patrol_core.types.mission import PatrolCommand, PatrolVerb
from patrol_mission.outbox import EventOutbox
from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore


def eventful() -> Robot:
    """A patrol with a blocked way, a pause, a skipped checkpoint and a stop."""
    robot = Robot(make_site())
    robot.fail["follow_route"] = 2
    robot.start(laps=3)
    robot.tick(30)
    robot.ignore.add("follow_route")
    robot.tick(5)
    for verb in (PatrolVerb.PAUSE, PatrolVerb.RESUME, PatrolVerb.SKIP, PatrolVerb.STOP):
        robot._put(PATROL_COMMAND, PatrolCommand(robot.now_s, verb, "anna"))
        robot.tick(5)
    robot.tick(60)
    return robot


def test_every_decision_has_a_time_a_place_and_a_reason() -> None:
    robot = eventful()
    assert {"patrol_started", "leg_failed", "operator_command", "patrol_ended"} <= set(
        robot.kinds()
    )
    for event in robot.events:
        assert event.patrol_id and event.kind and event.message, event
        assert math.isfinite(event.stamp_s + event.pose.x_m + event.pose.y_m), event


def test_decisions_come_back_in_order_and_none_is_lost(tmp_path: Path) -> None:
    said = eventful().events
    outbox = EventOutbox(tmp_path / "events.jsonl")
    for event in said:
        outbox.add(event)
    numbered = [event for tick in range(10) for event in step(outbox, 0.1 * tick)]
    assert len(numbered) == len(said)
    with closing(RecordStore(tmp_path)) as store:
        store.add(events=numbered[::-1])
        store.add(events=numbered)
    with closing(RecordReader(tmp_path)) as reader:
        assert reader.events("p1") == numbered
        last_s = numbered[-1].stamp_s
        assert reader.events_between(last_s, last_s) == [
            event for event in numbered if event.stamp_s == last_s
        ]
