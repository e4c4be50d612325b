"""The engineers' bridge without a line: what it may show, and how much waits for a client."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flight_rig import GATE, INCIDENT

from patrol_console.foxglove.hub import Hub
from patrol_console.foxglove.outbox import MAX_BYTES, MAX_MESSAGES, Message, Outbox
from patrol_console.foxglove.protocol import Channel, SaidError, read
from patrol_console.foxglove.rows import SHOWN, nameless
from patrol_core.component import Inputs, Sample
from patrol_core.geometry import Pose2
from patrol_core.robot import load_robot
from patrol_core.topics import (
    CAMERA_BLURRED,
    DIALOGUE,
    FINDINGS,
    GATE_RESET,
    OPERATOR_ACTS,
    OPERATOR_LINES,
    TELEOP_LEASE,
    UNBLURRED,
)
from patrol_core.types.mission import PatrolEvent, PatrolState, PatrolStatus
from patrol_core.types.perception import FindingKind
from patrol_core.types.sensors import CompressedImage, DepthImage, ThermalImage
from patrol_core.types.status import Health, HealthLevel, TeleopLease
from patrol_gate.authority import choose
from patrol_gate.params import GateParams
from patrol_records.flight.rows import KEPT, VIEWED, WORDED
from ronda_cli.environment.paths import ROOT

NAME, WORDS = "anna", "my neighbour has a key"
CHANNELS = tuple(Channel(n, f"/row{n}", "a/msg/B", "int8 x") for n in (1, 2, 3))
LATCHED = 3


def test_it_shows_a_recordings_rows_what_is_drawn_of_them_and_no_picture_but_the_blurred_one() -> (
    None
):
    drawn = {row.topic for row in VIEWED}
    assert {row.name for row in drawn} == {
        "robot_description", "site_markers", "markers", "trajectories", "particle_cloud"
    }  # fmt: skip
    assert {*SHOWN} < {row.topic for row in KEPT} | drawn
    assert WORDED - {row.name for row in SHOWN} == {GATE_RESET.name}
    never = (*UNBLURRED, FINDINGS, DIALOGUE, OPERATOR_LINES, OPERATOR_ACTS, GATE_RESET)
    assert not {*SHOWN} & {*never}
    pictures = (CompressedImage, DepthImage, ThermalImage)
    assert [row for row in SHOWN if row.value_type in pictures] == [CAMERA_BLURRED]


def test_rows_that_a_recording_has_to_read_for_their_words_are_never_passed_on_unread() -> None:
    assert {row.topic.name for row in KEPT if not row.is_heard} < WORDED


def gate_says(**lease: Any) -> str:
    """The gate's own words about who has the robot."""
    robot = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
    sample = Sample(TeleopLease(1.0, **lease), 1.0, 1)
    wish = choose(Inputs({TELEOP_LEASE.name: sample}, {}), GateParams(), robot.drive, 1.0, 0.0)
    assert wish.reason is not None and lease["holder"] in wish.reason.text
    return wish.reason.text


@pytest.mark.parametrize(
    "value",
    [
        TeleopLease(1.0, NAME, True),
        replace(GATE, reasons=(gate_says(holder=NAME, dead_man=False),)),
        replace(GATE, reasons=(f"reset by {NAME} refused: bumper pressed", "limited")),
        PatrolStatus(1.0, "p", PatrolState.PAUSED, "r", 1, 1, "", 0.5, f"paused by {NAME}"),
        PatrolEvent(1.0, "p", "operator_command", "stop", f"by {NAME}", Pose2(0.0, 0.0)),
        PatrolEvent(1.0, "p", "call", "", f"A visitor reports: {WORDS}", Pose2(0.0, 0.0)),
        replace(INCIDENT, reason=f"a visitor reports: {WORDS}"),
        Health(1.0, "mission", HealthLevel.WARN, f"stopped by {NAME}"),
    ],
)
def test_names_and_visitors_words_are_taken_out(value: Any) -> None:
    shown = nameless(value)
    assert type(shown) is type(value) and shown != value
    assert NAME not in str(shown) and WORDS not in str(shown)


def test_other_words_stay_as_they_are() -> None:
    for value in (TeleopLease(1.0, "", False), GATE, INCIDENT):
        assert nameless(value) == value


@pytest.mark.parametrize("kind", [kind for kind in FindingKind if kind.from_people])
def test_what_people_have_told_is_not_shown_at_all(kind: FindingKind) -> None:
    assert nameless(replace(INCIDENT, kind=kind)) is None


def frames(outbox: Outbox) -> list[tuple[int, bytes]]:
    """Subscription and data of all that waits."""
    found = []
    while (frame := outbox.take()) is not None:
        assert isinstance(frame, bytes) and frame[0] == 1
        found.append((struct.unpack_from("<I", frame, 1)[0], frame[13:]))
    return found


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2 * MAX_BYTES)), max_size=40))
@settings(max_examples=30, deadline=None)
def test_a_client_that_reads_nothing_keeps_the_newest_in_order_and_bounded(
    puts: list[tuple[int, int]],
) -> None:
    outbox = Outbox()
    for channel in (1, 2):
        assert not outbox.subscribe(channel + 10, channel)
    sent: dict[int, list[bytes]] = {11: [], 12: []}
    for n, (channel, size) in enumerate(puts):
        data = bytes([n]) + bytes(size)
        outbox.put(channel, Message(1.0, data))
        sent.get(channel + 10, []).append(data)
    got = frames(outbox)
    for subscription, all_sent in sent.items():
        waiting = [data for one, data in got if one == subscription]
        assert waiting == all_sent[len(all_sent) - len(waiting) :]
        assert bool(waiting) == bool(all_sent)
        assert len(waiting) <= 1 or sum(map(len, waiting)) <= MAX_BYTES


def test_small_messages_are_bounded_in_number_and_rows_take_turns() -> None:
    outbox = Outbox()
    for channel in (1, 2):
        outbox.subscribe(channel, channel)
    for _ in range(3 * MAX_MESSAGES):
        outbox.put(1, Message(1.0, b""))
    outbox.put(2, Message(1.0, b"rare"))
    got = frames(outbox)
    assert len(got) == MAX_MESSAGES + 1 and got[1] == (2, b"rare")


def test_nothing_waits_of_a_row_that_is_no_longer_wanted() -> None:
    outbox = Outbox()
    outbox.subscribe(5, 1)
    outbox.put(1, Message(1.0, b"a"))
    assert not outbox.unsubscribe(5) and outbox.take() is None
    assert outbox.channels == frozenset()


@given(st.text() | st.binary())
@settings(max_examples=40, deadline=None)
def test_no_text_and_no_bytes_break_the_reader(said: str | bytes) -> None:
    with pytest.raises(SaidError):
        read(said)


def test_deep_json_is_refused() -> None:
    with pytest.raises(SaidError, match="JSON object"):
        read("[" * 60_000)


def hub() -> Hub:
    return Hub("r7", "run", CHANNELS, frozenset({LATCHED}))


def joined(made: Hub) -> Outbox:
    """A client that has read its greeting."""
    client = made.join()
    assert [json.loads(str(made.take(client)))["op"] for _ in range(2)] == [
        "serverInfo", "advertise",
    ]  # fmt: skip
    return client


def subscribe(made: Hub, client: Outbox, *pairs: tuple[int, int]) -> None:
    told = [{"id": one, "channelId": channel} for one, channel in pairs]
    made.answer(client, json.dumps({"op": "subscribe", "subscriptions": told}))


def test_who_comes_later_gets_what_is_latched_and_nothing_else_that_is_old() -> None:
    made = hub()
    first, second = joined(made), joined(made)
    subscribe(made, first, (0, 1), (1, LATCHED))
    for channel in (1, LATCHED):
        made.publish(channel, Message(1.0, b"old"))
    subscribe(made, second, (7, 1), (8, LATCHED))
    assert frames(first) == [(0, b"old"), (1, b"old")]
    assert frames(second) == [(8, b"old")]


def test_what_nobody_wants_is_forgotten() -> None:
    made = hub()
    client = joined(made)
    subscribe(made, client, (1, LATCHED), (2, 2))
    assert made.wanted() == {LATCHED, 2}
    made.publish(LATCHED, Message(1.0, b"old"))
    made.leave(client)
    assert made.wanted() == frozenset()
    other = joined(made)
    subscribe(made, other, (1, LATCHED))
    assert frames(other) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["subscribe", "unsubscribe"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["op", "subscriptions", "subscriptionIds", "id", "channelId"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_no_json_breaks_the_hub(document: object) -> None:
    made = hub()
    client = joined(made)
    made.answer(client, json.dumps(document))
    assert made.wanted() <= {1, 2, 3}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('{"op": "subscribe", "subscriptions": [{"id": 1, "channelId": 9}]}', "no channel 9"),
        ('{"op": "subscribe", "subscriptions": [{"id": 1}]}', "whole number"),
        ('{"op": "subscribe", "subscriptions": [{"id": true, "channelId": 1}]}', "whole number"),
        ('{"op": "subscribe", "subscriptions": [4]}', "'id' and 'channelId'"),
        ('{"op": "subscribe"}', "'subscriptions' is a list"),
        ('{"op": "unsubscribe", "subscriptionIds": [3]}', "no subscription 3"),
        ('{"op": "advertise", "channels": []}', "nothing else is offered"),
        ('{"op": "setParameters", "parameters": []}', "nothing else is offered"),
        ("[]", "one JSON object"),
        (b"\x01\0\0\0\0", "nothing can be published"),
    ],
)
def test_what_cannot_be_done_is_told_and_the_rest_is_done(said: str | bytes, words: str) -> None:
    made = hub()
    client = joined(made)
    made.answer(client, said)
    answer = json.loads(str(made.take(client)))
    assert (answer["op"], answer["level"]) == ("status", 2) and words in answer["message"]
    subscribe(made, client, (4, 9), (5, 2))
    assert made.wanted() == {2}


def test_a_subscription_is_made_once() -> None:
    made = hub()
    client = joined(made)
    subscribe(made, client, (1, 1), (1, 2), (2, 1))
    told = [json.loads(str(made.take(client)))["message"] for _ in range(2)]
    assert told == ["subscription 1 is in use", "channel 1 is subscribed to already"]
    assert made.wanted() == {1}


def test_complaints_to_who_reads_nothing_are_bounded() -> None:
    made = hub()
    client = joined(made)
    for _ in range(1000):
        made.answer(client, "no")
    count = 0
    while made.take(client) is not None:
        count += 1
    assert count < 50
