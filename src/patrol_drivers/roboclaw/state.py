"""Answers of the RoboClaw in SI units: data bytes, whose CRC was right, to values."""

from __future__ import annotations

import struct

from patrol_drivers.errors import ReplyError
from patrol_drivers.motors import Sides
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_drivers.roboclaw.values import BACKWARDS, STATUS_BITS, StatusBit


def pair_of_counts(data: bytes) -> tuple[int, int]:
    """M1 and M2 of command 78: unsigned counters that wrap."""
    first, second = _unpacked(">II", data)
    return first, second


def speed_qpps(data: bytes) -> int:
    """Signed counts a second of command 18 or 19.

    The manual (p. 87) gives value and direction, and does not say whether the value is signed
    already: a positive value that goes backwards is negated, a negative one is taken as it is.
    """
    value, status = _unpacked(">iB", data)
    return -value if value > 0 and status & BACKWARDS else value


def volts(data: bytes) -> float:
    """Commands 24 and 25: tenths of a volt (p. 68)."""
    return _unpacked(">H", data)[0] / 10.0


def amperes(data: bytes) -> tuple[float, float]:
    """M1 and M2 of command 49: signed hundredths of an ampere (p. 69)."""
    first, second = _unpacked(">hh", data)
    return first / 100.0, second / 100.0


def celsius(data: bytes) -> float:
    """Commands 82 and 83: signed tenths of a degree (p. 72)."""
    return _unpacked(">h", data)[0] / 10.0


def watchdog_steps(data: bytes) -> int:
    """Command 15: steps of 0.1 s; 0 is off."""
    return _unpacked(">B", data)[0]


def version(data: bytes) -> str:
    """Command 21: product and firmware, without line feed and null (p. 68)."""
    return data.rstrip(b"\x00\n\r ").decode("ascii", "replace")


def status_bits(data: bytes) -> tuple[StatusBit, ...]:
    """The set bits of command 90 that the manual names; two or four bytes of data."""
    table = STATUS_BITS.get(len(data))
    if table is None:
        raise ReplyError(
            f"a status of {len(data)} bytes",
            expected="2 or 4 bytes",
            remedy="report the firmware version",
        )
    value = int.from_bytes(data, "big")
    return tuple(bit for bit in table if value & bit.mask)


def faults(data: bytes) -> tuple[str, ...]:
    """What command 90 says is wrong, in words; also bits that the manual does not name."""
    bits = status_bits(data)
    unknown = int.from_bytes(data, "big") & ~sum(bit.mask for bit in STATUS_BITS[len(data)])
    words = [bit.words for bit in bits if bit.kind is not None]
    if unknown:
        words.append(f"status bits 0x{unknown:X}, which the manual does not name")
    return tuple(words)


def wheels_from_motors(first: float, second: float, params: RoboClawParams) -> Sides:
    """Numbers of M1 and M2 for the left and right wheel, with forward positive."""
    left, right = (second, first) if params.motors_swapped else (first, second)
    return Sides(
        -left if params.left_reversed else left, -right if params.right_reversed else right
    )


def _unpacked(form: str, data: bytes) -> tuple[int, ...]:
    try:
        return struct.unpack(form, data)
    except struct.error as error:
        raise ReplyError(
            f"an answer of {len(data)} bytes",
            expected=f"{struct.calcsize(form)} bytes",
            remedy="report the firmware version",
        ) from error
