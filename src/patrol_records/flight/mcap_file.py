"""An MCAP file that is being written, readable up to its last whole chunk at every moment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from mcap.well_known import MessageEncoding, SchemaEncoding
from mcap.writer import CompressionType, Writer

CHUNK_BYTES = 64 * 1024
"""What a crash may lose at most of what was handed over."""
PROFILE = "ros2"
LIBRARY = "ronda"


def mcap_writer(file: BinaryIO) -> Writer:
    """Started, with the settings that all files of Ronda have."""
    writer = Writer(file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD)
    writer.start(PROFILE, LIBRARY)
    return writer


class McapFile:
    """Messages of ROS 2. Every method raises OSError where the disk fails.

    `channels`: their numbers by topic.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self.writer = mcap_writer(self._file)
        self.channels: dict[str, int] = {}

    def channel(self, topic: str, ros_type: str, schema: str, metadata: Mapping[str, str]) -> int:
        """Announce a topic; its number. `schema`: the definition of the type (ros2msg)."""
        schema_id = self.writer.register_schema(ros_type, SchemaEncoding.ROS2, schema.encode())
        number = self.writer.register_channel(
            topic, MessageEncoding.CDR, schema_id, dict(metadata)
        )
        self.channels[topic] = number
        return number

    def add(self, channel: int, at_ns: int, data: bytes) -> None:
        """One message, in CDR."""
        self.writer.add_message(channel, at_ns, data, at_ns)

    def flush(self) -> None:
        """Give the system what makes whole chunks."""
        self._file.flush()

    def finish(self) -> int:
        """End it, and wait for the disk; its size in bytes."""
        try:
            self.writer.finish()  # type: ignore[no-untyped-call]
            self._file.flush()
            os.fsync(self._file.fileno())
            return self._file.tell()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close it as it is, after the disk failed."""
        self._file.close()
