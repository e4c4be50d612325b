"""A recording as the documents that a live page is made of, and what it is made for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patrol_console.live import documents
from patrol_console.live.documents import Document
from patrol_core.component import Sample
from patrol_core.robot import RobotModel
from patrol_core.topics import TELEOP_LEASE, Topic
from patrol_records.flight.reader import STEP_S, Moment, Recording, T
from patrol_records.flight.shelf import Kept


class Past:
    """A robot at one moment of a recording, as the live documents ask for it."""

    def __init__(self, model: RobotModel, moment: Moment) -> None:
        self.model = model
        self._moment = moment

    def now_s(self) -> float:
        return self._moment.now_s

    def newest(self, topic: Topic[T]) -> Sample[T] | None:
        return self._moment.newest(topic)

    def fresh(self, topic: Topic[T]) -> T | None:
        return self._moment.fresh(topic)


def line(kept: Kept) -> Document:
    """A recording in a list. Times are Unix times [s]."""
    return {
        "id": kept.recording_id,
        "from_s": kept.from_s,
        "to_s": kept.to_s,
        "bytes": kept.size_bytes,
        "authority": kept.authority,
        "mended": kept.mended,
        "lost": kept.lost,
        "occasions": [
            {"s": o.stamp_s, "kind": o.kind, "words": o.words, "incident": o.incident_id or None}
            for o in kept.occasions
        ],
    }


def whole(kept: Kept, file: Path, model: RobotModel) -> Document:
    """A recording to be replayed: of each moment, `step_s` apart, what has changed since the one
    before. `pictures`: when there are some [s since the first moment].

    Raises StoreError.
    """
    with Recording(file) as recording:
        start_s = recording.start_s
        return {
            **line(kept),
            "step_s": STEP_S,
            "frames": list(_changes(recording, model)),
            "pictures": [round(at_s - start_s, 3) for at_s in recording.picture_times()],
        }


def _changes(recording: Recording, model: RobotModel) -> Iterator[Document]:
    before: Document = {}
    for moment in recording.moments():
        now = _state(Past(model, moment), moment)
        yield {key: value for key, value in now.items() if before.get(key, ...) != value}
        before = now


def _state(past: Past, moment: Moment) -> Document:
    lease = past.fresh(TELEOP_LEASE)
    told: dict[str, Any] = {
        "pose": documents.pose(past),
        "speed": documents.speed(past),
        "battery": documents.battery(past),
        "localization": documents.localization(past),
        "gate": documents.gate(past),
        "patrol": documents.patrol(past),
        "tracks": documents.tracks(past),
        "plan": documents.plan(past),
        "trajectory": documents.trajectory(past),
        "scan": documents.scan(past),
        "health": documents.health(moment.health, past.now_s()),
        "drive": {"holder": lease.holder} if lease is not None else None,
    }
    return told
