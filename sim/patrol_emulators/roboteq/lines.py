"""Lines on the wire: a sign for the kind, a name, numbers, and a carriage return (p. 154, 155).

The letters' case does not matter, an underscore is a carriage return too, and what is below a
space has no effect. So a line has no check sum: one that lost a digit is as good as any other.

The manual writes an argument that can be left out in brackets. PyRoboteq sends them, and a plus
sign at the end, and works with a SDC2130 and a SBL2360T (its README and its issue 2); so both
count as spaces here. Bytes above the ASCII letters are not mentioned: here they spoil the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

QUERY = 0x05
PRESENT = b"\x06"
"""QRY is answered by ACK at any time: a controller is there (p. 155)."""
MAX_LINE = 128
"""Longer lines are not understood; the manual gives no limit."""

_FORM = re.compile(r"([!?^~%#]) *([A-Z]*)(.*)")
_NUMBER = re.compile(r"-?[0-9]{1,10}")
_SPACES = str.maketrans("[]+", "   ")


@dataclass(frozen=True, slots=True)
class Command:
    """One line: `kind` is its first sign; only "#" may have no name."""

    kind: str
    name: str
    arguments: tuple[int, ...] = ()


class LineReader:
    """Puts lines together from bytes."""

    def __init__(self) -> None:
        self._line = bytearray()

    def take(self, byte: int) -> str | None:
        """The line that this byte ends, without its end; None: it goes on."""
        if byte in b"\r_":
            line = self._line.decode("latin-1")
            self._line.clear()
            return line
        if is_valid(byte) and len(self._line) <= MAX_LINE:
            self._line.append(byte)
        return None

    def clear(self) -> None:
        self._line.clear()


def is_valid(byte: int) -> bool:
    """Whether it has an effect, and so is echoed (p. 155: "every valid character")."""
    return byte == 0x0D or byte >= 0x20


def understand(line: str) -> Command | None:
    """The command of a line; None when it is none."""
    form = _FORM.fullmatch(line.strip().upper()) if len(line) <= MAX_LINE else None
    if form is None:
        return None
    kind, name, rest = form.groups()
    words = rest.translate(_SPACES).split()
    if not all(map(_NUMBER.fullmatch, words)) or not (name or kind == "#"):
        return None
    return Command(kind, name, tuple(map(int, words)))
