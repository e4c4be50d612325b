"""A row that a process reads and writes, and others write, too: what comes back is no news."""

from __future__ import annotations

from collections import deque
from typing import Any

from rclpy.serialization import serialize_message

_MOST = 500
"""More of one's own are not on their way at a time; an older one was lost, and never comes."""


class Echoes:
    """Messages that were published and come back to a subscription of the same process.

    rclpy cannot leave them out (rmw's `ignore_local_publications` is not passed on), and within
    the process everybody has had the value already. They are told by their bytes: messages with a
    NaN in them do not equal themselves.
    """

    def __init__(self) -> None:
        self._sent: deque[bytes] = deque(maxlen=_MOST)

    def sent(self, message: Any) -> None:
        """This was published."""
        self._sent.append(serialize_message(message))

    def is_one(self, message: Any) -> bool:
        """Whether a message that arrives is one's own, once for each time it was published."""
        if not self._sent:
            return False
        try:
            self._sent.remove(serialize_message(message))
        except ValueError:
            return False
        return True
