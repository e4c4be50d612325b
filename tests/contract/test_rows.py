"""Rows as publishers: nothing is said that nobody hears, but what late readers are to get."""

from __future__ import annotations

from typing import Any

import pytest

from patrol_core.topics import CAMERA_INFO, GATE_RESET, IMU, PATROL_EVENTS, PATROL_STATUS, Topic
from patrol_host_ros import rows


class Publisher:
    def __init__(self) -> None:
        self.listeners = 0
        self.sent: list[Any] = []

    def get_subscription_count(self) -> int:
        return self.listeners

    def publish(self, message: Any) -> None:
        self.sent.append(message)


class FakeNode:
    def __init__(self) -> None:
        self.publisher = Publisher()

    def create_publisher(self, *_: Any) -> Publisher:
        return self.publisher


class AsIs:
    """A conversion that changes nothing."""

    message_type = object

    @staticmethod
    def to_ros(value: Any) -> Any:
        return value


@pytest.mark.parametrize(
    ("topic", "alone"),
    [(IMU, []), (PATROL_STATUS, []), (GATE_RESET, []), (CAMERA_INFO, [1]), (PATROL_EVENTS, [1])],
    ids=lambda value: value.name if isinstance(value, Topic) else "",
)
def test_a_row_is_said_while_somebody_listens_and_a_latched_one_always(
    topic: Topic[Any], alone: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "conversion_of", lambda _: AsIs)
    node = FakeNode()
    told: list[Any] = []
    put = rows.advertised(node, topic, on_sent=told.append)
    put(1)
    assert node.publisher.sent == told == alone
    node.publisher.listeners = 1
    put(2)
    assert node.publisher.sent == told == [*alone, 2]
