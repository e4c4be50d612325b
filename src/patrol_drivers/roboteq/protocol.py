"""Lines to and from a Roboteq: text to requests and answers, nothing else (p. 155).

A line is ASCII and ends in a carriage return. The controller sends back every character that it
took, then the answer in a line of its own: `+` or `-` to a command, `TAG=value:value` to a query.

There is no check sum. What is checked instead: the echo has to be the request, character for
character (it tells what the controller heard); the answer has to be the next line, with the tag
of the question, the right number of values, and each value in its range. What that leaves:

- A wrong bit on the way to the controller passes only if the same bit is wrong in the echo, too.
  With p for the chance that a bit is wrong, that is about 80 p^2 for a command of 10 characters
  (p = 1e-7: one in 400 years of 100 commands a second).
  Until the echo is seen to differ, and the command is said again (some ms later), a wrong command
  does hold: at worst a lost space makes `!S 1 100` into `!S 1100`, a speed for motor 1. The ramps
  bound what comes of it. `-` cannot become `+` by one wrong bit: they differ in two.
- A wrong bit in an answer passes if it makes one digit into another: 3 of the 8 bits of a digit
  do, on average; a digit that is lost passes, too. The driver asks again when flags or the
  watchdog have changed, and when a counter is where its wheel cannot be. What is left is a count
  or a speed that is off by less than that, once: both are right again in the next cycle, as
  neither is added up. With p = 1e-7 and 20 digits in each of 50 cycles a second that is one wrong
  number in an hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from patrol_drivers.roboteq.values import Query

END = b"\r"
TAKEN, REFUSED = b"+", b"-"
NUMBERS = re.compile(rb"-?[0-9]{1,10}(:-?[0-9]{1,10})*")


@dataclass(frozen=True, slots=True)
class Request:
    """One line to the controller; `query` is None for what is only acknowledged."""

    text: str
    query: Query | None = None

    @property
    def frame(self) -> bytes:
        """The bytes to send."""
        return self.text.encode() + END

    @property
    def is_command(self) -> bool:
        """Whether it is a real-time command: only these feed the watchdog (RWD, p. 286)."""
        return self.text.startswith("!")

    @property
    def shortest(self) -> int:
        """Bytes of the shortest answer, without an echo."""
        return 2 if self.query is None else len(self.query.tag) + 2


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the right form, and what came before it: a second echo, stray bytes."""

    refused: bool = False
    numbers: tuple[int, ...] = ()
    text: str = ""
    echoed_twice: bool = False
    stray: int = 0


def asking(query: Query) -> Request:
    """The request of a query or of a read of a setting, for all channels at once."""
    return Request(query.ask, query)


def find_reply(request: Request, received: bytes, echoed: bool) -> Reply | None:
    """The answer in `received`, or None: none yet, or none that is right.

    `echoed`: the controller's echo is on, so that the answer counts only right after it.
    """
    lines = [line for line in received.split(END)[:-1] if line]
    echo = request.text.encode()
    before = max((at for at, line in enumerate(lines) if line == echo), default=-1)
    if echoed and before < 0:
        return None
    after = lines[before + 1 :]
    for at, line in enumerate(after[:1] if echoed else after):
        reply = _decoded(request, line)
        if reply is not None:
            skipped = [*lines[: before + 1], *after[:at]]
            stray = sum(len(other) for other in skipped if other != echo)
            twice = before > 0 and lines[before - 1] == echo
            return replace(reply, echoed_twice=twice, stray=stray)
    return None


def missing(request: Request, received: bytes, echoed: bool) -> int:
    """How many more bytes to wait for at least before `find_reply` can succeed."""
    least = request.shortest + (len(request.frame) if echoed else 0)
    return max(1, least - len(received))


def _decoded(request: Request, line: bytes) -> Reply | None:
    if line == REFUSED:
        return Reply(refused=True)
    query = request.query
    if query is None:
        return Reply() if line == TAKEN else None
    if not line.startswith(query.tag):
        return None
    body = line.removeprefix(query.tag)
    if query.most == 0:
        text = body.decode("ascii", "replace")
        return Reply(text=text) if text.isascii() and text.isprintable() else None
    if not NUMBERS.fullmatch(body):
        return None
    numbers = tuple(int(number) for number in body.split(b":"))
    fits = query.least <= len(numbers) <= query.most
    if not fits or not all(query.low <= number <= query.high for number in numbers):
        return None
    return Reply(numbers=numbers)
