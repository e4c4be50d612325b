"""The tables agree with each other, and the bus keeps the promises of their rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrol_core import topics
from patrol_core.actions import ACTIONS, SERVICES
from patrol_core.bus import Bus, Mailbox
from patrol_core.errors import QueueOverflowError
from patrol_core.geometry import Pose2
from patrol_core.processes import PROCESSES
from patrol_core.topics import TOPICS, TopicKind
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.motion import PoseEstimate

PROCESS_NAMES = {process.name for process in PROCESSES} | {"cli"}


def pose(x_m: float) -> PoseEstimate:
    return PoseEstimate(0.0, Pose2(x_m, 0.0))


def event(stamp_s: float) -> PatrolEvent:
    return PatrolEvent(stamp_s, "p", "k", "s", "m", Pose2(0.0, 0.0))


def test_names_are_unique_relative_and_written_by_known_processes() -> None:
    rows = [
        *TOPICS,
        *(r for a in ACTIONS for r in (a.goal, a.feedback, a.result, a.cancel)),
        *(r for s in SERVICES for r in (s.request, s.response)),
    ]
    names = [row.name for row in rows]
    assert len(names) == len(set(names))
    assert not any(name.startswith(("/", "~")) for name in names)
    for row in rows:
        assert row.writers and set(row.writers) <= PROCESS_NAMES, row.name
        assert row.rate_hz == 0.0 or row.kind is TopicKind.EVENT or row.stale_s > 1.0 / row.rate_hz


def test_state_rows_keep_the_newest_and_go_stale() -> None:
    mailbox = Mailbox([topics.AMCL_POSE])
    for x_m in (1.0, 2.0):
        mailbox.store(topics.AMCL_POSE, pose(x_m), 10.0)
    inputs = mailbox.snapshot()
    sample = inputs.sample(topics.AMCL_POSE)
    assert sample is not None and sample.sequence == 2
    assert inputs.fresh(topics.AMCL_POSE, 10.4) == pose(2.0)
    assert inputs.fresh(topics.AMCL_POSE, 10.6) is None
    assert mailbox.snapshot().latest(topics.AMCL_POSE) == pose(2.0)


def test_event_rows_lose_nothing_and_overflow_loudly() -> None:
    for row, bound in (
        (topics.PATROL_EVENTS, 2 * topics.PATROL_EVENTS.queue),
        (replace(topics.PATROL_EVENTS, qos=topics.Qos.RELIABLE), topics.PATROL_EVENTS.queue),
    ):
        mailbox = Mailbox([row])
        for stamp in range(bound):
            mailbox.store(row, event(stamp), 0.0)
        with pytest.raises(QueueOverflowError, match="patrol_events"):
            mailbox.store(row, event(bound), 0.0)
        stamps = [e.stamp_s for e in mailbox.snapshot().events(row)]
        assert stamps == list(range(bound))
        assert mailbox.snapshot().events(row) == ()


def test_bus_delivers_late_and_in_order() -> None:
    bus, mailbox = Bus(latency_s=0.02), Mailbox([topics.PATROL_EVENTS])
    bus.attach(mailbox, "records")
    bus.publish(topics.PATROL_EVENTS, event(1.0), 0.00, "mission")
    bus.publish(topics.PATROL_EVENTS, event(2.0), 0.01, "mission")
    bus.deliver(0.02)
    assert [e.stamp_s for e in mailbox.snapshot().events(topics.PATROL_EVENTS)] == [1.0]
    bus.publish(topics.PATROL_EVENTS, event(3.0), 0.01, "records")
    bus.deliver(0.03)
    assert [e.stamp_s for e in mailbox.snapshot().events(topics.PATROL_EVENTS)] == [2.0]


def test_latched_rows_reach_late_readers() -> None:
    bus = Bus()
    row = replace(topics.AMCL_POSE, qos=topics.Qos.LATCHED)
    bus.publish(row, pose(5.0), 0.0, "mission")
    bus.deliver(0.0)
    mailbox = Mailbox([row])
    bus.attach(mailbox, "records")
    assert mailbox.snapshot().latest(row) == pose(5.0)
