"""The Foxglove WebSocket protocol, version 1, as far as a server needs it that only tells.

https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from patrol_console.errors import ConsoleError

SUBPROTOCOLS = ("foxglove.sdk.v1", "foxglove.websocket.v1")
"""The newer name first; what is used here is the same in both."""
MAX_MESSAGE = 2**13
"""Bytes of what a client may say at once."""

_MESSAGE_HEAD = struct.Struct("<BIQ")
_TIME = struct.Struct("<BQ")
_MESSAGE_CODE, _TIME_CODE = 1, 2
_MAX_ID = 2**32 - 1


class Level(IntEnum):
    """Of a status."""

    INFO = 0
    WARNING = 1
    ERROR = 2


class SaidError(ConsoleError):
    """A client has said something that a server which only tells does not take."""


@dataclass(frozen=True, slots=True)
class Channel:
    """`ros_type` as in `sensor_msgs/msg/LaserScan`; `definition`: its text (ros2msg)."""

    number: int
    topic: str
    ros_type: str
    definition: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`subscribe`: the client's own number of each subscription, and that of its channel."""

    subscribe: tuple[tuple[int, int], ...] = ()
    unsubscribe: tuple[int, ...] = ()


def server_info(name: str, session: str) -> str:
    """No capability but `time`: nothing can be published, called or set."""
    return json.dumps(
        {"op": "serverInfo", "name": name, "capabilities": ["time"], "sessionId": session}
    )


def advertisement(channels: Iterable[Channel]) -> str:
    told = [
        {
            "id": channel.number,
            "topic": channel.topic,
            "encoding": "cdr",
            "schemaName": channel.ros_type,
            "schema": channel.definition,
            "schemaEncoding": "ros2msg",
        }
        for channel in channels
    ]
    return json.dumps({"op": "advertise", "channels": told})


def status(level: Level, text: str) -> str:
    return json.dumps({"op": "status", "level": int(level), "message": text})


def message_frame(subscription: int, received_s: float, data: bytes) -> bytes:
    return _MESSAGE_HEAD.pack(_MESSAGE_CODE, subscription, _nanoseconds(received_s)) + data


def time_frame(now_s: float) -> bytes:
    return _TIME.pack(_TIME_CODE, _nanoseconds(now_s))


def _nanoseconds(stamp_s: float) -> int:
    return max(round(stamp_s * 1e9), 0)


def read(said: str | bytes) -> Asked:
    """What a client has said. Raises SaidError."""
    if isinstance(said, bytes):
        raise SaidError("bytes are not taken: nothing can be published or called here")
    try:
        document = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise SaidError("a message is one JSON object") from error
    if not isinstance(document, dict):
        raise SaidError("a message is one JSON object")
    if document.get("op") == "subscribe":
        return Asked(subscribe=tuple(map(_pair, _list(document, "subscriptions"))))
    if document.get("op") == "unsubscribe":
        return Asked(unsubscribe=tuple(map(_id, _list(document, "subscriptionIds"))))
    raise SaidError("'op' is subscribe or unsubscribe: nothing else is offered here")


def _list(document: dict[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    if not isinstance(found, list):
        raise SaidError(f"'{name}' is a list")
    return found


def _pair(one: object) -> tuple[int, int]:
    if not isinstance(one, dict):
        raise SaidError("a subscription is an object with 'id' and 'channelId'")
    return _id(one.get("id")), _id(one.get("channelId"))


def _id(one: object) -> int:
    if not isinstance(one, int) or isinstance(one, bool) or not 0 <= one <= _MAX_ID:
        raise SaidError("an id is a whole number from 0 to 4294967295")
    return one
