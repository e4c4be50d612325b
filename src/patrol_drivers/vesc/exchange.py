"""One request, one answer: waits, looks for the answer among noise, tries again, tells events."""

from __future__ import annotations

from patrol_drivers.errors import ReplyError
from patrol_drivers.link import Link
from patrol_drivers.motors import Clock, EventKind, MotorEvent
from patrol_drivers.notes import Notes
from patrol_drivers.vesc.protocol import (
    ANSWERS,
    TAIL_SIZE,
    Reply,
    Request,
    find_reply,
    missing,
    stray,
)
from patrol_drivers.vesc.values import MAX_PAYLOAD, NAMES, Command

TRIES = 2
MAX_RECEIVED = MAX_PAYLOAD + 160
"""Bytes after which an answer is given up: a line that babbles must not hold up the cycle."""

ECHO = MotorEvent(
    EventKind.ECHO, "the line sends back what is written to it (half-duplex adapter): skipped"
)


class Exchange:
    """The line to both controllers. `heard_s`: when one last answered, on the clock handed in."""

    def __init__(
        self, link: Link, clock: Clock, timeout_s: float, config_timeout_s: float, notes: Notes
    ) -> None:
        self._link = link
        self._clock = clock
        self._timeout_s = timeout_s
        self._config_timeout_s = config_timeout_s
        self._notes = notes
        self.heard_s: float | None = None

    def ask(self, request: Request, tries: int = TRIES, quietly: bool = False) -> bytes:
        """The payload of the answer.

        Raises ReplyError after `tries` attempts without a valid answer, LinkError when the line
        is gone. Attempts that failed are told as events, unless `quietly`.
        """
        for _ in range(tries):
            self._link.flush_input()
            self._link.write(request.frame)
            received, reply = self._receive(request)
            if request.frame in received:
                self._notes.lasts(ECHO)
            if reply is not None:
                self.heard_s = self._clock()
                self._tell_noise(request, reply.noise)
                return reply.payload
            if not quietly:
                self._notes.happened(*_failure(request, received))
        raise ReplyError(
            f"{NAMES[request.behind_can]} gave no valid answer to command {request.command.value}",
            expected=f"an answer within {self._patience_s(request)} s",
            remedy="check wiring, supply, baud and that the UART app is on; and for the second "
            "VESC the CAN bus and that can_id is its id, and not that of the first",
        )

    def _patience_s(self, request: Request) -> float:
        is_long = request.command is Command.GET_APPCONF
        return self._config_timeout_s if is_long else self._timeout_s

    def _receive(self, request: Request) -> tuple[bytes, Reply | None]:
        """What came, and the answer in it."""
        timeout_s = self._patience_s(request)
        deadline_s = self._clock() + 2.0 * timeout_s
        received = b""
        while len(received) < MAX_RECEIVED:
            chunk = self._link.read(missing(received), timeout_s)
            received += chunk
            reply = find_reply(request, received)
            if reply is not None or not chunk or self._clock() > deadline_s:
                return received, reply
        return received, None

    def _tell_noise(self, request: Request, noise: int) -> None:
        if noise:
            words = f"{noise} stray bytes before the answer to command {request.command.value}"
            self._notes.happened(EventKind.NOISE, words)


def _failure(request: Request, received: bytes) -> tuple[EventKind, str]:
    rest = stray(received)
    told = f"command {request.command.value} of {NAMES[request.behind_can]}"
    if not rest:
        return EventKind.NO_REPLY, f"no answer to {told}"
    if rest >= ANSWERS[request.command] + TAIL_SIZE:
        return EventKind.WRONG_CRC, f"wrong CRC in the answer to {told}"
    return EventKind.NOISE, f"{rest} stray bytes and no answer to {told}"
