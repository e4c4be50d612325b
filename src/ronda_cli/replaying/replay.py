"""Feeds a process what it was fed, tick by tick, and compares what it says with what it said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rclpy.serialization import deserialize_message

from patrol_core.actions import ACTIONS, SERVICES
from patrol_core.tick_log import Life, Tick, Told, digest_of, value_as_json
from patrol_core.topics import TOPICS, Topic
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.wire import RosWire, is_exact
from patrol_records.bags.reading import Bag
from ronda_cli.replaying.cores import start
from ronda_cli.replaying.differing import FieldDifference, first_difference

_ROWS: dict[str, Topic[Any]] = {
    row.name: row
    for row in (
        *TOPICS,
        *(row for a in ACTIONS for row in (a.goal, a.feedback, a.result, a.cancel)),
        *(row for s in SERVICES for row in (s.request, s.response)),
    )
}
Messages = Mapping[tuple[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first says something else. `tick` counts from 1."""

    process: str
    tick: int
    now_s: float
    row: str
    found: FieldDifference

    def __str__(self) -> str:
        return (
            f"{self.process}, tick {self.tick} at {self.now_s:.3f} s, '{self.row}', "
            f"{self.found.field}: recorded {self.found.recorded}, replayed {self.found.replayed}"
        )


@dataclass(slots=True)
class Outcome:
    """Of one process. `compared`: words by row; `differing` of them; `missing`: messages that it
    saw, or said in types of others, and that the bag does not have; `silent`: words in types of
    others that nobody listened to."""

    process: str
    ticks: int = 0
    compared: dict[str, int] = field(default_factory=dict)
    differing: dict[str, int] = field(default_factory=dict)
    inputs: int = 0
    missing: int = 0
    silent: int = 0
    first: Difference | None = None

    @property
    def is_equal(self) -> bool:
        return self.first is None and not self.missing and bool(self.compared)


def messages_of(bag: Bag, namespace: str = "") -> dict[tuple[str, str], bytes]:
    """Those of the topic table by row and digest. Raises StoreError."""
    prefix = f"/{namespace.strip('/')}/" if namespace.strip("/") else "/"
    return {
        (said.topic.removeprefix(prefix), digest_of(said.data)): said.data
        for said in bag.messages()
        if said.topic.removeprefix(prefix) in _ROWS
    }


def replay(
    lives: Iterable[Life], messages: Messages, folder: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:  # fmt: skip
    """Every life of one process. `progress` hears the number of each tick."""
    outcome: Outcome | None = None
    for life in lives:
        outcome = outcome or Outcome(life.process)
        core = start(life, folder)
        try:
            for tick in life.ticks:
                outcome.ticks += 1
                _feed(core, tick, messages, outcome)
                _compare(core.tick(tick), tick, messages, outcome)
                _compare_seen(core.seen(), tick, outcome)
                progress(outcome.ticks)
        finally:
            core.close()
    assert outcome is not None, "a log has a life at least"
    return outcome


def _feed(core: Any, tick: Tick, messages: Messages, outcome: Outcome) -> None:
    for told in tick.arrived:
        topic = _ROWS[told.row]
        outcome.inputs += 1
        if told.digest is None:
            core.store(topic, told.as_value(topic), told.at_s)
            continue
        data = messages.get((told.row, told.digest))
        if data is None:
            outcome.missing += 1
            continue
        conversion = conversion_of(topic)
        message = deserialize_message(data, conversion.message_type)
        core.store(topic, conversion.from_ros(message), told.at_s)


def _compare(words: Any, tick: Tick, messages: Messages, outcome: Outcome) -> None:
    rows = [topic.name for topic, _ in words]
    recorded = [told.row for told in tick.said]
    if rows != recorded:
        found = FieldDifference("rows", ", ".join(recorded), ", ".join(rows))
        _differs(outcome, tick, "what is said", found)
        for row in recorded:
            outcome.compared[row] = outcome.compared.get(row, 0) + 1
        return
    for (topic, value), told in zip(words, tick.said, strict=True):
        _compare_word(topic, value, told, tick, messages, outcome)


def _compare_word(
    topic: Topic[Any], value: Any, told: Told, tick: Tick, messages: Messages, outcome: Outcome
) -> None:
    if told.digest is None and told.value is None:
        outcome.silent += 1
        return
    found: FieldDifference | None
    if told.digest is None:
        found = first_difference(told.value, value_as_json(value))
    else:
        data, again = messages.get((told.row, told.digest)), _WIRE.encode(topic, value)
        if data is None and not is_exact(topic):
            outcome.missing += 1
            return
        found = _difference(topic, told.digest, data, again)
    outcome.compared[told.row] = outcome.compared.get(told.row, 0) + 1
    if found is not None:
        _differs(outcome, tick, told.row, found)


def _difference(
    topic: Topic[Any], digest: str, data: bytes | None, again: bytes
) -> FieldDifference | None:
    """Of a message that was said, by its digest, and by its fields where the bag has it."""
    if digest_of(again) == digest:
        return None
    if data is None:
        return FieldDifference("digest of the message", digest, digest_of(again))
    kind = conversion_of(topic).message_type
    return first_difference(deserialize_message(data, kind), deserialize_message(again, kind))


def _compare_seen(seen: Mapping[str, Mapping[str, int]], tick: Tick, outcome: Outcome) -> None:
    """The numbers that the log has of its own, beside what was fed."""
    for part, numbers in seen.items():
        recorded = tick.seen.get(part, [numbers])[0]
        if recorded != numbers and not outcome.missing:
            found = first_difference(dict(recorded), dict(numbers))
            assert found is not None
            _differs(outcome, tick, f"what '{part}' sees", found)


def _differs(outcome: Outcome, tick: Tick, row: str, found: FieldDifference) -> None:
    outcome.differing[row] = outcome.differing.get(row, 0) + 1
    if outcome.first is None:
        outcome.first = Difference(outcome.process, outcome.ticks, tick.now_s, row, found)


_WIRE = RosWire()
