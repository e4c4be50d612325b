"""Lines on the wire: `command *42 ; comment` and a line end ("ASCII Protocol", Command Format).

The check sum is the XOR of all characters before the asterisk, in decimal; an answer carries one
if and only if the command did, and a line with a wrong one is ignored. What the documentation does
not say is from ascii_protocol.cpp: a line ends with a carriage return, a line feed or "!"; an
empty line, such as that between the two of a CR LF, is a command, an unknown one; 256 characters
without an end are forgotten, with the rest of their line; an asterisk that ends its line is no
check sum, and the line is obeyed without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

MAX_LINE = 256
_ENDS = frozenset(b"\r\n!")
_DECIMAL = re.compile(rb"\s*\+?([0-9]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A command without check sum and comment; `sealed`: it had a check sum, which was right."""

    text: str
    sealed: bool = False


class LineParser:
    """Finds lines in a stream of bytes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skips = False
        self.rejected = 0

    def feed(self, data: bytes) -> Iterator[Line]:
        """The lines that `data` completes, without those whose check sum is wrong."""
        for byte in data:
            if byte not in _ENDS:
                self._append(byte)
                continue
            raw, self._buffer = bytes(self._buffer), bytearray()
            if self._skips:
                self._skips = False
                continue
            line = parse(raw)
            if line is None:
                self.rejected += 1
            else:
                yield line

    def clear(self) -> None:
        self._buffer.clear()
        self._skips = False

    def _append(self, byte: int) -> None:
        self._buffer.append(byte)
        if len(self._buffer) >= MAX_LINE:
            self._buffer.clear()
            self.rejected += 1
            self._skips = True


def parse(raw: bytes) -> Line | None:
    """The line without its end; None when its check sum is wrong."""
    body, star, tail = raw.partition(b";")[0].partition(b"*")
    if not tail:
        return Line(_text(body + star))
    told = _DECIMAL.match(tail)
    if told is None or int(told[1]) != check_sum(body):
        return None
    return Line(_text(body), sealed=True)


def answer(text: str, sealed: bool) -> bytes:
    """The bytes of an answer; `sealed`: with a check sum."""
    body = text.encode("ascii")
    return body + (b"*%d\r\n" % check_sum(body) if sealed else b"\r\n")


def check_sum(data: bytes) -> int:
    return reduce(lambda a, b: a ^ b, data, 0)


def _text(data: bytes) -> str:
    """As the firmware's C strings have it: a null ends the text."""
    return data.partition(b"\0")[0].decode("latin-1")
