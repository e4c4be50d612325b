"""What a process keeps of itself for the case that it dies and is started again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rclpy.serialization import deserialize_message, serialize_message

from patrol_core.topics import Topic
from patrol_host_ros.conversions import conversion_of

_WRITE_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Memory:
    """The newest value of `keep`, given back as an event of `recall` when the process starts anew.

    `fade` makes of what was remembered what may still be believed.
    """

    keep: Topic[Any]
    recall: Topic[Any]
    fade: Callable[[Any], Any]


class MemoryFile:
    """A memory on disk, in the run's folder: another run knows nothing of it."""

    def __init__(self, memory: Memory, folder: Path, process: str) -> None:
        self.memory = memory
        self._path = folder / f"{process}.memory"
        self._conversion = conversion_of(memory.keep)
        self._written_s = float("-inf")

    def recalled(self) -> Any:
        """The faded value, or None where there is nothing to remember."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        message = deserialize_message(data, self._conversion.message_type)
        return self.memory.fade(self._conversion.from_ros(message))

    def keep(self, value: Any, now_s: float) -> None:
        """Write the value down, once a second at most; the file is always whole."""
        if now_s - self._written_s < _WRITE_EVERY_S:
            return
        self._written_s = now_s
        partial = self._path.with_suffix(".partial")
        partial.write_bytes(serialize_message(self._conversion.to_ros(value)))
        os.replace(partial, self._path)
