"""Answers of the ODrive in SI units: text, whose checksum and form were right, to values."""

from __future__ import annotations

import math

from patrol_drivers.errors import ReplyError
from patrol_drivers.motors import Sides
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.odrive.values import (
    AXIS_ERRORS,
    CONTROLLER_ERRORS,
    CUT_OFF,
    ENCODER_ERRORS,
    FIRST_OTHER_FIRMWARE,
    MOTOR_ERRORS,
    OLDEST_FIRMWARE,
    SYSTEM_ERRORS,
    ErrorBit,
)

MICRO = 1_000_000
"""Answers have six decimals (`%f` in `cmd_get_feedback`)."""

MOST_TURNS = 1e12
"""No wheel goes that far: a number beyond it is none, and none has to be counted."""


def feedback_turns(answer: str) -> tuple[int, float]:
    """Position in millionths of a turn, and velocity in turns a second.

    The firmware holds positions as 32-bit floats: they become coarse after some thousand turns.
    """
    position, velocity = (float(word) for word in answer.split())
    if abs(position) > MOST_TURNS or abs(velocity) > MOST_TURNS:
        raise ReplyError(
            f"a motor at {position} turns with {velocity} turns a second",
            expected=f"at most {MOST_TURNS:.0e}",
            remedy="check the encoder",
        )
    return round(position * MICRO), velocity


def number(answer: str) -> float | None:
    """A property with decimals; None: no number, or not known to the firmware."""
    try:
        value = float(answer)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def version(firmware: tuple[int, ...], hardware: tuple[int, ...]) -> str:
    """Name and version of the controller. Raises ReplyError for firmware of another protocol."""
    told = ".".join(map(str, firmware))
    if not OLDEST_FIRMWARE <= firmware < FIRST_OTHER_FIRMWARE:
        oldest = ".".join(map(str, OLDEST_FIRMWARE))
        raise ReplyError(
            f"the ODrive has firmware {told}, whose properties or units are others",
            expected=f"firmware {oldest} or a newer 0.5",
            remedy="`odrivetool dfu` updates it; then configure and calibrate it anew",
        )
    major, minor, volts = hardware
    return f"ODrive v{major}.{minor}-{volts}V firmware {told}"


def system_faults(error: str) -> tuple[ErrorBit, ...]:
    """What `error`, of the whole controller, says."""
    return _bits(error, SYSTEM_ERRORS, "")


def axis_faults(
    axis: int, error: str, motor: str, encoder: str, controller: str
) -> tuple[ErrorBit, ...]:
    """What the four errors of an axis say."""
    where = f"axis {axis}: "
    return (
        *_bits(error, AXIS_ERRORS, where),
        *motor_faults(motor, where),
        *_bits(encoder, ENCODER_ERRORS, where),
        *_bits(controller, CONTROLLER_ERRORS, where),
    )


def motor_faults(error: str, where: str) -> tuple[ErrorBit, ...]:
    """What `motor.error` says. It has 36 bits, and the firmware tells nine digits at most."""
    if len(error) < CUT_OFF:
        return _bits(error, MOTOR_ERRORS, where)
    return (ErrorBit(0, f"{where}motor error {error}, perhaps cut off: `dump_errors` tells all"),)


def wheels_from_motors(first: float, second: float, params: ODriveParams) -> Sides:
    """Numbers of axis 0 and 1 for the left and right wheel, with forward positive."""
    left, right = (second, first) if params.motors_swapped else (first, second)
    return Sides(
        -left if params.left_reversed else left, -right if params.right_reversed else right
    )


def _bits(error: str, table: tuple[ErrorBit, ...], where: str) -> tuple[ErrorBit, ...]:
    value = int(error)
    found = [
        ErrorBit(bit.mask, where + bit.words, bit.kind, bit.passes)
        for bit in table
        if value & bit.mask
    ]
    unknown = value & ~sum(bit.mask for bit in table)
    if unknown:
        words = f"{where}error bits 0x{unknown:X}, which the interface does not name"
        found.append(ErrorBit(unknown, words))
    return tuple(found)
