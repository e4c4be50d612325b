"""One recording as an MCAP file, readable up to its last whole chunk at every moment."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path

from patrol_core.topics import Qos
from patrol_core.whole_file import sync_folder
from patrol_records.flight.head import (
    DESCRIPTION_SCHEMA,
    DESCRIPTION_TOPIC,
    DESCRIPTION_TYPE,
    HEAD,
    OCCASION,
    Head,
    occasion_metadata,
)
from patrol_records.flight.mcap_file import McapFile
from patrol_records.flight.occasions import Occasion
from patrol_records.flight.ring import Message
from patrol_records.flight.rows import BY_NAME

PARTIAL = ".partial"
_LATCHED_QOS = """- history: 1
  depth: 1
  reliability: 1
  durability: 1
  deadline: {sec: 9223372036, nsec: 854775807}
  lifespan: {sec: 9223372036, nsec: 854775807}
  liveliness: 1
  liveliness_lease_duration: {sec: 9223372036, nsec: 854775807}
  avoid_ros_namespace_conventions: false
"""
"""As rosbag2 names it: kept for late readers, so that `ros2 bag play` gives a map to RViz."""


def nanoseconds(stamp_s: float) -> int:
    return max(round(stamp_s * 1e9), 0)


def cdr_string(text: str) -> bytes:
    """A message with one string, little-endian CDR (OMG DDSI-RTPS, plain CDR version 1)."""
    data = text.encode() + b"\0"
    return b"\0\1\0\0" + struct.pack("<I", len(data)) + data


class RecordingFile:
    """`path` is where the finished file goes; until then it is there as `.partial`.

    Every method raises OSError where the disk fails.
    """

    def __init__(self, path: Path, head: Head, schema_of: Callable[[str], str]) -> None:
        """Open it and write its head. `schema_of`: the definition of a row's message (ros2msg)."""
        self._path, self._schema_of = path, schema_of
        self._partial = path.with_name(path.name + PARTIAL)
        self._file = McapFile(self._partial)
        self._file.writer.add_metadata(HEAD, head.metadata())
        at = nanoseconds(head.start_s)
        for name, text in head.setting.parameters.items():
            self._file.writer.add_attachment(at, at, name, "text/plain", text.encode())
        if head.setting.description:
            channel = self._channel(
                DESCRIPTION_TOPIC, DESCRIPTION_TYPE, DESCRIPTION_SCHEMA, is_latched=True
            )
            self._file.add(channel, at, cdr_string(head.setting.description))
        self._file.flush()

    def write(self, messages: Iterable[Message]) -> None:
        """Add messages, and give the system what makes whole chunks."""
        for message in messages:
            channel = self._file.channels.get(f"/{message.topic}")
            if channel is None:
                topic = BY_NAME[message.topic].topic
                schema = self._schema_of(topic.name)
                latched = topic.qos is Qos.LATCHED
                channel = self._channel(topic.name, topic.ros_type, schema, is_latched=latched)
            self._file.add(channel, nanoseconds(message.received_s), message.data)
        self._file.flush()

    def note(self, occasion: Occasion) -> None:
        """Say what it is made for."""
        self._file.writer.add_metadata(OCCASION, occasion_metadata(occasion))
        self._file.flush()

    def finish(self) -> int:
        """End it, wait for the disk, and give it its name; its size in bytes."""
        size = self._file.finish()
        self._partial.replace(self._path)
        sync_folder(self._path.parent)
        return size

    def abandon(self) -> None:
        """Close it as it is, after the disk failed: it is mended at the next start."""
        self._file.abandon()

    def _channel(self, name: str, ros_type: str, schema: str, *, is_latched: bool) -> int:
        metadata = {"offered_qos_profiles": _LATCHED_QOS} if is_latched else {}
        return self._file.channel(f"/{name}", ros_type, schema, metadata)
