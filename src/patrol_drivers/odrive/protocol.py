"""Lines of the ODrive's ASCII protocol: text to bytes and back, nothing else.

A line is text, `*`, the checksum in decimal, and a line end. The checksum is the XOR of the bytes
before the `*`. A line whose checksum is wrong is ignored, and an answer has a checksum if and only
if the line had one (`docs/ascii-protocol.rst`). Answers do not say what they answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from operator import xor

from patrol_drivers.odrive.values import DECIMALS

NUMBER = r"-?\d+\.\d+"


class Form(Enum):
    """What an answer looks like."""

    WHOLE = r"\d+"
    FEEDBACK = rf"{NUMBER} {NUMBER}"
    ANY = r".+"

    def fits(self, answer: str) -> bool:
        return re.fullmatch(self.value, answer) is not None


LEAST = {Form.WHOLE: 5, Form.FEEDBACK: 21, Form.ANY: 5}
"""Bytes of an answer at least, with checksum and line end (CR LF)."""


@dataclass(frozen=True, slots=True)
class Question:
    """A line that is answered by one line."""

    text: str
    form: Form

    @property
    def line(self) -> bytes:
        return line(self.text)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is in the bytes that came. `spoilt` counts lines with a wrong checksum, `stray` bytes
    that are no line of the protocol, and `unfinished` bytes of a line that has not ended."""

    answers: tuple[str, ...]
    echoes: int
    spoilt: int
    stray: int
    unfinished: int

    def fits(self, questions: tuple[Question, ...]) -> bool:
        """Whether this is one answer to each question, each of its form, and nothing else.

        As answers carry no name, whatever else came makes it doubtful which belongs to which.
        """
        return (
            len(self.answers) == len(questions)
            and not self.spoilt
            and not self.stray
            and all(q.form.fits(a) for q, a in zip(questions, self.answers, strict=True))
        )


def checksum(data: bytes) -> int:
    """XOR of all bytes."""
    return reduce(xor, data, 0)


def line(text: str) -> bytes:
    """The bytes of one line. `text` is ASCII without `*`, `;` or a line end.

    Should the `*` be lost on the way, the firmware takes the line as one without a checksum, and
    the checksum as part of it. So numbers at the end have decimals, of which some more do no harm
    (`v`), or are followed by a blank, after which nothing is read (`w`; `cmd_write_property`).
    """
    return text.encode("ascii") + f"*{checksum(text.encode('ascii'))}\n".encode("ascii")


def velocity(axis: int, turns_per_s: float) -> bytes:
    """Sets the speed, selects velocity control, feeds the axis's watchdog; is not answered.

    Without a torque: a checksum that lost its `*` must not become one.
    """
    return line(f"v {axis} {turns_per_s:.{DECIMALS}f}")


def feed(axis: int) -> bytes:
    """Feeds the axis's watchdog; is not answered."""
    return line(f"u {axis}")


def clear_errors() -> bytes:
    """Clears all errors of both axes and arms the brake resistor; is not answered."""
    return line("sc")


def write_whole(name: str, value: int) -> bytes:
    """Sets a property that is a whole number or a switch; is not answered when it succeeds."""
    return line(f"w {name} {value} ")


def write_number(name: str, value: float) -> bytes:
    """Sets a property with decimals; is not answered when it succeeds."""
    return line(f"w {name} {value:.{DECIMALS}f} ")


def read_whole(name: str) -> Question:
    """Asks for a property that is a whole number or a switch."""
    return Question(f"r {name}", Form.WHOLE)


def read_any(name: str) -> Question:
    """Asks for a property whose answer may be a number, nan, or that there is no such property."""
    return Question(f"r {name}", Form.ANY)


def feedback(axis: int) -> Question:
    """Asks for position [turns] and velocity [turns/s]; does not feed the watchdog."""
    return Question(f"f {axis}", Form.FEEDBACK)


def heard(received: bytes, written: Collection[bytes]) -> Heard:
    """Sorts what came. `written` are lines that were sent, whose echo is no answer."""
    *lines, unfinished = received.split(b"\n")
    answers: list[str] = []
    echoes = spoilt = stray = 0
    for whole in lines:
        body, star, number = whole.removesuffix(b"\r").rpartition(b"*")
        if not star or not number.isdigit() or len(number) > 3 or not _is_text(body):
            stray += len(whole) + 1
        elif int(number) != checksum(body):
            spoilt += 1
        elif body + star + number + b"\n" in written:
            echoes += 1
        else:
            answers.append(body.decode("ascii"))
    return Heard(tuple(answers), echoes, spoilt, stray, len(unfinished))


def _is_text(body: bytes) -> bool:
    return bool(body) and all(0x20 <= byte < 0x7F for byte in body)
