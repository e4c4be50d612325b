"""The CAN bus between the two units: one packet after the other, each cut into frames."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

FRAME_S = 0.0003
"""A frame with eight bytes and a 29-bit identifier has 131 bits, up to 160 with those stuffed in:
0.26 to 0.32 ms at 500 kbit/s, the firmware's default."""
EVERYBODY = 255


def frame_count(size: int) -> int:
    """Frames for a payload (comm_can.c, comm_can_send_buffer).

    One up to 6 bytes. Else 7 a frame up to byte 259, then 6 a frame, and one that starts the
    work.
    """
    if size <= 6:
        return 1
    return math.ceil(min(size, 259) / 7) + math.ceil(max(size - 259, 0) / 6) + 1


@dataclass(frozen=True, slots=True)
class Message:
    """A payload on its way to controller `target`, or an answer on its way to the serial line."""

    arrives_s: float
    payload: bytes
    target: int | None


class CanBus:
    """Messages arrive in the order in which they were sent."""

    def __init__(self) -> None:
        self._moving: deque[Message] = deque()
        self._free_s = -math.inf

    def send(self, payload: bytes, target: int | None, now_s: float) -> None:
        """Send to controller `target`; None: it is an answer."""
        self._free_s = max(self._free_s, now_s) + frame_count(len(payload)) * FRAME_S
        self._moving.append(Message(self._free_s, payload, target))

    def pop(self, now_s: float) -> Message | None:
        """The next message that has arrived by `now_s`."""
        if self._moving and self._moving[0].arrives_s <= now_s:
            return self._moving.popleft()
        return None

    def clear(self) -> None:
        self._moving.clear()
        self._free_s = -math.inf
