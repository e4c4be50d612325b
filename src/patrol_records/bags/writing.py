"""Writes a bag: MCAP files of bounded size and duration, and what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from patrol_core.errors import Place
from patrol_records.bags.metadata import BagFile, BagInfo, BagTopic, write_metadata
from patrol_records.errors import StoreError, file_errors
from patrol_records.flight.mcap_file import McapFile

MCAP = ".mcap"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a file ends and the next begins; 0: nowhere. Bytes are those of the messages."""

    file_bytes: int = 0
    file_s: float = 0.0


class BagWriter:
    """`folder` must not be there yet; it is made.

    A process that is killed leaves files that are readable up to their last whole chunk.
    Every method raises StoreError where the disk fails.
    """

    def __init__(
        self, folder: Path, schema_of: Callable[[str], str], limits: Limits | None = None
    ) -> None:
        """`schema_of`: the definition of a type (ros2msg)."""
        try:
            folder.mkdir(parents=True)
        except FileExistsError as error:
            raise StoreError(
                "there is such a folder already", place=Place(folder), remedy="name a new one"
            ) from error
        except OSError as error:
            raise StoreError(
                f"no folder can be made: {error.strerror}", place=Place(folder)
            ) from error
        self._folder, self._schema_of = folder, schema_of
        self._limits = limits or Limits()
        self._schemas: dict[str, str] = {}
        self.info = BagInfo()
        self._bytes = 0
        self._file = self._next_file()

    @property
    def messages(self) -> int:
        return sum(self.info.counts.values())

    def add_topic(self, topic: BagTopic) -> None:
        """Before its first message, or again with newer offers."""
        self.info.topics[topic.name] = topic
        self.info.counts.setdefault(topic.name, 0)
        if topic.ros_type not in self._schemas:
            self._schemas[topic.ros_type] = self._schema_of(topic.ros_type)

    def write(self, name: str, at_ns: int, data: bytes) -> None:
        """One message of a topic that was added."""
        file = self.info.files[-1]
        if file.count and self._is_full(at_ns - file.start_ns):
            self._finish_file()
            self._file = self._next_file()
            file = self.info.files[-1]
        topic = self.info.topics[name]
        with file_errors(self._folder / file.path, "write"):
            channel = self._file.channels.get(name)
            if channel is None:
                metadata = {
                    "offered_qos_profiles": topic.qos_text(), "topic_type_hash": topic.type_hash
                }  # fmt: skip
                schema = self._schemas[topic.ros_type]
                channel = self._file.channel(name, topic.ros_type, schema, metadata)
            self._file.add(channel, at_ns, data)
        file.start_ns = min(file.start_ns, at_ns) if file.count else at_ns
        file.end_ns = max(file.end_ns, at_ns)
        file.count += 1
        self.info.counts[name] += 1
        self._bytes += len(data)

    def flush(self) -> None:
        """Give the system all whole chunks."""
        with file_errors(self._folder / self.info.files[-1].path, "write"):
            self._file.flush()

    def close(self) -> None:
        """End the last file, and say what all hold."""
        self._finish_file()

    def _is_full(self, duration_ns: int) -> bool:
        by_size = 0 < self._limits.file_bytes <= self._bytes
        return by_size or 0.0 < self._limits.file_s <= duration_ns * 1e-9

    def _next_file(self) -> McapFile:
        name = f"{self._folder.name}_{len(self.info.files)}{MCAP}"
        self.info.files.append(BagFile(name))
        self._bytes = 0
        with file_errors(self._folder / name, "write"):
            file = McapFile(self._folder / name)
        write_metadata(self._folder, self.info)
        return file

    def _finish_file(self) -> None:
        with file_errors(self._folder / self.info.files[-1].path, "write"):
            self._file.finish()
        write_metadata(self._folder, self.info)
