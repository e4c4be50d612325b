"""One request, one answer: waits, looks for the answer among noise, tries again, tells events."""

from __future__ import annotations

from patrol_drivers.errors import ReplyError
from patrol_drivers.link import Link
from patrol_drivers.motors import Clock, EventKind, MotorEvent
from patrol_drivers.notes import Notes
from patrol_drivers.roboclaw.protocol import (
    Reply,
    Request,
    find_reply,
    has_enough,
    missing,
)

TRIES = 2
MAX_RECEIVED = 160
"""Bytes after which an answer is given up: a line that babbles must not hold up the cycle."""

ECHO = MotorEvent(
    EventKind.ECHO, "the line sends back what is written to it (half-duplex adapter): skipped"
)


class Exchange:
    """The line to one controller. `heard_s`: when it last answered, on the clock handed in."""

    def __init__(self, link: Link, clock: Clock, timeout_s: float, notes: Notes) -> None:
        self._link = link
        self._clock = clock
        self._timeout_s = timeout_s
        self._notes = notes
        self.heard_s: float | None = None

    def ask(self, request: Request, tries: int = TRIES, quietly: bool = False) -> bytes:
        """The data of the answer.

        Raises ReplyError after `tries` attempts without a valid answer, LinkError when the line
        is gone. Attempts that failed are told as events, unless `quietly` (whether the controller
        knows a command is found out by asking).
        """
        for _ in range(tries):
            self._link.flush_input()
            self._link.write(request.frame)
            received, reply = self._receive(request)
            if reply is not None:
                self.heard_s = self._clock()
                self._tell_skipped(request, reply.skipped)
                return reply.data
            if not quietly:
                self._notes.happened(*_failure(request, received))
        raise ReplyError(
            f"the controller gave no valid answer to command {request.command.value}",
            expected=f"an answer within {self._timeout_s} s",
            remedy="check wiring and supply, and that baud and address are those of the "
            "controller in packet serial mode",
        )

    def _receive(self, request: Request) -> tuple[bytes, Reply | None]:
        """What came, and the answer in it. An attempt that fails lasts for the timeout, so that
        the controller's packet buffer is clear before the next request (p. 59)."""
        deadline_s = self._clock() + 2.0 * self._timeout_s
        received = b""
        while len(received) < MAX_RECEIVED:
            chunk = self._link.read(missing(request, received), self._timeout_s)
            received += chunk
            reply = find_reply(request, received)
            if reply is not None or not chunk or self._clock() > deadline_s:
                return received, reply
        return received, None

    def _tell_skipped(self, request: Request, skipped: bytes) -> None:
        if request.frame in skipped:
            self._notes.lasts(ECHO)
            skipped = skipped.replace(request.frame, b"", 1)
        if skipped:
            words = f"{len(skipped)} stray bytes before the answer to command"
            self._notes.happened(EventKind.NOISE, f"{words} {request.command.value}")


def _failure(request: Request, received: bytes) -> tuple[EventKind, str]:
    rest = received.replace(request.frame, b"", 1)
    command = request.command.value
    if not rest:
        return EventKind.NO_REPLY, f"no answer to command {command}"
    if has_enough(request, rest):
        return EventKind.WRONG_CRC, f"wrong CRC in the answer to command {command}"
    return EventKind.NOISE, f"{len(rest)} stray bytes and no answer to command {command}"
