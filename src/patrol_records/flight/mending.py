"""A recording that a crash has cut off, brought into order."""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from mcap.exceptions import McapError
from mcap.records import Attachment, Channel, McapRecord, Message, Metadata, Schema
from mcap.stream_reader import CRCValidationError, StreamReader
from mcap.writer import Writer
from zstandard import ZstdError

from patrol_core.whole_file import sync_folder
from patrol_records.flight.mcap_file import mcap_writer

MAX_RECORD_BYTES = 256 * 2**20
BROKEN = (
    McapError, CRCValidationError, ZstdError, struct.error, ValueError, EOFError, KeyError,
    OverflowError, MemoryError,
)  # fmt: skip
"""What reading bytes that are no MCAP may raise."""
_log = logging.getLogger(__name__)


def whole_records(path: Path) -> Iterator[McapRecord]:
    """The records of a file up to where it is cut off or damaged. Raises OSError."""
    with path.open("rb") as file:
        reader = StreamReader(file, validate_crcs=True, record_size_limit=MAX_RECORD_BYTES)
        try:
            yield from reader.records
        except BROKEN as error:
            _log.warning("%s is read up to where it is cut off (%s)", path.name, error)


def mend(broken: Path, whole: Path) -> bool:
    """Write what can be read of a file into another, finished one; whether anything could.

    Raises OSError.
    """
    mended = whole.with_name(whole.name + ".mended")
    messages = 0
    with mended.open("wb") as file:
        writer = mcap_writer(file)
        schemas: dict[int, int] = {}
        channels: dict[int, int] = {}
        for record in whole_records(broken):
            if isinstance(record, Message) and record.channel_id in channels:
                messages += 1
                writer.add_message(
                    channels[record.channel_id], record.log_time, record.data,
                    record.publish_time, record.sequence,
                )  # fmt: skip
            else:
                _copy(record, writer, schemas, channels)
        writer.finish()  # type: ignore[no-untyped-call]
        file.flush()
        os.fsync(file.fileno())
    if messages:
        mended.replace(whole)
    else:
        mended.unlink()
    broken.unlink()
    sync_folder(whole.parent)
    return messages > 0


def _copy(
    record: McapRecord, writer: Writer, schemas: dict[int, int], channels: dict[int, int]
) -> None:
    """What is not a message; the same schema or channel may be told more than once."""
    if isinstance(record, Schema) and record.id not in schemas:
        schemas[record.id] = writer.register_schema(record.name, record.encoding, record.data)
    elif isinstance(record, Channel) and record.id not in channels:
        if record.schema_id in schemas:
            channels[record.id] = writer.register_channel(
                record.topic, record.message_encoding, schemas[record.schema_id], record.metadata
            )
    elif isinstance(record, Metadata):
        writer.add_metadata(record.name, record.metadata)
    elif isinstance(record, Attachment):
        writer.add_attachment(
            record.create_time, record.log_time, record.name, record.media_type, record.data
        )
