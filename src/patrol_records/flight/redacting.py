"""A recording for strangers: nobody's name, no words of visitors, and no places where so asked."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mcap.records import Attachment, Channel, McapRecord, Message, Metadata, Schema
from mcap.writer import Writer

from patrol_core.public_words import public_message
from patrol_core.topics import (
    PATROL_EVENTS,
)
from patrol_records.flight.codecs import Codecs
from patrol_records.flight.head import DESCRIPTION_TOPIC, HEAD, OCCASION
from patrol_records.flight.mcap_file import mcap_writer
from patrol_records.flight.mending import whole_records
from patrol_records.flight.reader import UNREADABLE
from patrol_records.flight.rows import BY_NAME, LOCATED, NAMES_IN, WORDED

_PLACES_FILES = frozenset({"site.yaml", "zones.geojson"})
SOMEBODY = "operator"


@dataclass(slots=True)
class Names:
    """Who is named, and the role that stands for each."""

    roles: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, role: str = "") -> None:
        if name and name not in self.roles.values():
            known = self.roles.get(name, SOMEBODY)
            self.roles[name] = role or known

    def hidden(self, text: str) -> str:
        """A text with roles for names."""
        text = public_message(text)
        for name in sorted(self.roles, key=len, reverse=True):
            parts = re.split(rf"(?<!\w){re.escape(name)}(?!\w)", text)
            text = self.roles[name].join(parts)
        return text


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not in a package, or not as it was, and why."""

    what: str
    why: str
    count: int


class Redaction:
    """Copies one recording. `names` grows by those whom the recording itself names."""

    def __init__(self, names: Names, *, with_places: bool) -> None:
        self._names, self._with_places = names, with_places
        self._codecs = Codecs()
        self._changed: Counter[tuple[str, str]] = Counter()
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Channel] = {}

    def copy(self, source: Path, target: Path) -> list[LeftOut]:
        """What was left out. Raises OSError."""
        self._learn(whole_records(source))
        new_schemas: dict[int, int] = {}
        new_channels: dict[int, int] = {}
        with target.open("wb") as file:
            writer = mcap_writer(file)
            for record in whole_records(source):
                if isinstance(record, Schema) and record.id not in new_schemas:
                    new_schemas[record.id] = writer.register_schema(
                        record.name, record.encoding, record.data
                    )
                elif isinstance(record, Channel) and record.id not in new_channels:
                    if self._may_stay(record):
                        new_channels[record.id] = writer.register_channel(
                            record.topic, record.message_encoding,
                            new_schemas[record.schema_id], record.metadata,
                        )  # fmt: skip
                elif isinstance(record, Message):
                    self._message(record, new_channels, writer)
                else:
                    self._aside(record, writer)
            writer.finish()  # type: ignore[no-untyped-call]
            file.flush()
            os.fsync(file.fileno())
        return [LeftOut(what, why, n) for (what, why), n in sorted(self._changed.items())]

    def _learn(self, records: Iterable[McapRecord]) -> None:
        """Names, before anything is written: one may be told long before its row is."""
        for record in records:
            if isinstance(record, Schema):
                self._schemas[record.id] = record
            elif isinstance(record, Channel):
                self._channels[record.id] = record
            elif isinstance(record, Metadata) and record.name == HEAD:
                self._names.add(record.metadata.get("holder", ""))
            elif isinstance(record, Message):
                field_name = NAMES_IN.get(self._row(record))
                if field_name is not None:
                    decoded = self._decoded(record)
                    self._names.add(getattr(decoded, field_name, "") or "")

    def _row(self, message: Message) -> str:
        channel = self._channels.get(message.channel_id)
        return "" if channel is None else channel.topic.lstrip("/")

    def _may_stay(self, channel: Channel) -> bool:
        """Known rows alone: what somebody has put into the file by other ways has no business."""
        row = channel.topic.lstrip("/")
        return row in BY_NAME or row == DESCRIPTION_TOPIC

    def _message(self, message: Message, channels: Mapping[int, int], writer: Writer) -> None:
        row = self._row(message)
        if message.channel_id not in channels:
            self._changed[row, "not a row of the flight recorder"] += 1
            return
        if not self._with_places and row in LOCATED:
            self._changed[row, "it tells places"] += 1
            return
        data: bytes | None = message.data
        if row in WORDED:
            data = self._hidden(row, message)
        if data is not None:
            writer.add_message(
                channels[message.channel_id], message.log_time, data, message.publish_time,
                message.sequence,
            )  # fmt: skip

    def _hidden(self, row: str, message: Message) -> bytes | None:
        """A message of words without names; None: it cannot be read, so nobody knows."""
        decoded = self._decoded(message)
        if decoded is None:
            self._changed[row, "it cannot be read"] += 1
            return None
        if row == PATROL_EVENTS.name and getattr(decoded, "kind", "") == "operator_command":
            decoded.message = ""
        elif not self._hide(decoded):
            return message.data
        self._changed[row, "names are replaced by roles"] += 1
        schema = self._schemas[self._channels[message.channel_id].schema_id]
        return self._codecs.of(schema.name, schema.data.decode())[1](decoded)

    def _hide(self, value: Any) -> bool:
        """In place, in all texts of a decoded message; whether any changed."""
        changed = False
        fields = (
            getattr(type(value), "__slots__", ()) if isinstance(value, SimpleNamespace) else ()
        )
        for name in fields:
            part = getattr(value, name)
            if isinstance(part, str):
                hidden: Any = self._names.hidden(part)
            elif isinstance(part, list):
                hidden = [self._names.hidden(p) if isinstance(p, str) else p for p in part]
                changed |= sum(self._hide(p) for p in part if not isinstance(p, str)) > 0
            else:
                changed |= self._hide(part)
                continue
            if hidden != part:
                setattr(value, name, hidden)
                changed = True
        return changed

    def _decoded(self, message: Message) -> Any | None:
        try:
            schema = self._schemas[self._channels[message.channel_id].schema_id]
            return self._codecs.of(schema.name, schema.data.decode())[0](message.data)
        except UNREADABLE:
            return None

    def _aside(self, record: McapRecord, writer: Writer) -> None:
        if isinstance(record, Metadata) and record.name in (HEAD, OCCASION):
            told = {name: self._names.hidden(text) for name, text in record.metadata.items()}
            if "people" in told:
                told["people"] = "{}"
            writer.add_metadata(record.name, told)
        elif isinstance(record, Attachment):
            if not self._with_places and record.name in _PLACES_FILES:
                self._changed[record.name, "it tells places"] += 1
                return
            writer.add_attachment(
                record.create_time, record.log_time, record.name, record.media_type, record.data
            )
