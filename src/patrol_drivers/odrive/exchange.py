"""Some questions, as many answers: waits, sorts out echo and noise, tries again, tells events.

Several lines go out in one write, which saves waiting. What they are answered must stay below
64 bytes in all: what a USB connection cannot send in one packet it does not send at all, nor
anything after it (`Stm32UsbTxStream::start_write`; `BufferedStreamSink`).
"""

from __future__ import annotations

from patrol_drivers.errors import ReplyError
from patrol_drivers.link import Link
from patrol_drivers.motors import Clock, EventKind, MotorEvent
from patrol_drivers.notes import Notes
from patrol_drivers.odrive.protocol import LEAST, Form, Heard, Question, heard

TRIES = 3
"""Answers that come too late spoil the next try as well, so two are not enough."""

MAX_RECEIVED = 400
"""Bytes after which answers are given up: a line that babbles must not hold up the cycle."""

ECHO = MotorEvent(
    EventKind.ECHO, "the line sends back what is written to it (half-duplex adapter): skipped"
)


class Exchange:
    """The line to one controller. `byte_s` is how long a byte takes on it."""

    def __init__(
        self, link: Link, clock: Clock, timeout_s: float, byte_s: float, notes: Notes
    ) -> None:
        self._link = link
        self._clock = clock
        self._timeout_s = timeout_s
        self._byte_s = byte_s
        self._notes = notes
        self._told = b""
        self._written_s = clock()

    def tell(self, lines: bytes) -> None:
        """Send what is not answered, without waiting until it is out. Raises LinkError."""
        self._told += lines
        self._write(lines)

    def ask(self, *questions: Question, quietly: bool = False) -> tuple[str, ...]:
        """The answers, in the order of the questions, each of the form that was asked for.

        Raises ReplyError after some attempts without as many valid answers as questions,
        LinkError when the line is gone. Attempts that failed are told as events, unless `quietly`.
        """
        lines = b"".join(question.line for question in questions)
        written = frozenset((self._told + lines).splitlines(keepends=True))
        self._told = b""
        came = heard(b"", written)
        for _ in range(TRIES):
            self._link.flush_input()
            self._write(lines)
            came = self._receive(questions, written)
            if came.echoes:
                self._notes.lasts(ECHO)
            if came.fits(questions):
                self._written_s = self._clock()
                return came.answers
            if not quietly:
                self._notes.happened(*_failure(questions, came))
        asked = ", ".join(f"`{question.text}`" for question in questions)
        raise ReplyError(
            f"the controller gave no valid answer to {asked}{_instead(questions, came)}",
            expected=f"an answer within {self._timeout_s} s",
            remedy="check wiring, supply and baud, that the port runs the ASCII protocol, and "
            "that the firmware is 0.5.4 or a newer 0.5",
        )

    def _write(self, lines: bytes) -> None:
        """Write, and know when it will be out: several lines take longer than an answer."""
        self._link.write(lines)
        self._written_s = max(self._written_s, self._clock()) + len(lines) * self._byte_s

    def _receive(self, questions: tuple[Question, ...], written: frozenset[bytes]) -> Heard:
        """What came. An attempt that fails lasts until the line is quiet for the timeout, so that
        late answers are not taken for those to the next questions."""
        deadline_s = self._written_s + 2.0 * self._timeout_s
        least = sum(LEAST[question.form] for question in questions)
        received = b""
        while len(received) < MAX_RECEIVED and self._clock() <= deadline_s:
            backlog_s = max(self._written_s - self._clock(), 0.0)
            missing = max(1, least - len(received))
            chunk = self._link.read(missing, self._timeout_s + backlog_s)
            received += chunk
            if not chunk:
                break
            if chunk.endswith(b"\n"):
                came = heard(received, written)
                if came.fits(questions):
                    return came
        return heard(received, written)


def _failure(questions: tuple[Question, ...], came: Heard) -> tuple[EventKind, str]:
    last = questions[-1].text
    if came.spoilt:
        return EventKind.WRONG_CRC, f"wrong checksum in the answers up to `{last}`"
    if came.stray or came.unfinished or len(came.answers) >= len(questions):
        return EventKind.NOISE, f"not the answers that were asked for up to `{last}`"
    return EventKind.NO_REPLY, f"no answer, or too few, up to `{last}`"


def _instead(questions: tuple[Question, ...], came: Heard) -> str:
    """What a controller says that does not know a property or a command."""
    if len(came.answers) != len(questions):
        return ""
    wrong = [a for q, a in zip(questions, came.answers, strict=True) if not q.form.fits(a)]
    return f" but `{wrong[0]}`" if wrong and Form.ANY.fits(wrong[0]) else ""
