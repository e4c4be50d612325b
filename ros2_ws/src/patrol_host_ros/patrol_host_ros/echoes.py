"""A row that a process reads and writes, and others write, too: what comes back is no news."""

from __future__ import annotations

from collections import deque
from typing import Any

_MOST = 500
"""More of one's own are not on their way at a time; an older one was lost, and never comes."""


class Echoes:
    """Messages that were published and come back to a subscription of the same process.

    rclpy cannot leave them out (rmw's `ignore_local_publications` is not passed on), and within
    the process everybody has had the value already. They are told by how they print: messages
    with a NaN in them do not equal themselves, and what CDR pads with is not defined.
    """

    def __init__(self) -> None:
        self._sent: deque[str] = deque(maxlen=_MOST)

    def sent(self, message: Any) -> None:
        """This was published."""
        self._sent.append(repr(message))

    def is_one(self, message: Any) -> bool:
        """Whether a message that arrives is one's own, once for each time it was published."""
        if not self._sent:
            return False
        try:
            self._sent.remove(repr(message))
        except ValueError:
            return False
        return True
