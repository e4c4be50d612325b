"""Answers of a Roboteq in SI units."""

from __future__ import annotations

from patrol_drivers.motors import EventKind, Sides
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.values import FAULT_FLAGS, RUNTIME_FLAGS, Flag


def fault_flags(value: int) -> tuple[Flag, ...]:
    """What ?FF says is wrong. A bit that the manual does not name is a fault that stops."""
    return _flags(value, FAULT_FLAGS, "fault")


def runtime_flags(motor: int, value: int) -> tuple[Flag, ...]:
    """What ?FM says of motor 1 or 2, with its number in the words."""
    return tuple(
        Flag(flag.mask, f"motor {motor}: {flag.words}", flag.kind, flag.stops)
        for flag in _flags(value, RUNTIME_FLAGS, "runtime")
    )


def volts(tenths: int) -> float:
    """Internal supply or battery of ?V."""
    return tenths / 10.0


def amperes(numbers: tuple[int, ...], params: RoboteqParams) -> Sides:
    """?A for the wheels, with the sign that the controller gives."""
    first, second = (number / 10.0 for number in numbers)
    return Sides(second, first) if params.motors_swapped else Sides(first, second)


def velocities(numbers: tuple[int, ...], params: RoboteqParams) -> Sides | None:
    """?S in rad/s of the wheels; None: a wheel cannot be so fast, so a digit must be wrong."""
    if max(map(abs, numbers)) > params.jump_factor * params.max_rpm:
        return None
    rpm = wheels_from_motors(numbers[0], numbers[1], params)
    return Sides(rpm.left / params.rpm_per_radps, rpm.right / params.rpm_per_radps)


def positions(totals: tuple[int, int], params: RoboteqParams) -> Sides:
    """Counts since the first reading in radians of the wheels."""
    counts = wheels_from_motors(*totals, params)
    return Sides(counts.left / params.counts_per_rad, counts.right / params.counts_per_rad)


def wheels_from_motors(first: float, second: float, params: RoboteqParams) -> Sides:
    """Numbers of motor 1 and 2 for the left and right wheel, with forward positive."""
    left, right = (second, first) if params.motors_swapped else (first, second)
    return Sides(
        -left if params.left_reversed else left, -right if params.right_reversed else right
    )


def _flags(value: int, table: tuple[Flag, ...], name: str) -> tuple[Flag, ...]:
    known = tuple(flag for flag in table if value & flag.mask)
    unknown = value & ~sum(flag.mask for flag in table)
    if not unknown:
        return known
    words = f"{name} bits 0x{unknown:X}, which the manual does not name"
    return (*known, Flag(unknown, words, EventKind.FAULT))
