"""Who writes recordings: a thread of its own, so that nobody waits for the disk.

What it is asked is carried out in order. Messages that wait are bounded: what would be too many is
lost, and counted.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from patrol_records.flight import shelf
from patrol_records.flight.head import Head
from patrol_records.flight.occasions import Occasion
from patrol_records.flight.ring import Message
from patrol_records.flight.shelf import Kept
from patrol_records.flight.writing import RecordingFile

_log = logging.getLogger(__name__)


class Scribe:
    """Writes into one folder, one recording at a time. `max_waiting` in bytes."""

    def __init__(self, folder: Path, schema_of: Callable[[str], str], max_waiting: int) -> None:
        self._folder, self._schema_of, self._max_waiting = folder, schema_of, max_waiting
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="flight")
        self._lock = threading.Lock()
        self._waiting = 0
        self._file: RecordingFile | None = None
        self._lost = 0

    @property
    def waiting_bytes(self) -> int:
        """Of messages that are handed over and not yet written."""
        return self._waiting

    def settle(self) -> None:
        """Mend what a crash has left."""
        self._do(self._settle)

    def begin(self, recording_id: str, head: Head, messages: list[Message]) -> None:
        """Open a recording with what was before it."""
        path = shelf.recording_file(self._folder, recording_id)
        self._lost = 0
        # What was in memory already costs nothing more while it waits, and is never lost.
        self._do(lambda: self._begin(path, head, messages))

    def write(self, messages: list[Message]) -> None:
        """Add to the open recording."""
        size = sum(message.cost_bytes for message in messages)
        with self._lock:
            if self._waiting + size > self._max_waiting:
                self._lost += len(messages)
                return
            self._waiting += size
        self._do(lambda: self._write(messages, size))

    def note(self, occasion: Occasion) -> None:
        self._do(lambda: None if self._file is None else self._file.note(occasion))

    def finish(self, kept: Kept) -> None:
        """End the open recording, and say what it is; its size is filled in."""
        lost = self._lost
        self._do(lambda: self._finish(kept, lost))

    def forget(self, before_s: float, max_bytes: int) -> None:
        """Apply retention (`shelf.forget`)."""
        self._do(lambda: self._forget(before_s, max_bytes))

    def wait(self) -> None:
        """Until all is done that was asked."""
        self._do(lambda: None).result()

    def close(self) -> None:
        """After all that was asked is done."""
        self._thread.shutdown(wait=True)

    def _do(self, work: Callable[[], object]) -> Future[None]:
        def carefully() -> None:
            try:
                work()
            except OSError as error:
                _log.error("the flight recorder cannot write: %s", error)
                if self._file is not None:
                    self._file.abandon()
                    self._file = None

        return self._thread.submit(carefully)

    def _settle(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        count = shelf.settle(self._folder)
        if count:
            _log.warning("recordings that a crash had cut off and that are whole again: %d", count)

    def _begin(self, path: Path, head: Head, messages: list[Message]) -> None:
        if self._file is not None:
            self._file.abandon()
        self._file = None
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = RecordingFile(path, head, self._schema_of)
        self._file.write(messages)

    def _write(self, messages: list[Message], size: int) -> None:
        try:
            if self._file is not None:
                self._file.write(messages)
        finally:
            with self._lock:
                self._waiting -= size

    def _finish(self, kept: Kept, lost: int) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        size = file.finish()
        shelf.put(self._folder, replace(kept, size_bytes=size, lost=lost))

    def _forget(self, before_s: float, max_bytes: int) -> None:
        if self._folder.is_dir():
            shelf.forget(self._folder, before_s, max_bytes)
