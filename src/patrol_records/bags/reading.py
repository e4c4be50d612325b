"""Reads a bag, also one that a crash has cut off: as far as it goes, and says where that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mcap.records import Channel, Message, Schema
from mcap.stream_reader import StreamReader

from patrol_core.errors import Place
from patrol_records.bags.metadata import BagTopic, offers_of, read_file_list
from patrol_records.bags.writing import MCAP
from patrol_records.errors import StoreError
from patrol_records.flight.mending import BROKEN, MAX_RECORD_BYTES


class Said(NamedTuple):
    """A message. `at_ns`: when it was recorded."""

    topic: str
    at_ns: int
    data: bytes


@dataclass(frozen=True, slots=True)
class BagChannel:
    """A topic of a bag, with the definition of its type (ros2msg)."""

    topic: BagTopic
    schema: str


class Bag:
    """A folder, or one MCAP file. `damage` has a sentence for each file that ends too early."""

    def __init__(self, path: Path) -> None:
        """Raises StoreError where there is no bag."""
        self.path = path
        self.damage: list[str] = []
        self.channels: dict[str, BagChannel] = {}
        if path.is_file():
            self.files = [path]
        elif path.is_dir():
            named = read_file_list(path) or sorted(file.name for file in path.glob(f"*{MCAP}"))
            self.files = [path / name for name in named]
        else:
            self.files = []
        if not self.files:
            raise StoreError(
                "there is no bag", place=Place(path),
                expected="an MCAP file, or a folder with some", remedy="check the path",
            )  # fmt: skip

    def messages(self) -> Iterator[Said]:
        """In the order in which they were recorded. `channels` are known before their messages.

        Raises StoreError where not even the first message of a bag can be read.
        """
        self.damage = []
        count = 0
        for file in self.files:
            for message in self._of_file(file):
                count += 1
                yield message
        if not count and self.damage:
            raise StoreError(self.damage[0], place=Place(self.path), expected="an MCAP file")

    def _of_file(self, file: Path) -> Iterator[Said]:
        schemas: dict[int, Schema] = {}
        topics: dict[int, str] = {}
        last_ns = 0
        try:
            with file.open("rb") as opened:
                reader = StreamReader(
                    opened, validate_crcs=True, record_size_limit=MAX_RECORD_BYTES
                )
                for record in reader.records:
                    if isinstance(record, Schema):
                        schemas[record.id] = record
                    elif isinstance(record, Channel):
                        topics[record.id] = record.topic
                        self._announce(record, schemas.get(record.schema_id))
                    elif isinstance(record, Message) and record.channel_id in topics:
                        last_ns = record.log_time
                        yield Said(topics[record.channel_id], record.log_time, record.data)
        except (*BROKEN, OSError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            until = (
                f"read until {last_ns * 1e-9:.3f} s" if last_ns else "nothing of it is readable"
            )
            self.damage.append(f"{file.name} is damaged or cut off ({reason[:80]}); {until}")

    def _announce(self, channel: Channel, schema: Schema | None) -> None:
        offers = offers_of(channel.metadata.get("offered_qos_profiles", ""))
        hash_text = channel.metadata.get("topic_type_hash", "")
        ros_type = schema.name if schema is not None else ""
        text = schema.data.decode(errors="replace") if schema is not None else ""
        self.channels[channel.topic] = BagChannel(
            BagTopic(channel.topic, ros_type, offers, hash_text), text
        )
