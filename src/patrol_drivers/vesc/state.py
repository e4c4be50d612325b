"""Answers of the VESC in SI units: payloads, whose CRC was right, to values."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from patrol_drivers.errors import ReplyError
from patrol_drivers.motors import EventKind, MotorEvent, Sides
from patrol_drivers.vesc.params import VescParams
from patrol_drivers.vesc.values import (
    APPCONF_LAYOUT,
    APPCONF_SIGNATURES,
    FAULTS,
    KILLED,
    NAMES,
    TIMED_OUT,
    VALUES_LAYOUT,
    Fault,
)


@dataclass(frozen=True, slots=True)
class Values:
    """How one VESC is. `current_a` is the motor's, averaged since the last question, positive
    when it drives and negative when it brakes. `timed_out` and `killed` are None before 5.03.

    `tachometer_abs` only ever grows, until the controller starts again at 0."""

    temperature_c: float
    current_a: float
    erpm: int
    battery_v: float
    tachometer: int
    tachometer_abs: int
    fault: Fault | None
    timed_out: bool | None
    killed: bool | None


@dataclass(frozen=True, slots=True)
class Guard:
    """The watchdog of one VESC, timeout_msec and timeout_brake_current; 0 s is off."""

    timeout_s: float
    brake_a: float


def values(payload: bytes) -> Values:
    """Of COMM_GET_VALUES_SELECTIVE with VALUES_MASK (comm/commands.c)."""
    size = struct.calcsize(VALUES_LAYOUT)
    head, status = payload[5 : 5 + size], payload[5 + size :]
    temperature, current, erpm, voltage, steps, steps_abs, code, _ = _unpacked(VALUES_LAYOUT, head)
    return Values(
        temperature / 10.0,
        current / 100.0,
        int(erpm),
        voltage / 10.0,
        int(steps),
        int(steps_abs),
        fault(int(code)),
        bool(status[0] & TIMED_OUT) if status else None,
        bool(status[0] & KILLED) if status else None,
    )


def guard(payload: bytes) -> Guard | None:
    """Of COMM_GET_APPCONF; None: the layout is of a firmware that is not known."""
    size = struct.calcsize(APPCONF_LAYOUT)
    signature, _, timeout_ms, brake_a = _unpacked(APPCONF_LAYOUT, payload[1 : 1 + size])
    if signature not in APPCONF_SIGNATURES:
        return None
    return Guard(timeout_ms / 1000.0, brake_a)


def version(payload: bytes) -> str:
    """Of COMM_FW_VERSION: name of the hardware and version of the firmware."""
    major, minor = _unpacked(">BB", payload[1:3])
    hardware = payload[3:].split(b"\x00")[0].decode("ascii", "replace")
    return f"VESC {hardware}, firmware {major}.{minor:02d}"


def fault(code: int) -> Fault | None:
    """What a fault code means; None: no fault."""
    if code == 0:
        return None
    return FAULTS.get(code, Fault(f"fault code {code}, which has no name here", EventKind.FAULT))


def holding(both: Sequence[Values]) -> tuple[MotorEvent, ...]:
    """What keeps the motors of the two from running; nothing but stops is sent while it lasts."""
    events = []
    for name, one in zip(NAMES, both, strict=True):
        if one.fault is not None:
            events.append(MotorEvent(one.fault.kind, f"{one.fault.words} ({name})"))
        if one.killed:
            events.append(MotorEvent(EventKind.ESTOP, f"kill switch pressed ({name})"))
    return tuple(events)


def wheels_from_motors(first: float, second: float, params: VescParams) -> Sides:
    """Numbers of the first and second VESC for the left and right wheel, forward positive."""
    left, right = (second, first) if params.first_is_right else (first, second)
    return Sides(
        -left if params.left_reversed else left, -right if params.right_reversed else right
    )


def _unpacked(form: str, data: bytes) -> tuple[float, ...]:
    try:
        return struct.unpack(form, data)
    except struct.error as error:
        raise ReplyError(
            f"an answer with {len(data)} bytes of values",
            expected=f"{struct.calcsize(form)} bytes",
            remedy="report the firmware version",
        ) from error
