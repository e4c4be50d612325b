"""The parsers of the motor drivers: right answers to damage, and whether what is taken passes the
protocol's own check, computed by other means than the driver's."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from patrol_drivers.odrive.protocol import Form, Question, feedback, heard, read_any, read_whole
from patrol_drivers.roboclaw import protocol as roboclaw
from patrol_drivers.roboclaw.values import Command as RoboClawCommand
from patrol_drivers.roboteq import protocol as roboteq
from patrol_drivers.roboteq.values import ENCODERS, FAULTS, MOTOR_FLAGS, SPEEDS, VOLTS, WATCHDOG
from patrol_drivers.vesc import protocol as vesc
from patrol_drivers.vesc.values import VALUES_MASK
from patrol_drivers.vesc.values import Command as VescCommand

_CRC = [0] * 256
for _value in range(256):
    _register = _value << 8
    for _ in range(8):
        _register = (_register << 1) ^ (0x1021 if _register & 0x8000 else 0)
    _CRC[_value] = _register & 0xFFFF


def crc_by_table(data: bytes) -> int:
    """CRC-16/XMODEM, by a table of its own."""
    crc = 0
    for byte in data:
        crc = ((crc << 8) & 0xFFFF) ^ _CRC[(crc >> 8) ^ byte]
    return crc


@dataclass(frozen=True, slots=True)
class Taken:
    """What a parser believed, and whether it passes the protocol's check."""

    content: object
    checked: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """One parser. `answer` makes a right answer and its content; `other` bytes of one that is
    never asked for; `chances`: how often a check sum is tried on some bytes, times how likely a
    wrong one is right; None: the check is no sum of bits that are alike likely."""

    name: str
    check: str
    questions: tuple[Any, ...]
    answer: Callable[[Any, np.random.Generator], tuple[bytes, object]]
    other: Callable[[np.random.Generator], bytes]
    take: Callable[[Any, bytes], Taken | None]
    chances: Callable[[Any, bytes], float] | None = None


# RoboClaw: data and CRC of 16 bits over address, command and data


def _roboclaw_answer(request: roboclaw.Request, rng: np.random.Generator) -> tuple[bytes, object]:
    if request.answer is roboclaw.Answer.TEXT:
        data = rng.integers(32, 127, int(rng.integers(1, 40)), dtype=np.uint8).tobytes() + b"\n\0"
    else:
        data = rng.bytes(request.size)
    crc = crc_by_table(bytes((request.address, request.command)) + data)
    return data + crc.to_bytes(2, "big"), data


def _roboclaw_other(rng: np.random.Generator) -> bytes:
    never = roboclaw.reading(0x80, RoboClawCommand.READ_CURRENTS, 4)
    return _roboclaw_answer(never, rng)[0]


def _roboclaw_take(request: roboclaw.Request, received: bytes) -> Taken | None:
    reply = roboclaw.find_reply(request, received)
    if reply is None:
        return None
    start = len(reply.skipped)
    end = start + len(reply.data)
    crc = int.from_bytes(received[end : end + 2], "big")
    head = bytes((request.address, request.command))
    right = received[start:end] == reply.data and crc_by_table(head + reply.data) == crc
    return Taken(reply.data, right)


def _roboclaw_chances(request: roboclaw.Request, received: bytes) -> float:
    """An answer may begin in front of enough bytes, or of a null."""
    if request.answer is roboclaw.Answer.TEXT:
        tries = received.rfind(0, 0, max(len(received) - 2, 0)) + 1
    else:
        tries = max(len(received) - request.size - 1, 0)
    return tries / 65536.0


# Roboteq: no check sum; the echo, then a line of the right form


def _roboteq_answer(request: roboteq.Request, rng: np.random.Generator) -> tuple[bytes, object]:
    query = request.query
    assert query is not None
    low, high = max(query.low, -99_999), min(query.high, 99_999)
    numbers = tuple(int(rng.integers(low, high + 1)) for _ in range(query.most))
    line = query.tag + b":".join(b"%d" % number for number in numbers)
    return request.frame + line + b"\r", numbers


def _roboteq_other(rng: np.random.Generator) -> bytes:
    return b"?BA\rBA=%d:%d\r" % (rng.integers(999), rng.integers(999))


def _roboteq_take(request: roboteq.Request, received: bytes) -> Taken | None:
    reply = roboteq.find_reply(request, received, echoed=True)
    if reply is None or reply.refused:
        return None
    assert request.query is not None
    told = b":".join(b"-?0*%d" % abs(number) for number in reply.numbers)
    tag = re.escape(request.frame) + b"\r*" + re.escape(request.query.tag)
    found = re.search(b"(?:^|\r)" + tag + told + b"\r", received)
    return Taken(reply.numbers, found is not None)


# ODrive: an XOR of 8 bits for each line


def _xor(text: bytes) -> int:
    value = 0
    for byte in text:
        value = (value | byte) & ~(value & byte)
    return value


def _odrive_answer(
    questions: tuple[Question, ...], rng: np.random.Generator
) -> tuple[bytes, object]:
    answers = []
    for question in questions:
        if question.form is Form.WHOLE:
            answers.append(str(rng.integers(1000)))
        elif question.form is Form.FEEDBACK:
            answers.append(f"{rng.uniform(-99, 99):.6f} {rng.uniform(-9, 9):.6f}")
        else:
            answers.append(f"{rng.uniform(0, 60):.6f}")
    lines = (f"{text}*{_xor(text.encode())}\r\n".encode() for text in answers)
    return b"".join(lines), tuple(answers)


def _odrive_other(rng: np.random.Generator) -> bytes:
    text = b"unknown command %d" % rng.integers(9)
    return b"%s*%d\r\n" % (text, _xor(text))


def _odrive_take(questions: tuple[Question, ...], received: bytes) -> Taken | None:
    came = heard(received, frozenset(question.line for question in questions))
    if not came.fits(questions):
        return None
    lines = [line.removesuffix(b"\r") for line in received.split(b"\n")]
    sums = [f"{answer}*".encode() for answer in came.answers]
    right = all(
        any(line.startswith(one) and _is(line[len(one) :], _xor(one[:-1])) for line in lines)
        for one in sums
    )
    return Taken(came.answers, right)


def _is(text: bytes, number: int) -> bool:
    return text.isdigit() and int(text) == number


# VESC: length, payload, CRC of 16 bits, end


def _vesc_payload(request: vesc.Request, rng: np.random.Generator) -> bytes:
    size = {VescCommand.FW_VERSION: 30, VescCommand.GET_APPCONF: 278}.get(request.command, 28)
    payload = bytearray(bytes((request.command,)) + rng.bytes(size - 1))
    if request.command is VescCommand.GET_VALUES_SELECTIVE:
        payload[1:5] = request.data
    if request.command in vesc.ID_AT:
        payload[vesc.ID_AT[request.command]] = request.can_id if request.behind_can else 1
    return bytes(payload)


def _framed(payload: bytes) -> bytes:
    size = len(payload)
    head = struct.pack(">BB", 2, size) if size < 256 else struct.pack(">BH", 3, size)
    return head + payload + struct.pack(">HB", crc_by_table(payload), 3)


def _vesc_answer(request: vesc.Request, rng: np.random.Generator) -> tuple[bytes, object]:
    payload = _vesc_payload(request, rng)
    return _framed(payload), payload


def _vesc_other(rng: np.random.Generator) -> bytes:
    return _framed(b"\x04" + rng.bytes(72))


def _vesc_take(request: vesc.Request, received: bytes) -> Taken | None:
    reply = vesc.find_reply(request, received)
    return None if reply is None else Taken(reply.payload, _framed(reply.payload) in received)


def _vesc_chances(_: vesc.Request, received: bytes) -> float:
    """A packet may begin at each 2 or 3 whose length leads to another 3."""
    tries = 0
    for start, byte in enumerate(received):
        width = {2: 1, 3: 2}.get(byte, 0)
        length = int.from_bytes(received[start + 1 : start + 1 + width], "big")
        end = start + 1 + width + length + 2
        tries += width > 0 and end < len(received) and received[end] == 3
    return tries / 65536.0


def _asked_of_vesc(command: VescCommand, behind_can: bool) -> vesc.Request:
    is_values = command is VescCommand.GET_VALUES_SELECTIVE
    data = struct.pack(">I", VALUES_MASK) if is_values else b""
    return vesc.Request(command, data, 2, behind_can)


SUBJECTS = (
    Subject(
        "roboclaw",
        "16 bits of CRC",
        (
            roboclaw.reading(0x80, RoboClawCommand.READ_SERIAL_TIMEOUT, 1),
            roboclaw.reading(0x80, RoboClawCommand.READ_MAIN_BATTERY, 2),
            roboclaw.reading(0x80, RoboClawCommand.READ_SPEED_M1, 5),
            roboclaw.reading(0x80, RoboClawCommand.READ_STATUS, 4),
            roboclaw.reading(0x80, RoboClawCommand.READ_ENCODERS, 8),
            roboclaw.reading_text(0x80, RoboClawCommand.READ_VERSION),
        ),
        _roboclaw_answer,
        _roboclaw_other,
        _roboclaw_take,
        _roboclaw_chances,
    ),
    Subject(
        "roboteq",
        "echo and form, as there is no check sum",
        tuple(map(roboteq.asking, (ENCODERS, SPEEDS, FAULTS, MOTOR_FLAGS, VOLTS, WATCHDOG))),
        _roboteq_answer,
        _roboteq_other,
        _roboteq_take,
    ),
    Subject(
        "odrive",
        "an XOR of 8 bits",
        (
            (feedback(0), read_whole("axis0.current_state"), read_any("vbus_voltage")),
            (read_whole("axis1.current_state"), feedback(1)),
            (read_any("axis0.config.watchdog_timeout"),),
        ),
        _odrive_answer,
        _odrive_other,
        _odrive_take,
    ),
    Subject(
        "vesc",
        "16 bits of CRC",
        tuple(
            _asked_of_vesc(command, behind_can)
            for command, behind_can in (
                (VescCommand.GET_VALUES_SELECTIVE, False),
                (VescCommand.GET_VALUES_SELECTIVE, True),
                (VescCommand.FW_VERSION, False),
                (VescCommand.GET_APPCONF, True),
            )
        ),
        _vesc_answer,
        _vesc_other,
        _vesc_take,
        _vesc_chances,
    ),
)
"""A Sabertooth says nothing, so that its driver has none."""
