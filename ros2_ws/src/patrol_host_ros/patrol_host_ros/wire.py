"""Rows of the topic table as bytes: the messages themselves, and how they are defined."""

from __future__ import annotations

import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from rclpy.serialization import deserialize_message, serialize_message

from patrol_core.topics import Topic
from patrol_host_ros.conversions import conversion_of
from patrol_host_ros.conversions.common import ConversionError
from patrol_records.flight.codecs import Codecs

T = TypeVar("T")

_RULE = "=" * 80
_FIELD = re.compile(r"^\s*([A-Za-z][\w/]*)(?:<=\d+)?(?:\[[^\]]*\])?\s+\w+", re.MULTILINE)
_BASE_TYPES = frozenset({
    "bool", "byte", "char", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32",
    "uint32", "int64", "uint64", "string", "wstring",
})  # fmt: skip


def is_exact(topic: Topic[Any]) -> bool:
    """Whether the same value is the same bytes, always."""
    return topic.ros_type.startswith("patrol_interfaces/")


class RosWire:
    """As `patrol_core.wire.Wire`.

    rclpy leaves whatever was in memory in the gaps between fields; in our own messages, which may
    have words in them, they are zeros.
    """

    def __init__(self) -> None:
        self._codecs = Codecs()

    def schema(self, topic: Topic[Any]) -> str:
        return definition(topic.ros_type)

    def encode(self, topic: Topic[T], value: T) -> bytes:
        message = bytes(serialize_message(conversion_of(topic).to_ros(value)))
        if not is_exact(topic):
            return message
        decode, encode = self._codecs.of(topic.ros_type, self.schema(topic))
        return encode(decode(message))

    def decode(self, topic: Topic[T], message: bytes) -> T:
        conversion = conversion_of(topic)
        try:
            value: T = conversion.from_ros(deserialize_message(message, conversion.message_type))
        except (ConversionError, RuntimeError) as error:
            raise ValueError(str(error)) from error
        return value


@cache
def definition(ros_type: str) -> str:
    """The text of a message with those of all messages in it (MCAP's `ros2msg`).

    Raises FileNotFoundError where the interface package was installed without its texts.
    """
    package, _, name = ros_type.split("/")
    texts: dict[str, str] = {}
    waiting = [f"{package}/{name}"]
    while waiting:
        asked = waiting.pop(0)
        if asked not in texts:
            texts[asked] = _text_of(asked)
            waiting += _parts(asked, texts[asked])
    first, *others = texts.items()
    parts = [f"{_RULE}\nMSG: {name}\n{text}" for name, text in others]
    return "\n".join((first[1], *parts))


def _parts(asked: str, text: str) -> list[str]:
    package = asked.partition("/")[0]
    bare = re.sub(r"#.*", "", text)
    found = [kind for kind in _FIELD.findall(bare) if kind not in _BASE_TYPES]
    return [kind if "/" in kind else f"{package}/{kind}" for kind in found]


def _text_of(asked: str) -> str:
    package, name = asked.split("/")
    folders = Path(str(importlib.import_module(package).__file__)).parents
    for folder in folders:
        file = folder / "share" / package / "msg" / f"{name}.msg"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise FileNotFoundError(f"no text of {asked} beside its package")
