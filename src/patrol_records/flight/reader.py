"""A finished recording, read back: what the robot knew at every moment, and pictures by time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from mcap.reader import SeekingReader
from mcap.records import Channel, Message, Schema
from mcap_ros2.decoder import DecoderFactory

from patrol_core.component import Sample
from patrol_core.errors import Place
from patrol_core.topics import CAMERA_BLURRED, DIAGNOSTICS, Topic
from patrol_core.types.sensors import CompressedImage
from patrol_core.types.status import Health
from patrol_records.errors import StoreError
from patrol_records.flight.head import HEAD, OCCASION, occasion_of
from patrol_records.flight.mending import BROKEN, MAX_RECORD_BYTES
from patrol_records.flight.occasions import Occasion
from patrol_records.flight.values import VALUES
from patrol_records.flight.writing import nanoseconds

T = TypeVar("T")

STEP_S = 0.2
MAX_MOMENTS = 50_000
UNREADABLE = (*BROKEN, TypeError, AttributeError, IndexError, NotImplementedError, RecursionError)
"""What a message that is none of its row may raise while it is decoded."""


@dataclass(slots=True)
class Moment:
    """What the robot had said by `now_s` (its own time). `health`: newest word of each process."""

    now_s: float = 0.0
    states: dict[str, Sample[Any]] = field(default_factory=dict)
    health: dict[str, tuple[Health, float]] = field(default_factory=dict)

    def newest(self, topic: Topic[T]) -> Sample[T] | None:
        """The newest sample of a row, however old."""
        return self.states.get(topic.name)

    def fresh(self, topic: Topic[T]) -> T | None:
        """The newest value of a row, unless it was stale by then."""
        sample: Sample[T] | None = self.states.get(topic.name)
        if sample is None or self.now_s - sample.received_s > topic.stale_s:
            return None
        return sample.value


class Recording:
    """One open file; a context manager."""

    def __init__(self, path: Path) -> None:
        """Raises StoreError where it is no recording."""
        self._path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            self._reader = SeekingReader(self._file, record_size_limit=MAX_RECORD_BYTES)
            summary = self._reader.get_summary()
            if summary is None or summary.statistics is None:
                raise ValueError("it has no end")
            self.start_s = summary.statistics.message_start_time * 1e-9
            self.end_s = summary.statistics.message_end_time * 1e-9
            self.head: Mapping[str, str] = {}
            occasions: list[Occasion] = []
            for record in self._reader.iter_metadata():
                if record.name == HEAD:
                    self.head = record.metadata
                elif record.name == OCCASION:
                    occasions.append(occasion_of(record.metadata))
            self.epoch_s = float(self.head["epoch_s"])
            self.occasions = tuple(occasions)
        except (*BROKEN, OSError) as error:
            self._file.close()
            raise _unusable(path, error) from error

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def moments(self, step_s: float = STEP_S) -> Iterator[Moment]:
        """The same object again and again, `step_s` apart, brought up to date. Raises StoreError.

        Decodes of every row the newest message at each moment, and none in between; of health
        all, as it has a message a process.
        """
        moment = Moment(self.start_s)
        waiting: dict[str, tuple[Message, Schema]] = {}
        decoders = DecoderFactory()
        count = 0
        rows = [name for name in VALUES if name != CAMERA_BLURRED.name]
        for schema, channel, message in self._messages(rows):
            name = channel.topic.lstrip("/")
            at_s = message.log_time * 1e-9
            while at_s >= moment.now_s + step_s and count < MAX_MOMENTS:
                _take(moment, waiting, decoders)
                yield moment
                count += 1
                moment.now_s += step_s
            if name == DIAGNOSTICS.name:
                value = _value(name, message, schema, decoders)
                if isinstance(value, Health):
                    moment.health[value.name] = (value, at_s)
            else:
                waiting[name] = (message, schema)
        _take(moment, waiting, decoders)
        yield moment

    def picture_times(self) -> list[float]:
        """The robot's time of every picture, in order [s]. Raises StoreError."""
        return [m.log_time * 1e-9 for _, _, m in self._messages([CAMERA_BLURRED.name])]

    def picture(self, at_s: float) -> CompressedImage | None:
        """The newest picture at a time; None before the first. Raises StoreError."""
        end = nanoseconds(at_s) + 1000
        for schema, _, message in self._messages([CAMERA_BLURRED.name], end, is_reversed=True):
            value = _value(CAMERA_BLURRED.name, message, schema, DecoderFactory())
            return value if isinstance(value, CompressedImage) else None
        return None

    def _messages(
        self, rows: list[str], end: int | None = None, *, is_reversed: bool = False
    ) -> Iterator[tuple[Schema, Channel, Message]]:
        """In order of time, before `end` [ns]."""
        topics = [f"/{name}" for name in rows]
        try:
            for schema, channel, message in self._reader.iter_messages(
                topics=topics, ending_before=end, reverse=is_reversed
            ):
                if schema is not None:
                    yield schema, channel, message
        except (*BROKEN, OSError) as error:
            raise _unusable(self._path, error) from error


def _take(
    moment: Moment, waiting: dict[str, tuple[Message, Schema]], decoders: DecoderFactory
) -> None:
    for name, (message, schema) in waiting.items():
        value = _value(name, message, schema, decoders)
        if value is not None:
            before = moment.states.get(name)
            number = 1 if before is None else before.sequence + 1
            moment.states[name] = Sample(value, message.log_time * 1e-9, number)
    waiting.clear()


def _value(name: str, message: Message, schema: Schema, decoders: DecoderFactory) -> Any | None:
    """None for what is no message of the row."""
    try:
        decode = decoders.decoder_for("cdr", schema)
        return None if decode is None else VALUES[name](decode(message.data))
    except UNREADABLE:
        return None


def _unusable(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"the recording cannot be read: {error}", place=Place(path),
        expected="an MCAP file of the flight recorder",
    )  # fmt: skip
