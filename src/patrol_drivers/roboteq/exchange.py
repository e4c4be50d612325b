"""One request, one answer: waits, looks for the answer among noise, tries again, tells events."""

from __future__ import annotations

from collections.abc import Sequence

from patrol_drivers.errors import ReplyError
from patrol_drivers.link import Link
from patrol_drivers.motors import Clock, EventKind, MotorEvent
from patrol_drivers.notes import Notes
from patrol_drivers.roboteq.protocol import END, Reply, Request, asking, find_reply, missing
from patrol_drivers.roboteq.values import Query

TRIES = 2
MAX_RECEIVED = 160
"""Bytes after which an answer is given up: a line that babbles must not hold up the cycle."""

ECHO = MotorEvent(
    EventKind.ECHO, "the line sends back what is written to it, beside the controller: skipped"
)


class Exchange:
    """The line to one controller.

    `echoed`: the controller was told to send back what it takes. `fed_s`: when the last command
    was written that the controller acknowledged, on the clock handed in; since then, at most, its
    watchdog counts.
    """

    def __init__(self, link: Link, clock: Clock, timeout_s: float, notes: Notes) -> None:
        self._link = link
        self._clock = clock
        self._timeout_s = timeout_s
        self._notes = notes
        self.echoed = False
        self.fed_s: float | None = None
        self._steady: dict[Query, tuple[int, ...]] = {}

    def ask(self, request: Request, tries: int = TRIES, quietly: bool = False) -> Reply:
        """The answer. A second attempt begins by ending the line that may have been cut off.

        Raises ReplyError after `tries` attempts without a valid answer, LinkError when the line
        is gone. Attempts that failed are told as events, unless `quietly` (whether the controller
        knows a setting is found out by asking).
        """
        for attempt in range(tries):
            self._link.flush_input()
            said_s = self._clock()
            self._link.write(END + request.frame if attempt else request.frame)
            received, reply = self._receive(request)
            if reply is not None and not reply.refused:
                if request.is_command:
                    self.fed_s = said_s
                self._tell_skipped(request, reply)
                return reply
            if not quietly:
                self._notes.happened(*_failure(request, received, reply))
        raise ReplyError(
            f"the controller gave no valid answer to '{request.text}'",
            expected=f"an answer within {self._timeout_s} s",
            remedy="check wiring and supply, and that baud is that of the controller",
        )

    def maybe(self, request: Request, quietly: bool = True) -> Reply | None:
        """The answer to a question without which one can go on, or None."""
        try:
            return self.ask(request, quietly=quietly)
        except ReplyError:
            return None

    def numbers(self, query: Query) -> tuple[int, ...]:
        """The values of a query, as `ask` gives or raises them."""
        return self.ask(asking(query)).numbers

    def steady(self, query: Query) -> tuple[int, ...]:
        """The values of a query that seldom change, as `ask` gives or raises them.

        New values are asked for a second time, as one wrong digit makes a fault or a reset.
        """
        numbers = self.numbers(query)
        if numbers != self._steady.get(query):
            numbers = self.numbers(query)
            self._steady[query] = numbers
        return numbers

    def say(self, requests: Sequence[Request]) -> None:
        """Write all `requests` at once, after the end of a line that may have been cut off, and
        let pass what comes back. Raises LinkError when the line is gone."""
        self._link.write(END + b"".join(request.frame for request in requests))
        self._link.read(MAX_RECEIVED, self._timeout_s)

    def is_heard(self, request: Request) -> bool:
        """Say a line that is not answered; whether its echo came back. Raises LinkError."""
        self._link.flush_input()
        self._link.write(END + request.frame)
        received = self._link.read(len(END + request.frame), self._timeout_s)
        return request.text.encode() in received

    def _receive(self, request: Request) -> tuple[bytes, Reply | None]:
        deadline_s = self._clock() + 2.0 * self._timeout_s
        received = b""
        while len(received) < MAX_RECEIVED:
            wanted = missing(request, received, self.echoed)
            chunk = self._link.read(wanted, self._timeout_s)
            received += chunk
            reply = find_reply(request, received, self.echoed)
            if reply is not None or not chunk or self._clock() > deadline_s:
                return received, reply
        return received, None

    def _tell_skipped(self, request: Request, reply: Reply) -> None:
        if reply.echoed_twice:
            self._notes.lasts(ECHO)
        if reply.stray:
            words = f"{reply.stray} stray bytes before the answer to '{request.text}'"
            self._notes.happened(EventKind.NOISE, words)


def _failure(request: Request, received: bytes, reply: Reply | None) -> tuple[EventKind, str]:
    if reply is not None:
        return EventKind.NOISE, f"the controller did not take '{request.text}'"
    rest = received.replace(request.frame, b"").strip(END)
    if not rest:
        return EventKind.NO_REPLY, f"no answer to '{request.text}'"
    return EventKind.NOISE, f"{len(rest)} stray bytes and no answer to '{request.text}'"
