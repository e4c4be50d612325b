"""Numbers as the firmware's `sscanf` and `snprintf` read and write them.

A number may be followed by anything; floats are of 32 bits; integers are cut to the width of
their property (protocol.hpp: from_string, to_string).
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass

_INTEGER = re.compile(r"\s*([+-]?[0-9]+)", re.ASCII)
_FLOAT = re.compile(
    r"\s*([+-]?(?:inf(?:inity)?|nan|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?))",
    re.ASCII | re.IGNORECASE,
)
_WORD_32 = 0xFFFFFFFF


def scan(text: str, layout: str) -> list[float]:
    """Read numbers one after the other until one is missing.

    `layout` has a letter a number: "u" an unsigned integer of 32 bits, "i" a signed one, "f" a
    float.
    """
    numbers: list[float] = []
    at = 0
    for letter in layout:
        found = (_FLOAT if letter == "f" else _INTEGER).match(text, at)
        if found is None:
            break
        at = found.end()
        numbers.append(single(float(found[1])) if letter == "f" else _integer(found[1], letter))
    return numbers


def _integer(digits: str, letter: str) -> int:
    """Too large a number is the largest one; an unsigned one with a minus wraps around."""
    value = int(digits)
    if letter == "i":
        return min(max(value, -(2**31)), 2**31 - 1)
    return value & _WORD_32 if abs(value) <= _WORD_32 else _WORD_32


def single(value: float) -> float:
    """The nearest float of 32 bits."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def clamp(value: float, low: float, high: float) -> float:
    """Like `std::clamp`: what cannot be compared (NaN) stays."""
    if value < low:
        return low
    return min(value, high)


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a property; `bits` 0: a float."""

    bits: int
    signed: bool = False

    def to_text(self, value: float, wide: bool) -> str:
        """As it is sent. `wide`: the firmware's library can print 64 bits."""
        if self.bits == 0:
            return f"{single(value):f}"
        if self.bits == 64 and not wide:
            return "lu"
        return str(self._cut(int(value)))

    def from_text(self, text: str) -> float | None:
        """As it is written; None when there is no number."""
        numbers = scan(text, "f" if self.bits == 0 else "i" if self.signed else "u")
        if not numbers:
            return None
        return numbers[0] if self.bits == 0 else self._cut(int(numbers[0]))

    def _cut(self, value: int) -> int:
        if self.bits == 1:
            return int(value != 0)
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if self.signed and value >> (self.bits - 1) else value


FLOAT = Kind(0)
BOOL = Kind(1)
U8, U16, U32, U64 = Kind(8), Kind(16), Kind(32), Kind(64)
I32 = Kind(32, signed=True)
