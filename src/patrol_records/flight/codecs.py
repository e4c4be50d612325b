"""Messages as objects and back, by their definitions alone (CDR, `ros2msg`); gaps are zeros."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Encoding without a file around it is not in the library's public part; its version is pinned.
from mcap_ros2._dynamic import generate_dynamic, serialize_dynamic

Decode = Callable[[bytes], Any]
Encode = Callable[[Any], bytes]


class Codecs:
    """Makes the codec of each type once."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Decode, Encode]] = {}

    def of(self, ros_type: str, definition: str) -> tuple[Decode, Encode]:
        """Raises what `reader.UNREADABLE` lists where the definition is none."""
        if ros_type not in self._made:
            decode = generate_dynamic(ros_type, definition)[ros_type]
            encode = serialize_dynamic(ros_type, definition)[ros_type]
            self._made[ros_type] = decode, encode
        return self._made[ros_type]
